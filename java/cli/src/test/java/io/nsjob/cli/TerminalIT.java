package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nsjob run} as a person at a terminal has it; the person is test-fixtures/jobs/terminal-driver.c. */
@Tag("integration")
class TerminalIT {
    /** The supervisor with the relay's buffers, far below what passes through it. */
    private static final int PEAK_KIB = 4096;

    /** A killed supervisor leaves the lock of its ids to whoever sweeps next. */
    @AfterAll
    static void sweep() throws Exception {
        CliProcess.run("gc").expect(0);
    }

    /** Takes the steps at a terminal in which {@code nsjob run} is started, and gives what it showed. */
    private static String at(List<String> steps, String... run) throws Exception {
        List<String> command = new ArrayList<>(List.of(CliProcess.cli().toString(), "run"));
        command.addAll(List.of(run));
        return drive(steps, command.toArray(new String[0]));
    }

    private static String drive(List<String> steps, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(CliProcess.testJob("terminal-driver").toString()));
        words.addAll(steps);
        words.add("--");
        words.addAll(List.of(command));
        return CliProcess.shell(Map.of("TERM", "vt220"), "exec \"$@\"", words.toArray(new String[0])).expect(0).outText();
    }

    private static List<String> steps(String... steps) {
        return List.of(steps);
    }

    @Test
    void aShellHasItsOwnTerminalAndJobControl() throws Exception {
        at(steps("size=33x111", "expect=$ ", "raw",
            "send=tty; stty size; echo term=$TERM; stat -c owner=%u $(tty); echo me=$(id -u)\\r",
            "expect=\n/dev/pts/0\r\n", "expect=33 111", "expect=term=vt220", "expect=owner=1000", "expect=me=1000", "expect=$ ",
            "send=echo to-tty >/dev/tty\\r", "expect=\nto-tty", "expect=$ ",
            "send=sleep 100\\r", "pause=300", "send=\\x03", "expect=^C", "expect=$ ",
            "send=sleep 101\\r", "pause=300", "send=\\x1a", "expect=Stopped", "expect=$ ",
            "send=jobs\\r", "expect=Stopped                 sleep 101", "expect=$ ",
            "send=fg\\r", "expect=\nsleep 101", "pause=200", "send=\\x03", "expect=^C", "expect=$ ",
            "send=exit 7\\r", "exit=7", "cooked"),
            "-t", "--", "bash", "--norc", "--noediting");
    }

    @Test
    void aLineEditorWorks() throws Exception {
        // The cursor left of "x", then deleted; the end of input ends the shell.
        at(steps("expect=$ ", "send=echo abx\\x1b[D\\x1b[3~c\\r", "expect=abc", "expect=$ ", "send=\\x04", "exit=0", "cooked"),
            "--tty", "--", "bash", "--norc");
    }

    @Test
    void theWindowsSizeFollows() throws Exception {
        // (What a shell's trap says itself may be lost when the next signal comes while it runs.)
        String watch = "trap 'told=told' WINCH; while :; do now=\"$told $(stty size)\"; [ \"$now\" = \"$last\" ] || echo \"is $now.\";"
            + " last=$now; sleep 0.1; done";
        at(steps("expect=is  24 80.", "size=50x90", "expect=is told 50 90.", "size=10x20", "expect=is told 10 20.", "send=\\x03", "ended",
            "cooked"), "-t", "--", "bash", "-c", watch);
    }

    @Test
    void whoeverIsInteractiveGetsOne() throws Exception {
        String ask = "test -t 0 && test -t 1 && test -t 2 && echo all; tty";
        assertTrue(at(steps("exit=0", "cooked"), "--", "sh", "-c", ask).contains("all\r\n/dev/pts/0\r\n"));
        // Whoever redirects one of the three wants it there, and bare is exactly what is named.
        for (String streams : List.of("2>/dev/null", ">/dev/null", "</dev/null")) {
            String run = "\"$0\" run -- test -e /dev/pts/0 ";
            drive(steps("exit=1", "cooked"), "sh", "-c", run + streams, CliProcess.cli().toString());
        }
        String bare = at(steps("exit=0"), "-Ur", "--", "sh", "-c", "stat -L -c same=%d:%i /proc/self/fd/0; echo outer=$0", "%T");
        assertTrue(bare.matches("(?s).*same=([0-9:]+)\r\nouter=\\1\r\n.*"), bare);
        at(steps("exit=1"), "--no-tty", "--", "sh", "-c", "test -t 0 || exit 9; tty");
        at(steps("exit=0"), "-Ur", "-t", "--", "sh", "-c", "tty && echo >/dev/tty");
    }

    /** The outer terminal is open nowhere inside; with its streams handed on it is, which shows that the search finds it. */
    @Test
    void theCallersTerminalIsOutOfReach() throws Exception {
        String search = "for f in /proc/[0-9]*/fd/*; do stat -L -c %d:%i $f 2>/dev/null; done | grep -qx $0 && echo found || echo apart";
        for (String[] apart : new String[][] {{"-t"}, {"-t", "-Urmp"}, {}}) {
            List<String> run = new ArrayList<>(List.of(apart));
            run.addAll(List.of("--", "sh", "-c", search, "%T"));
            String shown = at(steps("exit=0"), run.toArray(new String[0]));
            assertTrue(shown.contains("apart"), shown);
        }
        for (String handedOn : List.of("--no-tty", "-Urmp")) {
            String shown = at(steps("exit=0"), handedOn, "--", "sh", "-c", search, "%T");
            assertTrue(shown.contains("found"), shown);
        }
    }

    @Test
    void theTerminalIsRestoredWhateverDies() throws Exception {
        String[] job = {"-t", "--", "sh", "-c", "echo ready; sleep 100"};
        String lost = at(steps("expect=ready", "raw", "kill=super", "cooked", "exit=125"), job);
        assertTrue(lost.contains("lost: the supervisor died"), lost);
        at(steps("expect=ready", "raw", "kill=jvm", "exit=137", "cooked", "gone"), job);
        // The control: with nobody left it stays as it is.
        at(steps("expect=ready", "raw", "kill=both", "exit=137", "pause=500", "raw"), job);
    }

    @Test
    void itIsRestoredBeforeAnythingIsSaid() throws Exception {
        String failed = at(steps("exit=127", "cooked"), "-t", "--", "no-such-program");
        assertTrue(failed.contains("exec: ") && failed.strip().lines().count() == 1 && failed.contains("\r\n"), failed);
        String ended = at(steps("exit=124", "cooked"), "-t", "--timeout", "500ms", "--", "sleep", "100");
        assertTrue(ended.contains("timed out") && ended.contains("\r\n"), ended);
    }

    @Test
    void aHangupEndsTheJob() throws Exception {
        at(steps("expect=ready", "raw", "hangup", "gone"), "-t", "--", "sh", "-c", "trap '' HUP; echo ready; sleep 100; sleep 100");
    }

    @Test
    void aJobThatTakesEveryKeyHasAWayOut() throws Exception {
        String[] job = {"-t", "--", "sh", "-c", "stty raw -echo; trap '' INT TERM; echo ready; sleep 100; sleep 100"};
        // Two are keys as any other.
        String shown = at(steps("expect=ready", "raw", "send=\\x1d\\x1d", "pause=1200", "send=\\x1d\\x1d", "pause=300", "raw",
            "pause=1000", "send=\\x1d\\x1d\\x1d", "ended", "cooked"), job);
        assertTrue(shown.contains("cancelled"), shown);
    }

    @Test
    void aFloodPassesInBoundedMemory() throws Exception {
        at(steps("expect=ready", "drain=90000000", "peak=" + PEAK_KIB, "expect=done", "exit=0", "cooked"),
            "-t", "--", "sh", "-c", "echo ready; head -c 100000000 /dev/zero | tr '\\0' x; echo done");
    }

    @Test
    void aStuckTerminalHoldsNothingUp() throws Exception {
        // Nobody reads: the limit ends the job all the same, and so does a signal to the supervisor's caller.
        at(steps("expect=y", "pause=1000", "gone", "exit=124", "cooked"), "-t", "--timeout", "2", "--", "yes");
    }

    @Test
    void aJobThatReadsNothingHoldsNothingUp() throws Exception {
        // More than its terminal and the relay take.
        at(steps("expect=ready", "raw", "type=200000", "exit=124", "cooked"), "-t", "--timeout", "3", "--", "sh", "-c",
            "stty raw -echo; echo ready; sleep 100");
    }

    @Test
    void theEndOfPipedInputIsTyped() throws Exception {
        String shell = "printf 'sleep 0.3\\necho $((6*7)) >/dev/stdout\\n' | \"$0\" run -t -- bash --norc";
        String shown = CliProcess.shell(Map.of(), shell).expect(0).outText();
        assertTrue(shown.contains("\n42\r\n"), shown);
        assertEquals("a\r\nba\r\nb", CliProcess.shell(Map.of(), "printf 'a\\nb' | \"$0\" run -t -- cat").expect(0).outText());
        assertEquals("end\r\n", CliProcess.shell(Map.of(), "\"$0\" run -t -- sh -c 'cat; cat; echo end' </dev/null").expect(0).outText());
    }

    @Test
    void anOutputThatNobodyReadsEndsTheJob() throws Exception {
        assertEquals("y\r\n", CliProcess.shell(Map.of(), "\"$0\" run -t -- yes | head -n 1").outText());
    }

    @Test
    void theReportHoldsIt(@TempDir Path dir) throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path report = dir.resolve("report.json");
        at(steps("exit=0"), "-t", "--report", report.toString(), "--", "true");
        Map<String, Object> tree = Redaction.cast(JsonTree.parse(Files.readString(report, StandardCharsets.UTF_8)));
        Map<String, Object> terminal = Redaction.cast(tree.get("terminal"));
        assertEquals("{rows=24, columns=80, pts=0}", terminal.toString());
        // A person's session, not a minute.
        assertEquals("43200000", Redaction.cast(tree.get("limits")).get("wallMillis").toString());
        CliProcess.run("run", "--report", report.toString(), "--", "true").expect(0);
        assertTrue(Files.readString(report).contains("\"terminal\": null"), "no terminal");
    }
}
