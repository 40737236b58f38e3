package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The demos that come with the program, and what is told with them in each language. */
class NarrationTest {
    private static final List<String> LANGUAGES = List.of("", "_ko");

    private static Path fixtures() {
        String property = System.getProperty("nsjob.fixtures");
        return (property != null ? Path.of(property) : Path.of("../../test-fixtures")).resolve("demos");
    }

    private static Properties bundle(String name) throws IOException {
        Properties properties = new Properties();
        try (Reader in = new InputStreamReader(NarrationTest.class.getResourceAsStream("/io/nsjob/cli/demo/" + name + ".properties"),
                StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        return properties;
    }

    private static List<Demo> demos() throws Exception {
        List<Demo> demos = new ArrayList<>();
        for (String name : Library.NAMES) {
            demos.add(Library.find(name));
        }
        return demos;
    }

    /** Every key that the demos ask for; {@code look} only where there is one in English. */
    private static Set<String> keys(Properties english) throws Exception {
        Set<String> keys = new TreeSet<>();
        for (Demo demo : demos()) {
            keys.addAll(Set.of(demo.name() + ".title", demo.name() + ".about"));
            for (Demo.Step step : demo.steps()) {
                String prefix = demo.name() + "." + step.id();
                keys.add(prefix + ".say");
                if (english.containsKey(prefix + ".look")) {
                    keys.add(prefix + ".look");
                }
                int checks = step.checks().size();
                for (int i = 1; i <= checks; i++) {
                    keys.add(prefix + ".claim" + (checks == 1 ? "" : "." + i));
                }
            }
        }
        return keys;
    }

    @Test
    void everyDemoCanBeReadAndIsListed() throws Exception {
        Set<String> files;
        try (Stream<Path> all = Files.list(fixtures())) {
            files = all.map(file -> file.getFileName().toString().replace(".json", "")).collect(Collectors.toCollection(TreeSet::new));
        }
        assertEquals(files, new TreeSet<>(Library.NAMES));
        assertEquals(Library.NAMES, demos().stream().map(Demo::name).toList());
        for (Demo demo : demos()) {
            assertTrue(demo.texts().isEmpty(), demo.name());
            assertTrue(demo.steps().stream().anyMatch(step -> step.session().equals(Demo.HOST)), demo.name());
            assertTrue(!demo.proven().isEmpty(), demo.name());
        }
    }

    @Test
    void bothLanguagesSayEverythingAndNothingElse() throws Exception {
        Set<String> keys = keys(bundle("Narration"));
        for (String language : LANGUAGES) {
            assertEquals(keys, new TreeSet<>(bundle("Narration" + language).stringPropertyNames()), language);
        }
        assertEquals(new TreeSet<>(bundle("Words").stringPropertyNames()), new TreeSet<>(bundle("Words_ko").stringPropertyNames()));
    }

    @Test
    void bothLanguagesNameTheSameValues() throws Exception {
        for (String name : List.of("Narration", "Words")) {
            Properties english = bundle(name);
            Properties korean = bundle(name + "_ko");
            for (String key : english.stringPropertyNames()) {
                assertEquals(values(english.getProperty(key)), values(korean.getProperty(key)), key);
            }
        }
    }

    /** The variables in a text. */
    private static Set<String> values(String text) {
        Set<String> values = new TreeSet<>(Template.variables(text));
        for (int i = 0; i < 4; i++) {
            if (text.contains("{" + i + "}")) {
                values.add("" + i);
            }
        }
        return values;
    }

    @Test
    void textsAreShortAndInTheirLanguage() throws Exception {
        for (String language : LANGUAGES) {
            Properties bundle = bundle("Narration" + language);
            for (String key : bundle.stringPropertyNames()) {
                String text = bundle.getProperty(key);
                assertEquals(text.strip(), text, key);
                assertTrue(!text.isEmpty() && text.length() <= 320, key + ": " + text.length());
                boolean korean = text.codePoints().anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HANGUL);
                assertTrue(korean == language.equals("_ko") || key.equals("calls.title"), key + language);
                boolean sentence = key.endsWith(".say") || key.endsWith(".look") || key.endsWith(".about");
                boolean ended = text.matches("(?s).*[^/.][.?:]") || sentence && text.endsWith("}");
                assertEquals(sentence, ended, key + language);
            }
        }
    }
}
