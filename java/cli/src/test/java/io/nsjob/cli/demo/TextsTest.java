package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TextsTest {
    @Test
    void theLanguageIsThatOfTheLocale() {
        assertEquals("ko", Texts.language(Map.of("LANG", "ko_KR.UTF-8")));
        assertEquals("en", Texts.language(Map.of("LANG", "kok_IN")));
        assertEquals("en", Texts.language(Map.of("LANG", "ko_KR.UTF-8", "LC_ALL", "C")));
        assertEquals("ko", Texts.language(Map.of("LANG", "C", "LC_MESSAGES", "ko_KR")));
        assertEquals("ko", Texts.language(Map.of("NSJOB_LC_ALL", "=ko_KR", "LC_ALL", "C.UTF-8")), "before the launcher set its own");
        assertEquals("ko", Texts.language(Map.of("NSJOB_LC_ALL", "-", "LC_ALL", "C.UTF-8", "LANG", "ko")));
        assertEquals("en", Texts.language(Map.of()));
    }

    @Test
    void aFilesOwnTextsAreInOneOrTwoLanguages() {
        Demo demo = DemoReader.read("{\"demo\": 1, \"name\": \"uts\", \"title\": {\"en\": \"mine\", \"ko\": \"내 것\"}, \"about\": \"all\","
            + "\"steps\": [{\"id\": \"before\", \"run\": \"true\"}]}");
        assertEquals("내 것", new Texts("ko").of(demo, "title").orElseThrow());
        assertEquals("mine", new Texts("en").of(demo, "title").orElseThrow());
        assertEquals("all", new Texts("ko").of(demo, "about").orElseThrow());
        assertTrue(new Texts("en").of(demo, "before.say").isEmpty(), "another demo's narration is not its own");
    }
}
