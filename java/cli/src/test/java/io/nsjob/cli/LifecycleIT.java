package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to {@code nsjob}, its violent end, and what is left. */
@Tag("integration")
class LifecycleIT {
    @TempDir
    Path dir;
    private Path ready;

    @BeforeEach
    void letEveryJobIn() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
        ready = dir.resolve("ready");
    }

    /** Both ends of the talk, the file, are the host's: a root of the job's own has them when they are bound. */
    private String[] run(String how, String... rest) {
        List<String> line = new ArrayList<>(List.of("run", how));
        if (how.equals("--profile=isolated")) {
            line.add("--bind=" + dir);
        }
        line.addAll(List.of(rest));
        return line.toArray(new String[0]);
    }

    /** A job that says so in a file when its traps are set. */
    private CliProcess trapping(String how, String traps) throws Exception {
        CliProcess cli = CliProcess.nsjob(run(how, "--", "sh", "-c",
            traps + "; echo yes >\"$1\"; n=0; while [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; exit 96", "sh", ready.toString()));
        CliProcess.awaitFile(ready);
        return cli;
    }

    @ParameterizedTest
    @CsvSource({
        "--profile=isolated,TERM", "--profile=isolated,HUP", "--profile=isolated,INT", "--profile=isolated,USR1",
        "--profile=isolated,USR2", "--profile=isolated,WINCH", "--profile=isolated,CONT", "-Ur,TERM", "-Ur,INT", "-Urp,USR1",
    })
    void signalReachesTheJob(String how, String signal) throws Exception {
        try (CliProcess cli = trapping(how, "trap 'exit 7' " + signal)) {
            cli.signal(signal);
            cli.await().expect(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--profile=isolated", "-Ur", "-Urmp"})
    void terminatedJobIs143(String how) throws Exception {
        try (CliProcess cli = trapping(how, ":")) {
            cli.signal("TERM");
            cli.await().expect(143);
        }
    }

    @Test
    void secondInterruptKills() throws Exception {
        try (CliProcess cli = trapping("--profile=isolated", "trap '' INT TERM")) {
            // Two within a second: where the machine is too busy for that, the next two are.
            do {
                cli.signal("INT");
            } while (!cli.process().waitFor(200, TimeUnit.MILLISECONDS));
            cli.await().expect(130).expectOneLine("nsjob: job ");
        }
    }

    @ParameterizedTest
    @CsvSource({"-Ur,1", "--profile=isolated,1"})
    void keyOfATerminalComesOnce(String how, String times) throws Exception {
        Path count = dir.resolve("count");
        String job = "trap 'echo int >>\"$2\"' INT; echo yes >\"$1\"; n=0; while [ ! -e \"$2\" ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done;"
            + " sleep 0.5; exit 7";
        // script(1) gives nsjob a terminal of its own and types what it reads.
        String nsjob = String.join(" ", "exec", quote(CliProcess.cli()), String.join(" ", run(how)), "--", "sh", "-c", quote(job), "sh", quote(ready), quote(count));
        try (CliProcess cli = CliProcess.start(Map.of(), "script", "-qec", nsjob, "/dev/null")) {
            CliProcess.awaitFile(ready);
            cli.process().getOutputStream().write(3);
            cli.process().getOutputStream().flush();
            cli.await().expect(7);
        }
        assertEquals("int\n".repeat(Integer.parseInt(times)), Files.readString(count));
    }

    private static String quote(Object word) {
        return "'" + word.toString().replace("'", "'\\''") + "'";
    }

    @ParameterizedTest
    @ValueSource(strings = {"--profile=isolated", "-Urmp", "-Ur"})
    void killedCommandLineLeavesNothing(String how) throws Exception {
        String marker = "marker-" + UUID.randomUUID();
        // Orphans have no argument of ours: the name of their program marks them.
        Path storm = Files.copy(CliProcess.testJob("orphan-storm"), dir.resolve(marker), StandardCopyOption.COPY_ATTRIBUTES);
        String script = "\"$1\" 20 sleep >\"$2\"";
        try (CliProcess cli = CliProcess.nsjob(run(how, "--", "sh", "-c", script, "sh", storm.toString(), ready.toString()))) {
            CliProcess.awaitFile(ready);
            assertTrue(CliProcess.processesWith(marker) > 20, "the job is not to be seen");
            cli.signal("KILL");
            cli.await().expect(137);
            CliProcess.awaitTrue(() -> CliProcess.processesWith(marker) == 0, "processes of the job are left");
        }
    }

    @Test
    void gcRemovesWhatAKilledRunLeft() throws Exception {
        // Whoever begins a job sweeps as well, and may be there before us: not each time.
        for (int tries = 1;; tries++) {
            String pid = killed();
            String removed = CliProcess.run("gc").expect(0).outText();
            String again = CliProcess.run("gc").expect(0).outText();
            assertFalse(again.contains("/" + pid + "-"), again);
            if (removed.lines().anyMatch(line -> line.startsWith("removed ") && line.contains("/" + pid + "-"))) {
                return;
            }
            assertTrue(tries < 10, removed);
        }
    }

    private String killed() throws Exception {
        Files.deleteIfExists(ready);
        try (CliProcess cli = trapping("--profile=isolated", ":")) {
            cli.signal("KILL");
            cli.await();
            return Long.toString(cli.process().pid());
        }
    }

    @Test
    void everySpecFixtureIsJudged() throws Exception {
        Path specs = CliProcess.fixtures().resolve("specs");
        Map<String, Object> valid = Redaction.cast(JsonTree.parse(Files.readString(specs.resolve("valid/index.json"))));
        assertTrue(valid.size() > 10, valid.toString());
        String judged = validate(specs.resolve("valid"), valid).expect(0).outText();
        for (String file : valid.keySet()) {
            assertTrue(judged.contains("/" + file + ": valid\n"), file);
        }
        Map<String, Object> invalid = Redaction.cast(JsonTree.parse(Files.readString(specs.resolve("invalid/index.json"))));
        assertTrue(invalid.size() > 10, invalid.toString());
        var result = validate(specs.resolve("invalid"), invalid).expect(125);
        for (Map.Entry<String, Object> file : invalid.entrySet()) {
            // A command may come from the command line; that a run without any is refused is tested elsewhere.
            boolean open = result.outText().contains("/" + file.getKey() + ": valid, with the command left to the command line\n");
            assertTrue(open ? file.getValue().equals("$.command") : named(result.errText(), file.getKey(), (String) file.getValue()),
                file + " in " + result.errText());
        }
    }

    private static boolean named(String errors, String file, String field) {
        return errors.lines().anyMatch(line -> line.contains("/" + file + ": ") && (field.equals("$") || line.contains(field)));
    }

    private static CliProcess.Result validate(Path dir, Map<String, Object> index) throws Exception {
        List<String> args = new ArrayList<>(List.of("spec", "validate"));
        index.keySet().forEach(file -> args.add(dir.resolve(file).toString()));
        return CliProcess.run(args.toArray(new String[0]));
    }
}
