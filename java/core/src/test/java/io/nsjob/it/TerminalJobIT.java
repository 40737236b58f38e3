package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JobTerminal;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs whose terminal the JVM looks at and types to. */
@JobTest
@Timeout(300)
class TerminalJobIT extends WithLauncher {
    /** Reads until a text is shown. */
    private static void expect(InputStream shown, String text) throws IOException {
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(text) < 0) {
            int next = shown.read();
            assertTrue(next >= 0, "ended with " + seen);
            seen.append((char) next);
        }
    }

    private static void type(Job job, String keys) throws IOException {
        job.stdin().write(keys.getBytes(StandardCharsets.UTF_8));
        job.stdin().flush();
    }

    @Test
    void aShellIsDrivenThroughStreams() throws Exception {
        JobSpec spec = JobSpec.isolated().command("bash", "--norc", "--noediting").terminal(new TerminalSize(30, 101)).build();
        try (Job job = launcher.start(spec, StartOptions.terminal())) {
            assertEquals(Optional.of(new JobTerminal(new TerminalSize(30, 101), 0)), job.report().terminal());
            InputStream shown = job.stdout();
            expect(shown, "$ ");
            type(job, "stty size; echo $TERM\r");
            expect(shown, "\n30 101\r\n");
            expect(shown, "$ ");
            type(job, "sleep 100\r");
            expect(shown, "sleep 100\r\n");
            Thread.sleep(300);
            type(job, "\u0003");
            expect(shown, "^C");
            // The end of the stream is what Ctrl-D is.
            job.stdin().close();
            JobResult result = job.await();
            assertEquals(130, result.exitStatus(), result.toString());
        }
    }

    @Test
    void aNewSizeIsToldToTheJob() throws Exception {
        String script = "trap 'echo now $(stty size)' WINCH; echo ready; while :; do sleep 0.1; done";
        JobSpec spec = JobSpec.isolated().command("bash", "-c", script).terminal(true).build();
        try (Job job = launcher.start(spec, StartOptions.terminal())) {
            expect(job.stdout(), "ready");
            job.resize(new TerminalSize(44, 55));
            expect(job.stdout(), "now 44 55");
        }
    }

    @Test
    void itCanBeCaptured() throws Exception {
        JobSpec spec = JobSpec.isolated().command("sh", "-c", "tty; echo error >&2; ! read line; stty size; id -u; stat -c %u /dev/pts/0")
            .terminal(true).build();
        JobResult result = launcher.run(spec);
        assertEquals("/dev/pts/0\r\nerror\r\n24 80\r\n1000\r\n1000\r\n", result.stdoutText());
        assertEquals("", result.stderrText());
        assertTrue(result.outcome().success(), result.toString());
        assertEquals("jvm", result.report().limits().enforcement().get("output"));
        JobResult typed = launcher.run(JobSpec.isolated().command("cat").terminal(true).build(),
            StartOptions.defaults().withIn(Stdio.bytes("abc\n".getBytes(StandardCharsets.US_ASCII))));
        assertEquals("abc\r\nabc\r\n", typed.stdoutText());
    }

    @Test
    void itHoldsMultiByteCharacters() throws Exception {
        // Erased as one character each, as a UTF-8 terminal does: the line that is read is empty but for "x".
        byte[] keys = "\ud55c\uae00\u007f\u007fx\n".getBytes(StandardCharsets.UTF_8);
        JobResult result = launcher.run(JobSpec.isolated().command("sh", "-c", "read line; echo \"[$line]\"").terminal(true).build(),
            StartOptions.defaults().withIn(Stdio.bytes(keys)));
        assertTrue(result.stdoutText().endsWith("[x]\r\n"), result.stdoutText());
    }

    @Test
    void everyKindOfJobCanHaveOne() throws Exception {
        for (JobSpec.Builder spec : new JobSpec.Builder[] {JobSpec.bare(), JobSpec.bare(NamespaceKind.USER),
            JobSpec.bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID), JobSpec.isolated().asPid1(true)}) {
            JobResult result = launcher.run(spec.command("sh", "-c", "tty && echo x >/dev/tty && echo $PPID").terminal(true).build());
            assertTrue(result.stdoutText().matches("/dev/pts/[0-9]+\r\nx\r\n[0-9]+\r\n"), result + result.stdoutText());
        }
    }

    @Test
    void whoeverDoesNotReadHoldsNothingUp() throws Exception {
        JobSpec spec = JobSpec.isolated().command("yes").terminal(true).wallTime(Duration.ofSeconds(1)).build();
        try (Job job = launcher.start(spec, StartOptions.terminal())) {
            JobResult result = job.await();
            assertInstanceOf(Outcome.TimedOut.class, result.outcome());
            assertTrue(result.usage().wall().compareTo(Duration.ofSeconds(30)) < 0, result.usage().toString());
        }
        try (Job job = launcher.start(spec.toBuilder().wallTime(Duration.ofMinutes(1)).build(), StartOptions.terminal())) {
            job.cancel(Duration.ZERO);
            assertInstanceOf(Outcome.Cancelled.class, job.await().outcome());
        }
    }

    @Test
    void withoutOneThereIsNothingToResize() throws Exception {
        try (Job job = launcher.start(JobSpec.isolated().command("sleep", "100").build(), StartOptions.defaults())) {
            assertEquals(Optional.empty(), job.report().terminal());
            assertThrows(IllegalStateException.class, () -> job.resize(new TerminalSize(1, 1)));
        }
        assertThrows(IllegalArgumentException.class, () -> new TerminalSize(0, 80));
        assertThrows(IllegalArgumentException.class, () -> new TerminalSize(24, 65536));
    }
}
