package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code nsjob run} from outside: statuses, reports, text and streams. */
@Tag("integration")
class RunIT {
    @TempDir
    Path dir;

    @BeforeEach
    void letEveryJobIn() throws Exception {
        // A root caller's job has an unprivileged id of its own.
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static Map<String, Object> object(Object parent, String field) {
        return Redaction.cast(Redaction.cast(parent).get(field));
    }

    private static Map<String, Object> json(String text) throws Exception {
        return Redaction.cast(JsonTree.parse(text));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 42, 123, 124, 125, 126, 127, 128, 137, 255})
    void exitCodePassesThroughAndTheReportTellsItFromOurs(int code) throws Exception {
        Path report = dir.resolve("report.json");
        CliProcess.run("run", CliProcess.bindTestJobs(), "--report", report.toString(), "--", CliProcess.testJob("exit-n").toString(), "" + code).expect(code);
        Map<String, Object> outcome = object(json(Files.readString(report)), "outcome");
        assertEquals("exited", outcome.get("kind"));
        assertEquals(Integer.toString(code), outcome.get("exitCode").toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 9, 11, 13, 15, 31})
    void signalIs128More(int signal) throws Exception {
        var result = CliProcess.run("run", CliProcess.bindTestJobs(), "--report", "-", "--", CliProcess.testJob("raise-n").toString(), "" + signal);
        Map<String, Object> outcome = object(json(result.expect(128 + signal).outText()), "outcome");
        assertEquals("signaled", outcome.get("kind"));
        assertEquals(Integer.toString(signal), outcome.get("signal").toString());
    }

