package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.CommandSpec;
import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands in a sandbox behave in the same way whoever starts them; and where the sandbox's own supervisor does, its processes hold. */
@JobTest
class JoinCommandIT extends WithLauncher {
    private static JobSpec world() {
        return TestJobs.isolated().env("WORLD", "w").wallTime(Duration.ofSeconds(60)).build();
    }

    private static CommandSpec sh(String script) {
        return CommandSpec.of("sh", "-c", script);
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void itIsTheSameOverBothDrivers(Driver driver) throws Exception {
        try (Launcher own = Launcher.open(driver); Sandbox sandbox = own.open(world())) {
            JobResult parent = sandbox.run(sh("cat /proc/$PPID/comm; cat /proc/self/status | grep -E '^(NoNewPrivs|Seccomp|CapEff):'; echo $0 $WORLD"));
            String by = driver == Driver.RESIDENT ? "nsjob-runner" : "nsjob-init";
            assertEquals(by + "\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nsh w\n", parent.stdoutText());
            assertEquals(new Outcome.Exited(3), sandbox.run("sh", "-c", "exit 3").outcome());
            assertEquals(new Outcome.Signaled(9, false), sandbox.run(TestJobs.program("raise-n"), "9").outcome());
            assertEquals(new Outcome.Signaled(15, false), sandbox.run(TestJobs.program("raise-n"), "15").outcome());
            StartOptions typed = StartOptions.defaults().withIn(Stdio.bytes("가나다\n".getBytes(StandardCharsets.UTF_8)));
            JobResult echoed = sandbox.run(sh("cat; echo err >/dev/stderr; cat /dev/stdin"), typed);
            assertEquals("가나다\nerr\n", echoed.stdoutText() + echoed.stderrText());
            SandboxException missing = assertThrows(SandboxException.class, () -> sandbox.run("no-such-program"));
            assertEquals("exec execve 2 no-such-program", missing.stage() + " " + missing.syscall() + " " + missing.errno() + " " + missing.subject());
            SandboxException nowhere = assertThrows(SandboxException.class, () -> sandbox.run(sh("true").withCwd("/no/such")));
            assertEquals("cwd 2", nowhere.stage() + " " + nowhere.errno());
            assertEquals("/tmp\n", sandbox.run(sh("pwd").withCwd("/tmp")).stdoutText());
            try (Job held = sandbox.start(sh("echo held"), StartOptions.held())) {
                held.release();
                assertEquals("held\n", held.await().stdoutText());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Driver.class)
    void itsEndIsTheEndOfAll(Driver driver) throws Exception {
        try (Launcher own = Launcher.open(driver); Sandbox sandbox = own.open(world())) {
            // An orphan in a session of its own, which ignores what can be ignored.
            JobResult left = sandbox.run(sh("trap '' TERM HUP; setsid sleep 1000 >/dev/null 2>&1 & echo $!"));
            assertTrue(left.outcome().success());
            assertEquals("", sandbox.run(sh("cat /proc/[0-9]*/comm | grep sleep")).stdoutText());
            // Or it would be waited for until the world's minute is over.
            assertEquals(Outcome.Kind.TIMED_OUT, sandbox.run(sh("sleep 1000 & sleep 1000").withWallTime(Duration.ofMillis(100))).outcome().kind());
            StartOptions streamed = StartOptions.defaults().withOut(Stdio.stream());
            try (Job job = sandbox.start(sh("trap 'echo term; exit 0' TERM; echo ready; while :; do sleep 0.05; done"), streamed)) {
                assertEquals('r', job.stdout().read());
                job.cancel(Duration.ofSeconds(20));
                assertEquals("eady\nterm\n", new String(job.stdout().readAllBytes(), StandardCharsets.US_ASCII));
                assertEquals(Outcome.Kind.CANCELLED, job.await().outcome().kind());
            }
            try (Job job = sandbox.start(sh("trap 'exit 7' USR1; echo ready; while :; do sleep 0.05; done"), streamed)) {
                assertEquals('r', job.stdout().read());
                job.signal("USR1");
                assertEquals(new Outcome.Exited(7), job.await().outcome());
            }
            assertEquals("", sandbox.run(sh("cat /proc/[0-9]*/comm | grep sleep")).stdoutText());
        }
    }

    private static Launcher resident;

    @BeforeAll
    static void openResident() throws Exception {
        resident = Launcher.open(Driver.RESIDENT);
    }

    @AfterAll
    static void closeResident() {
        resident.close();
    }

    private static Sandbox fast() throws Exception {
        return resident.open(world());
    }

    private static void signal(String name, long pid) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start().waitFor());
    }

    @Test
    void manyRunAtOnceAndRunnersAreUsedAgain() throws Exception {
        try (Sandbox sandbox = fast()) {
            List<Job> jobs = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                jobs.add(sandbox.start(sh("read go; echo $go " + i), StartOptions.defaults().withIn(Stdio.stream())));
            }
            assertEquals(12, jobs.stream().map(job -> job.report().initPid().orElseThrow()).distinct().count());
            for (Job job : jobs) {
                job.stdin().write("go\n".getBytes(StandardCharsets.US_ASCII));
                job.stdin().close();
            }
            for (int i = 0; i < 12; i++) {
                assertEquals("go " + i + "\n", jobs.get(i).await().stdoutText());
                jobs.get(i).close();
            }
            long first = sandbox.run("true").report().initPid().orElseThrow();
            assertEquals(first, sandbox.run("true").report().initPid().orElseThrow());
        }
    }

