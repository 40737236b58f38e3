package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Fixtures;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TextsTest {
    private static Properties bundle(String name) throws Exception {
        Properties properties = new Properties();
        try (InputStream in = Texts.class.getResourceAsStream(name + ".properties")) {
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        }
        return properties;
    }

    @Test
    void bothLanguagesSayTheSameThings() throws Exception {
        for (String name : List.of("Words", "Narration")) {
            Properties english = bundle(name);
            Properties korean = bundle(name + "_ko");
            assertEquals(new TreeSet<>(english.keySet()), new TreeSet<>(korean.keySet()), name);
            for (String key : english.stringPropertyNames()) {
                assertFalse(english.getProperty(key).isBlank() || korean.getProperty(key).isBlank(), key);
                assertEquals(placeholders(english.getProperty(key)), placeholders(korean.getProperty(key)), key);
                assertTrue(korean.getProperty(key).codePoints().anyMatch(c -> c >= 0xAC00 && c <= 0xD7A3), key + " is not in Korean");
            }
        }
    }

    private static Set<String> placeholders(String text) {
        Set<String> found = new TreeSet<>();
        var matcher = java.util.regex.Pattern.compile("\\{[^}]*}").matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    /** All that a demo can say is said, and nothing is left of demos and steps that were. */
    @Test
    void everyStepOfEveryDemoHasItsTexts() throws Exception {
        Set<String> needed = new TreeSet<>();
        Set<String> possible = new TreeSet<>();
        for (String name : Library.NAMES) {
            Demo demo = DemoReader.read(Fixtures.text(Fixtures.directory("demos").resolve(name + ".json")));
            needed.add(name + ".title");
            needed.add(name + ".about");
            for (Demo.Step step : demo.steps()) {
                needed.add(name + "." + step.id() + ".say");
                possible.add(name + "." + step.id() + ".look");
                int checks = step.checks().size();
                for (int i = 1; i <= checks; i++) {
                    needed.add(name + "." + step.id() + ".claim" + (checks == 1 ? "" : "." + i));
                }
            }
        }
        Set<String> there = new TreeSet<>(bundle("Narration").stringPropertyNames());
        List<String> missing = new ArrayList<>(needed);
        missing.removeAll(there);
        assertEquals(List.of(), missing, "missing");
        there.removeAll(needed);
        there.removeAll(possible);
        assertEquals(Set.of(), there, "said by nobody");
    }

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