    @Test
    void timeoutIs124WithOneLine() throws Exception {
        var result = CliProcess.run("run", "--timeout", "300ms", "--report", "-", "--", "sleep", "30");
        result.expect(124).expectOneLine("nsjob: job ");
        assertEquals("timed-out", object(json(result.outText()), "outcome").get("kind"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--profile=isolated", "-Ur", "-Urmp"})
    void commandThatIsNotThereIs127(String how) throws Exception {
        // A PATH with a directory that the job may not search would make it "permission denied", as execvp(3) has it.
        CliProcess.run("run", how, "--env", "PATH=/usr/bin:/bin", "--", "no-such-program").expect(127).expectOneLine("nsjob: exec: ");
        CliProcess.run("run", how, "--", "/no/such/program").expect(127).expectOneLine("nsjob: exec: ");
    }

    @Test
    void commandThatCannotBeExecutedIs126() throws Exception {
        Path notExecutable = Files.writeString(dir.resolve("plain"), "hello");
        CliProcess.run("run", "--ro-bind=" + dir, "--", notExecutable.toString()).expect(126).expectOneLine("nsjob: exec: ");
        CliProcess.run("run", "--", "/").expect(126).expectOneLine("nsjob: exec: ");
    }

    @Test
    void failedSetUpIs125AndReported() throws Exception {
        var result = CliProcess.run("run", "--report", "-", "--cwd", "/no/such/directory", "--", "id");
        result.expect(125).expectOneLine("nsjob: cwd: ");
        Map<String, Object> error = object(json(result.outText()), "error");
        assertEquals("cwd", error.get("stage"));
        assertEquals("2", error.get("errno").toString());
    }

    @Test
    void badOptionIsOneLineAnd125() throws Exception {
        CliProcess.run("run", "--hostnme", "x", "--", "id").expect(125).expectOneLine("nsjob: run: unknown option --hostnme; did you mean --hostname?");
        CliProcess.run("run", "--profile", "isolated", "--umask", "9", "--", "id").expect(125).expectOneLine("nsjob: run: --umask");
        CliProcess.run("run", "-n", "--hostname", "x", "--", "id").expect(125).expectOneLine("nsjob: spec: ");
    }

    @Test
    void reportThatCannotBeWrittenIs125BeforeTheJobRuns() throws Exception {
        Path touched = dir.resolve("touched");
        var result = CliProcess.run("run", "--report", "/no/such/directory/r.json", "-Ur", "--", "touch", touched.toString());
        result.expect(125).expectOneLine("nsjob: report: cannot write /no/such/directory");
        assertFalse(Files.exists(touched));
    }

    @Test
    void reportThatCannotBeWrittenAfterwardsIs125AndTheResultIsTold() throws Exception {
        var result = CliProcess.run("run", "--report", "/dev/full", "--", "sh", "-c", "exit 7");
        result.expect(125).expectOneLine("nsjob: report: cannot write ");
        assertTrue(result.errText().contains("exited with code 7"), result.errText());
    }

    @Test
    void reportOnStandardOutputComesAfterTheJobs() throws Exception {
        String out = CliProcess.run("run", "--report", "-", "--", "echo", "hello").expect(0).outText();
        assertTrue(out.startsWith("hello\n{"), out);
        Map<String, Object> report = json(out.substring("hello\n".length()));
        assertEquals(8, object(report, "namespaces").size());
    }

    @Test
    void dryRunRunsNothingAndHidesValues() throws Exception {
        Path touched = dir.resolve("touched");
        var result = CliProcess.run("run", "--dry-run", "--env", "SECRET=geheim", "--", "touch", touched.toString()).expect(0);
        assertFalse(Files.exists(touched));
        assertFalse(result.outText().contains("geheim"), result.outText());
        Map<String, Object> document = json(result.outText());
        assertEquals("isolated", object(document, "spec").get("profile"));
        assertEquals(List.of("touch", touched.toString()), object(object(document, "plan"), "process").get("argv"));
    }

    @Test
    void namespacesInTheTableAreThoseOfTheJob() throws Exception {
        var result = CliProcess.run("run", "-Urmpun", "--table", "--", "sh", "-c",
            "for kind in user mnt pid net ipc uts cgroup time; do readlink /proc/self/ns/$kind; done");
        List<String> inside = result.expect(0).outText().lines().toList();
        List<String> rows = result.errText().lines().toList();
        assertEquals(9, rows.size(), result.errText());
        for (String row : rows.subList(1, 9)) {
            String[] cells = row.split(" +");
            assertTrue(inside.contains(cells[0] + ":[" + cells[2] + "]"), row + " but inside " + inside);
            boolean fresh = List.of("user", "mnt", "pid", "net", "uts").contains(cells[0]);
            assertEquals(fresh ? "new" : "inherit", cells[3], row);
            assertEquals(fresh ? "yes" : "no", cells[4], row);
            assertEquals(fresh, !cells[1].equals(cells[2]), row);
        }
    }

    @Test
    void verboseTellsStagesAndTheEnding() throws Exception {
        String told = CliProcess.run("run", "--verbose", "--", "true").expect(0).errText();
        assertTrue(told.contains("KIND") && told.contains("total") && told.contains("exited with code 0: wall "), told);
    }

    @Test
    void koreanArrivesIntactUnderLcAllC() throws Exception {
        // The bytes come from the shell: this test's own Java may run in a locale that cannot pass them.
        String script = "w=$(printf '\\355\\225\\234\\352\\265\\255\\354\\226\\264'); mkdir -p \"$1/$w\"; chmod 777 \"$1/$w\"; cd \"$1/$w\";"
            + " export LC_ALL=C WORD=\"$w\"; exec \"$0\" run -Ur --env SET=\"$w\" -- \"$2\" -e WORD -e SET -e LC_ALL \"$w\" 'a b' ''";
        String job = CliProcess.testJob("show-args").toString();
        Map<String, Object> seen = json(CliProcess.shell(Map.of(), script, dir.toString(), job).expect(0).outText());
        assertEquals(List.of(job, "-e", "WORD", "-e", "SET", "-e", "LC_ALL", "한국어", "a b", ""), seen.get("argv"));
        assertEquals(Map.of("WORD", "한국어", "SET", "한국어", "LC_ALL", "C"), seen.get("env"));
        assertTrue(seen.get("cwd").toString().endsWith("/한국어"), seen.toString());
    }

    @Test
    void localeOfTheCallerIsRestored() throws Exception {
        String job = CliProcess.testJob("show-args").toString();
        for (String prepare : List.of("unset LC_ALL", "LC_ALL=; export LC_ALL", "LC_ALL=POSIX; export LC_ALL")) {
            String names = CliProcess.shell(Map.of(), prepare + "; exec \"$0\" run -Ur -- \"$1\" -e LC_ALL", job).expect(0).outText();
            Map<String, Object> seen = json(names);
            boolean set = ((List<?>) seen.get("names")).contains("LC_ALL");
            assertEquals(!prepare.startsWith("unset"), set, names);
            assertFalse(seen.get("names").toString().contains("NSJOB_"), names);
        }
    }

    @Test
    void argumentThatIsNotUtf8IsRefused() throws Exception {
        CliProcess.shell(Map.of(), "exec \"$0\" run -- echo \"$(printf '\\377')\"").expect(125).expectOneLine("nsjob: run: an argument is not UTF-8");
    }

    @Test
    void removedWorkingDirectoryIsSaidInALine() throws Exception {
        Path gone = Files.createDirectory(dir.resolve("gone"));
        String message = CliProcess.shell(Map.of(), "cd \"$1\" && rmdir \"$1\" && exec \"$0\" run -- true", gone.toString())
            .expect(125).errText();
        assertTrue(message.endsWith("nsjob: cwd: the working directory was removed: start in another\n"), message);
        assertFalse(message.contains("Error") || message.contains("\tat "), message);
    }

    @Test
    void standardInputIsTheCallers() throws Exception {
        assertEquals("abc", CliProcess.shell(Map.of(), "printf abc | \"$0\" run -- cat").expect(0).outText());
        Path file = Files.writeString(dir.resolve("in"), "from the file");
        assertEquals("from the file", CliProcess.run("run", "--stdin", file.toString(), "--", "cat").expect(0).outText());
    }

    @Test
    void closedStreamsHarmNobody() throws Exception {
        Path fds = dir.resolve("fds");
        for (String closed : List.of("<&-", ">&-", "2>&-", "<&- >&- 2>&-")) {
            Files.deleteIfExists(fds);
            CliProcess.shell(Map.of(), "exec \"$0\" run -Ur -- sh -c '\"$0\" >\"$1\"' \"$1\" \"$2\" " + closed,
                CliProcess.testJob("check-fds").toString(), fds.toString()).expect(0);
            assertEquals("0 1 2", Files.readString(fds).trim(), closed);
        }
    }

    @Test
    void outputIsCutToTheByte() throws Exception {
        var result = CliProcess.run("run", "--output-limit", "1000", "--", "sh", "-c",
            "head -c 300000 /dev/zero | tr '\\0' a; head -c 999 /dev/zero | tr '\\0' b >&2");
        result.expect(0);
        byte[] a = "a".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(a, result.out());
        assertEquals("b".repeat(999) + "nsjob: standard output was cut after 1000 bytes\n", result.errText());
    }

    @Test
    void jobWhoseReaderIsGoneEnds() throws Exception {
        String script = "\"$0\" run --output-limit 1g -- sh -c 'yes' | head -n 1";
        assertEquals("y\n", CliProcess.shell(Map.of(), script).outText());
        assertEquals("y\n", CliProcess.shell(Map.of(), "\"$0\" run -- sh -c 'yes' | head -n 1").outText());
    }

    @Test
    void specFileIsOverriddenByTheLine() throws Exception {
        Path spec = Files.writeString(dir.resolve("s.json"),
            "{\"nsjob\":1,\"command\":[\"uname\",\"-n\"],\"hostname\":\"from-file\",\"environment\":{\"set\":{\"A\":\"file\"}}}");
        assertEquals("from-file\n", CliProcess.run("run", "-f", spec.toString()).expect(0).outText());
        assertEquals("from-line\n", CliProcess.run("run", "-f", spec.toString(), "--hostname", "from-line").expect(0).outText());
        assertEquals("file line\n", CliProcess.run("run", "-f", spec.toString(), "--env", "B=line", "--", "sh", "-c", "echo $A $B")
            .expect(0).outText());
        Path open = Files.writeString(dir.resolve("open.json"), "{\"nsjob\":1}");
        CliProcess.run("run", "-f", open.toString()).expect(125).expectOneLine("nsjob: spec: $.command: ");
        CliProcess.run("run", "-f", open.toString(), "--", "true").expect(0);
        assertEquals("from-file\n", CliProcess.shell(Map.of(), "\"$0\" run -f - <\"$1\"", spec.toString()).expect(0).outText());
    }

    @Test
    void aRootOfItsOwnHoldsWhatTheLineNames(@TempDir Path dir) throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        Files.writeString(tree.resolve("in"), "in\n");
        for (Path path : new Path[] {dir, tree}) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path report = dir.resolve("report.json");
        var result = CliProcess.run("run", "--ro-bind", tree + ":/data", "--tmpfs", "/t:4k", "--add-file",
            "/box/copy=" + tree.resolve("in"), "--report", report.toString(), "--", "sh", "-c",
            "cat /data/in /box/copy; ls -A /t; echo x >/t/x; [ -e /root ] || echo no root; (echo x >/data/x) 2>/dev/null || echo read-only");
        assertEquals("in\nin\nno root\nread-only\n", result.expect(0).outText());
        assertFalse(Files.readString(report).contains("host's tree"), "weakened");
        CliProcess.run("run", "--ro-bind", "/nonexistent", "--", "true").expect(125)
            .expectOneLine("nsjob: spec: $.filesystem.binds[0].source: there is no /nonexistent");
        CliProcess.run("run", "--", "/nonexistent").expect(127);
    }

    @Test
    void aDirectoryAsAStreamIsNoWayOut() throws Exception {
        String out = "\"$0\" run --root $1 -- ls -d /proc/self/fd/0/etc/shadow </";
        CliProcess.shell(Map.of(), out, "minimal").expect(125).expectOneLine("nsjob: stdio: standard descriptor 0 is a directory");
        // The control: it leads where the root does not.
        CliProcess.shell(Map.of(), out, "host").expect(0);
        CliProcess.shell(Map.of(), "\"$0\" run -UrR /usr -- ls / </").expect(125)
            .expectOneLine("nsjob: stdio: standard descriptor 0 is a directory");
        CliProcess.shell(Map.of(), "\"$0\" run -UrR /usr -- ls / </dev/null").expect(0);
    }

    @Test
    void letteredRunMeansWhatUnshareMeans() throws Exception {
        assertEquals("0\nbox\n1\n", CliProcess.run("run", "-Urmpu", "--fork", "--mount-proc", "--hostname", "box", "--", "sh", "-c",
            "id -u; uname -n; ls -d /proc/[0-9]* | grep -cx /proc/1").expect(0).outText());
    }
}