    @Test
    void aKilledRunnerIsOneLostCommand() throws Exception {
        try (Sandbox sandbox = fast(); Job other = sandbox.start(CommandSpec.of("sleep", "1000"), StartOptions.defaults());
                Job job = sandbox.start(CommandSpec.of("sleep", "1000"), StartOptions.defaults())) {
            long main = job.report().hostPid();
            signal("KILL", job.report().initPid().orElseThrow());
            assertEquals(Outcome.Kind.LOST, job.await().outcome().kind());
            assertTrue(Jobs.isGone(main));
            assertTrue(sandbox.run("true").outcome().success());
            assertFalse(other.onExit().isDone());
            other.cancel(Duration.ZERO);
            assertEquals(Outcome.Kind.CANCELLED, other.await().outcome().kind());
        }
    }

    @Test
    void aStoppedRunnerHoldsNothingBack() throws Exception {
        try (Sandbox sandbox = fast(); Job job = sandbox.start(CommandSpec.of("sleep", "1000"), StartOptions.defaults())) {
            signal("STOP", job.report().initPid().orElseThrow());
            signal("TERM", job.report().hostPid());
            assertEquals(new Outcome.Signaled(15, false), job.onExit().get(60, TimeUnit.SECONDS).outcome());
        }
    }

    @Test
    void withoutItsStarterCommandsComeFromOutside() throws Exception {
        try (Sandbox sandbox = fast()) {
            JobResult first = sandbox.run(sh("cat /proc/$PPID/comm"));
            assertEquals("nsjob-runner\n", first.stdoutText());
            long runner = first.report().initPid().orElseThrow();
            long starter = ProcessHandle.of(runner).orElseThrow().parent().orElseThrow().pid();
            assertEquals("nsjob-starter\n", Files.readString(Path.of("/proc", Long.toString(starter), "comm")));
            signal("KILL", starter);
            signal("KILL", runner);
            assertTrue(Jobs.isGone(runner));
            Await.until("the supervisor to hear of it", () -> {
                try {
                    return sandbox.run(sh("cat /proc/$PPID/comm")).stdoutText().equals("nsjob-init\n");
                } catch (SandboxException e) {
                    return false;
                }
            });
            assertTrue(sandbox.run("true").outcome().success());
            assertNotEquals(runner, sandbox.run("true").report().initPid().orElseThrow());
        }
    }
}
