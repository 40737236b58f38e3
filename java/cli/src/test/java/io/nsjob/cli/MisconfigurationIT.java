package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people get wrong: each answer is one line that names the field or the stage, and comes soon. */
@Tag("integration")
class MisconfigurationIT {
    /** Far above what is seen (printed at the end): it tells an answer from a wait, not a fast machine from a slow one. */
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Map<Long, String> TIMES = new TreeMap<>();

    @TempDir
    Path dir;

    /** One entry of the fixture. */
    record Case(String name, List<String> args, Map<String, Object> environment, Map<String, Object> files, String says,
        String never, int status) {
        static Case of(Map<String, Object> tree) {
            List<String> args = new ArrayList<>();
            for (Object arg : (List<?>) tree.get("args")) {
                args.add((String) arg);
            }
            return new Case((String) tree.get("name"), args, map(tree, "environment"), map(tree, "files"),
                (String) tree.get("says"), (String) tree.getOrDefault("never", "Exception"),
                Integer.parseInt(tree.getOrDefault("status", 125).toString()));
        }

        private static Map<String, Object> map(Map<String, Object> tree, String field) {
            return tree.containsKey(field) ? Redaction.cast(tree.get(field)) : Map.of();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() throws Exception {
        Path index = CliProcess.fixtures().resolve("misconfigurations/index.json");
        return ((List<?>) JsonTree.parse(Files.readString(index))).stream().map(entry -> Case.of(Redaction.cast(entry)));
    }

    @BeforeEach
    void letEveryJobIn() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isAnsweredInOneClearLine(Case wrong) throws Exception {
        for (Map.Entry<String, Object> file : wrong.files().entrySet()) {
            Files.writeString(dir.resolve(file.getKey()), (String) file.getValue());
        }
        List<String> command = new ArrayList<>(List.of("setsid", CliProcess.cli().toString()));
        wrong.args().forEach(arg -> command.add(
            arg.startsWith("{") && arg.endsWith("}") ? dir.resolve(arg.substring(1, arg.length() - 1)).toString() : arg));
        Map<String, String> environment = new TreeMap<>();
        wrong.environment().forEach((name, value) -> environment.put(name, (String) value));
        long began = System.nanoTime();
        try (CliProcess cli = CliProcess.start(environment, command.toArray(new String[0]))) {
            cli.process().getOutputStream().close();
            CliProcess.Result result = cli.await();
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            synchronized (TIMES) {
                TIMES.put(took.toMillis(), wrong.name());
            }
            result.expect(wrong.status()).expectOneLine("nsjob: ");
            assertTrue(result.errText().contains(wrong.says()), result.errText());
            assertFalse(result.errText().contains(wrong.never()), result.errText());
            assertFalse(result.outText().contains("uid="), "the job ran");
            assertTrue(took.compareTo(SOON) < 0, () -> "took " + took.toMillis() + " ms");
        }
    }

    @Test
    void eachIsAnotherMistake() throws Exception {
        assertEquals(cases().count(), cases().map(Case::name).distinct().count());
        assertTrue(cases().count() >= 40, () -> "too few");
    }

    @AfterAll
    static void tellTheTimes() {
        List<Long> sorted = new ArrayList<>(TIMES.keySet());
        if (!sorted.isEmpty()) {
            System.out.println("misconfigurations: answered within " + sorted.get(sorted.size() / 2) + " ms (median) and "
                + sorted.get(sorted.size() - 1) + " ms (slowest)");
        }
    }
}
