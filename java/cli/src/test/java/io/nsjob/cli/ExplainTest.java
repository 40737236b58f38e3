package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.JobSpec;
import io.nsjob.cli.explain.Equivalent;
import io.nsjob.cli.explain.Explanation;
import io.nsjob.cli.explain.Reading;
import io.nsjob.cli.explain.Work;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job is made of, and what lines of other tools are, as texts: test-fixtures/explain has them whole. */
class ExplainTest {
    private static final Path FIXTURES = CliProcess.fixtures().resolve("explain");

    /** What one run in this process printed. */
    private record Said(int status, String out, String err) {}

    private static Said nsjob(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = new Cli(new Console(new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true,
            StandardCharsets.UTF_8),
            Style.PLAIN, Style.PLAIN)).run(args);
        return new Said(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static List<Map<String, Object>> list(String file) throws Exception {
        List<Map<String, Object>> entries = new ArrayList<>();
        ((List<?>) JsonTree.parse(Files.readString(FIXTURES.resolve(file)))).forEach(entry -> entries.add(Redaction.cast(entry)));
        return entries;
    }

    static Stream<Map<String, Object>> lines() throws Exception {
        return list("lines.json").stream();
    }

    /** A line of another tool, the line that it is here, and what is said about it; both ways for root and for a user. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("lines")
    void linesOfOtherToolsAreRead(Map<String, Object> entry) throws Exception {
        List<String> args = ((List<?>) entry.get("args")).stream().map(String::valueOf).toList();
        Reading reading = Reading.of(args.get(0), args.subList(1, args.size()), Boolean.TRUE.equals(entry.get("root")));
        Map<String, Object> tree = reading.tree(Map.of());
        assertEquals(entry.get("line"), tree.get("line"));
        assertEquals(entry.get("notes"), tree.get("notes"));
        if (entry.containsKey("spec")) {
            assertEquals(JsonTree.compact(entry.get("spec")), JsonTree.compact(reading.spec()));
        }
        // And nsjob itself takes it.
        Map<String, Object> base = reading.spec().isEmpty() ? null : reading.spec();
        JobSpec.fromJson(JsonTree.compact(SpecAssembler.assemble(RunLine.parse(reading.words().toArray(new String[0])), base,
            new IdMapOptions.Caller(1000, 1000), "/bin/sh")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bare-root", "isolated-user", "joins", "time-and-chroot"})
    void jobsAreExplained(String name) throws Exception {
        Map<String, Object> entry = Redaction.cast(JsonTree.parse(Files.readString(FIXTURES.resolve(name + ".json"))));
        Work work = new Work(JobSpec.fromJson(JsonTree.compact(entry.get("spec"))), Redaction.cast(entry.get("plan")),
            Boolean.TRUE.equals(entry.get("root")));
        Explanation explanation = new Explanation(work);
        golden(name + ".txt", explanation.text(Style.PLAIN, 80));
        assertEquals(explanation.text(Style.PLAIN, 80), explanation.text(Style.COLOUR, 80).replaceAll("\u001b\\[[0-9;]*m", ""));
        Equivalent oci = explanation.equivalent("oci");
        if (oci.exists()) {
            golden(name + ".oci.json", JsonTree.pretty(oci.document()) + "\n");
        }
    }

    private static void golden(String file, String text) throws Exception {
        if (System.getProperty("nsjob.golden") != null) {
            Files.writeString(FIXTURES.resolve(file), text);
        }
        assertEquals(Files.readString(FIXTURES.resolve(file)), text, "-Dnsjob.golden=1 writes it anew");
    }

    /** What unshare(1) can say comes back as it went. */
    @ParameterizedTest
    @ValueSource(strings = {"-m -- true", "-Ur -- true", "-Urmpun -- ps -ef", "-Urmp --no-proc -- true",
        "-UrT --boottime 30d --monotonic -1h -- true",
        "-U --map-users 0:1000:1 --map-groups 0:1000:1 -- true", "-Urm --propagation slave -w /usr -- true", "-UrR /usr -- true",
        "-UC --map-auto -i -- sh -c 'echo a b'", "-Ur --setgroups deny --setuid 0 --setgid 0 -- true"})
    void unshareAndBack(String line) throws Exception {
        JobSpec spec = RunCommand.spec(RunLine.parse(split(line)));
        Map<String, Object> plan = Map.of("namespaces", Map.of(), "process", Map.of(), "mounts",
            spec.freshProc().orElse(line.contains("p")) && line.matches("-U?r?mpu?n?.*")
            ? List.of(Map.of("op", "proc", "target", "/proc")) : List.of());
        List<String> words = new Explanation(new Work(spec, plan, false)).equivalent("unshare").words();
        Reading back = Reading.of("unshare", words.subList(1, words.size()), false);
        JobSpec again = RunCommand.spec(RunLine.parse(back.words().toArray(new String[0])));
        JobSpec wanted = spec.freshProc().isEmpty() && words.contains("--mount-proc") ? spec.toBuilder().freshProc(true).build()
            : spec;
        assertEquals(wanted, again, () -> String.join(" ", words));
    }

    private static String[] split(String line) {
        List<String> words = new ArrayList<>();
        java.util.regex.Matcher word = java.util.regex.Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
        while (word.find()) {
            words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        return words.toArray(new String[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unshare -Q true|unknown option -Q",
        "unshare --frok true|unknown option --frok; did you mean --fork?",
        "unshare --map-user|--map-user needs a value", "unshare --fork=x|--fork takes no value",
            "nsenter -n true|needs a file, or a process",
        "nsenter true|no namespace is named", "nsenter -t x -n true|'x' is not a pid", "ip netns add x|netns add runs no command",
        "ip link|only 'ip netns exec", "ip -4 link|unknown option -4", "bwrap --unshare-al id|did you mean --unshare-all?",
        "bwrap --bind /x|--bind needs 2 words", "bwrap --unshare-all|no command given",
        "rum id|there is no rum; did you mean run?",
        "--as x run id|--as: 'x' is not one of unshare", "--as nsenter run id|there is no such nsenter: nothing is entered",
        "--jsn run id|unknown option --jsn; did you mean --json?", "/no/such.json|/no/such.json"})
    void mistakesAreOneLine(String both) {
        String[] halves = both.split("\\|");
        Said said = nsjob(("explain " + halves[0]).split(" "));
        assertEquals(ExitStatus.FAILED, said.status());
        assertTrue(said.err().startsWith("nsjob: ") && said.err().contains(halves[1]), said.err());
        assertEquals(1, said.err().lines().count(), said.err());
        assertEquals("", said.out());
    }

    @Test
    void valuesOfVariablesAreNotShown(@TempDir Path directory) throws Exception {
        String secret = "tell-nobody";
        List<String[]> runs = new ArrayList<>();
        for (String[] before : List.of(new String[] {}, new String[] {"--json"}, new String[] {"--as", "bwrap"},
            new String[] {"--as", "oci"})) {
            List<String> args = new ArrayList<>(List.of("explain"));
            args.addAll(List.of(before));
            args.addAll(List.of("run", "-m", "-p", "--env", "SECRET=" + secret, "--env", "PATH=/" + secret, "--", "id"));
            runs.add(args.toArray(new String[0]));
        }
        runs.add(new String[] {"explain", "bwrap", "--setenv", "SECRET", secret, "id"});
        Path oci = Files.writeString(directory.resolve("config.json"),
            "{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"id\"],\"cwd\":\"/\","
            + "\"env\":[\"SECRET=" + secret
            + "\"]},\"root\":{\"path\":\"/\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}");
        runs.add(new String[] {"explain", oci.toString()});
        for (String[] run : runs) {
            Said said = nsjob(run);
            assertEquals(0, said.status(), said.err());
            assertFalse((said.out() + said.err()).contains(secret), String.join(" ", run) + said.out());
            assertTrue(said.out().contains(run[1].equals("run") ? "execve" : "SECRET") || run.length > 2 && said.err()
                .contains("SECRET")
                || said.out().contains("stages"), () -> String.join(" ", run) + said.out() + said.err());
        }
    }

    /** A bundle of a container engine's: what has a place in a job spec is in it, and the rest is told. */
    @Test
    void bundlesAreRead() throws Exception {
        Reading reading = Reading.ofOci(Redaction.cast(JsonTree.parse(Files.readString(FIXTURES.resolve("bundle.json")))));
        JobSpec spec = JobSpec.fromJson(JsonTree.compact(reading.spec()));
        golden("bundle.spec.json", JsonTree.pretty(reading.tree(Redaction.cast(JsonTree.parse(spec.toJson())))) + "\n");
    }

    @Test
    void wordsAreQuotedForAShell() throws Exception {
        Said said = nsjob("explain", "unshare", "-m", "--", "sh", "-c", "echo \"it's $HOME\"; true", "", "a b");
        assertTrue(said.out().contains("$ nsjob run -m -- sh -c 'echo \"it'\\''s $HOME\"; true' '' 'a b'\n"), said.out());
    }
}
