package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Outcome;
import io.nsjob.RootKind;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@JobTest
class EndingsIT extends WithLauncher {
    /** CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG and WINCH do not end a process. */
    private static final Set<Integer> HARMLESS = Set.of(17, 18, 19, 20, 21, 22, 23, 28);

    /** Without a pid namespace nobody is left to end the job then. Its main process is tied to init; the rest is in its cgroups. */
    @Test
    void supervisorAndInitKilledAtOnce() throws Exception {
        JobSpec spec = Jobs.isolated("burn-cpu", "tree", "3").namespace(NamespaceKind.PID, NamespaceMode.inherit()).root(RootKind.HOST)
            .build();
        List<ProcessHandle> all;
        boolean cgroups;
        try (Job job = launcher.start(spec)) {
            cgroups = !job.report().cgroups().isEmpty();
            ProcessHandle init = ProcessHandle.of(job.report().initPid().orElseThrow()).orElseThrow();
            ProcessHandle main = ProcessHandle.of(job.report().hostPid()).orElseThrow();
            Await.until("a tree of three", () -> main.descendants().count() >= 2);
            all = java.util.stream.Stream.concat(main.descendants(), java.util.stream.Stream.of(main)).toList();
            ProcessHandle supervisor = init.parent().orElseThrow();
            for (String signal : List.of("-STOP", "-KILL")) {
                assertEquals(0, new ProcessBuilder("kill", signal, Long.toString(supervisor.pid()), Long.toString(init.pid())).start().waitFor());
            }
            assertEquals(new Outcome.Lost("supervisor"), job.await().outcome());
        }
        try {
            for (ProcessHandle process : all) {
                boolean main = process.equals(all.get(all.size() - 1));
                assertTrue(!main && !cgroups || Jobs.isGone(process.pid()), process + " of " + all);
            }
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Waiting does not help: nothing continues it but somebody who knows of it. */
    @Test
    void aStoppedSupervisorIsGivenUpSoon() throws Exception {
        long pid;
        long begun;
        try (Job job = launcher.start(Jobs.isolated("sleep-term", "60").build())) {
            pid = job.report().initPid().orElseThrow();
            long supervisor = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();
            assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(supervisor)).start().waitFor());
            begun = System.nanoTime();
        }
        assertTrue(System.nanoTime() - begun < Duration.ofSeconds(40).toNanos(), "took " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertTrue(Jobs.isGone(pid));
    }

    @Test
    void everyExitCode() throws Exception {
        List<CompletableFuture<JobResult>> results = new ArrayList<>();
        for (int code = 0; code <= 255; code++) {
            results.add(launcher.runAsync(Jobs.small("exit-n", Integer.toString(code)).build()));
            if (code % 8 == 7) {
                results.get(code).join();
            }
        }
        for (int code = 0; code <= 255; code++) {
            JobResult result = results.get(code).join();
            assertEquals(new Outcome.Exited(code), result.outcome());
            assertEquals(code, result.exitStatus());
            assertTrue(result.toJson().contains("\"exitCode\": " + code + ","), result.toJson());
        }
    }

    @Test
    void everyTerminatingSignal() throws Exception {
        int count = 0;
        for (int signal = 1; signal <= 31; signal++) {
            if (HARMLESS.contains(signal)) {
                continue;
            }
            count++;
            for (JobSpec.Builder spec : List.of(Jobs.small("raise-n", Integer.toString(signal)),
                    JobSpec.bare().command(Jobs.small("raise-n", Integer.toString(signal)).build().command()))) {
                JobResult result = launcher.run(spec.build());
                assertEquals(signal, result.outcome().signal().orElse(-1), () -> result.toString());
                assertEquals(128 + signal, result.exitStatus());
                assertTrue(result.toJson().contains("\"signal\": " + signal + ","), result.toJson());
            }
        }
        assertEquals(23, count);
    }

    @Test
    void anExitCodeAndASignalAreNotTheSame() throws Exception {
        Outcome exited = launcher.run(Jobs.small("exit-n", "143").build()).outcome();
        Outcome signaled = launcher.run(Jobs.small("raise-n", "15").build()).outcome();
        assertEquals(Outcome.Kind.EXITED, exited.kind());
        assertEquals(Outcome.Kind.SIGNALED, signaled.kind());
    }

    @Test
    void aCommandThatCannotRunIsAnExceptionThatSaysWhich() {
        SandboxException missing = assertThrows(SandboxException.class,
            () -> launcher.run(JobSpec.isolated().name("nope").command("nsjob-no-such-program").build()));
        assertEquals("exec 2 nope", missing.stage() + " " + missing.errno() + " " + missing.job());
        SandboxException directory = assertThrows(SandboxException.class,
            () -> launcher.run(JobSpec.isolated().command("/usr").build()));
        assertEquals("exec 13", directory.stage() + " " + directory.errno());
        SandboxException cwd = assertThrows(SandboxException.class,
            () -> launcher.run(JobSpec.isolated().cwd("/nsjob-no-such-directory").command("true").build()));
        assertEquals("cwd 2", cwd.stage() + " " + cwd.errno());
        assertTrue(cwd.toJson().contains("/nsjob-no-such-directory"), cwd.toJson());
    }

    /** One whose time runs out when it has said that it is ready: where the machine is too busy for that, it is given more. */
    private static JobResult timedOut(JobSpec.Builder spec) throws Exception {
        JobResult result = null;
        for (long wall = 200; wall < 20_000 && (result == null || result.stdoutText().isEmpty()); wall *= 2) {
            result = launcher.run(spec.wallTime(Duration.ofMillis(wall)).build());
            assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), result.outcome());
            assertEquals(124, result.exitStatus());
            assertTrue(result.usage().wall().toMillis() >= wall && result.usage().wall().toMillis() < wall + 20_000, result.usage().toString());
        }
        return result;
    }

    @Test
    void timeRunsOutWithoutGrace() throws Exception {
        assertEquals("ready\n", timedOut(Jobs.small("sleep-term")).stdoutText(), "no TERM was sent");
    }

    @Test
    void timeRunsOutWithGrace() throws Exception {
        // The grace is not waited for.
        assertEquals("ready\nterm\n", timedOut(Jobs.small("sleep-term").killGrace(Duration.ofMinutes(1))).stdoutText());
    }

    @Test
    void orphansNeitherDelayAResultNorOutliveIt(@TempDir Path directory) throws Exception {
        Path storm = TestJobs.copy("orphan-storm", directory);
        List<String> command = List.of(storm.toString(), "20", "exit", "7");
        for (JobSpec.Builder spec : List.of(Jobs.small("orphan-storm").command(command), JobSpec.bare().command(command))) {
            long begun = System.nanoTime();
            JobResult result = launcher.run(spec.build());
            assertEquals(new Outcome.Exited(7), result.outcome());
            assertFalse(result.truncated());
            assertEquals("ready 20\n", result.stdoutText());
            assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) < 60);
            assertEquals(0, Jobs.count(storm), "all are dead when the result is there");
        }
    }

    @Test
    void cancelWithGraceAndWithout() throws Exception {
        try (Job job = ready("sleep-term")) {
            job.cancel(Duration.ofSeconds(10));
            JobResult result = job.await();
            assertEquals(new Outcome.Cancelled(), result.outcome());
            assertTrue(Jobs.isGone(result.report().hostPid()));
        }
        try (Job job = ready("orphan-storm", "20", "sleep")) {
            job.cancel();
            assertEquals(new Outcome.Cancelled(), job.await().outcome());
        }
    }

    @Test
    void aSecondCancelMayShortenTheGraceButNotLengthenIt() throws Exception {
        try (Job job = ready("orphan-storm", "3", "sleep")) {
            job.cancel(Duration.ofMinutes(5));
            job.cancel(Duration.ofMillis(50));
            job.cancel(Duration.ofMinutes(10));
            JobResult result = job.onExit().get(60, TimeUnit.SECONDS);
            assertEquals(new Outcome.Cancelled(), result.outcome());
        }
    }

    /** As a shell or systemd sends it: the supervisor, init and, without a session of its own, the job all get it. */
    @Test
    void termToEveryProcessOfTheHelperLeavesTheGrace() throws Exception {
        CountDownLatch ready = new CountDownLatch(1);
        List<String> lines = new CopyOnWriteArrayList<>();
        JobSpec spec = JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .command(TestJobs.program("sleep-term"), "5").killGrace(Duration.ofMinutes(1)).build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.lines(line -> {
            lines.add(line);
            ready.countDown();
        })))) {
            assertTrue(ready.await(100, TimeUnit.SECONDS));
            ProcessHandle main = ProcessHandle.of(job.report().hostPid()).orElseThrow();
            ProcessHandle init = main.parent().orElseThrow();
            ProcessHandle supervisor = init.parent().orElseThrow();
            assertTrue(init.destroy() && supervisor.destroy());
            assertEquals(new Outcome.Cancelled(), job.onExit().get(60, TimeUnit.SECONDS).outcome());
            assertEquals(List.of("ready", "term"), lines, "the job could still say something");
        }
    }

    /** A job that has said that it is ready. */
    private static Job ready(String program, String... arguments) throws Exception {
        CountDownLatch ready = new CountDownLatch(1);
        Job job = launcher.start(Jobs.small(program, arguments).build(),
            StartOptions.defaults().withOut(Stdio.lines(line -> ready.countDown())));
        assertTrue(ready.await(100, TimeUnit.SECONDS));
        return job;
    }

    @Test
    void signalsReachTheJobByName() throws Exception {
        try (Job job = ready("sleep-term", "42")) {
            job.signal("TERM");
            assertEquals(new Outcome.Exited(42), job.await().outcome());
            job.signal("TERM");
        }
        try (Job job = ready("sleep-term")) {
            job.signal("SIGUSR1");
            assertEquals(new Outcome.Signaled(10, false), job.await().outcome());
        }
        try (Job job = ready("sleep-term")) {
            job.signal("KILL");
            assertEquals(new Outcome.Signaled(9, false), job.await().outcome());
        }
    }

    @Test
    void closeKillsAndReaps() throws Exception {
        Job job = ready("orphan-storm", "20", "sleep");
        long pid = job.report().hostPid();
        List<ProcessHandle> supervisors = Jobs.supervisors();
        assertFalse(supervisors.isEmpty());
        job.close();
        assertFalse(ProcessHandle.of(pid).isPresent(), "the job is gone when close() returns");
        assertTrue(job.onExit().isDone());
        for (ProcessHandle supervisor : supervisors) {
            assertTrue(Jobs.isGone(supervisor.pid()));
        }
    }

    @Test
    void anInterruptKillsReapsAndClearsTheFlag() throws Exception {
        Job job = ready("orphan-storm", "20", "sleep");
        long pid = job.report().hostPid();
        Thread waiting = Thread.currentThread();
        Thread interrupter = new Thread(() -> {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            waiting.interrupt();
        });
        interrupter.start();
        assertThrows(InterruptedException.class, job::await);
        assertFalse(Thread.currentThread().isInterrupted());
        assertFalse(ProcessHandle.of(pid).isPresent());
        interrupter.join();
    }

    @Test
    void interruptsDuringStartLeaveNothing(@TempDir Path directory) throws Exception {
        Path program = TestJobs.copy("sleep-term", directory);
        JobSpec spec = Jobs.small("sleep-term").command(program.toString()).build();
        for (int i = 0; i < 30; i++) {
            int delay = i;
            Thread starter = new Thread(() -> {
                try (Job job = launcher.start(spec)) {
                    job.await();
                } catch (InterruptedException e) {
                    // Wherever it was, this is what is to come.
                } catch (SandboxException e) {
                    throw new IllegalStateException(e);
                }
            });
            List<Throwable> failures = new ArrayList<>();
            starter.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
            starter.start();
            Thread.sleep(delay);
            starter.interrupt();
            starter.join(60_000);
            assertFalse(starter.isAlive());
            assertEquals(List.of(), failures);
        }
        for (ProcessHandle supervisor : Jobs.supervisors()) {
            assertTrue(Jobs.isGone(supervisor.pid()));
        }
        assertTrue(Jobs.noneLeft(program));
    }

    @Test
    void aHeldJobHasNotRunYet() throws Exception {
        StartOptions held = StartOptions.held();
        try (Job job = launcher.start(Jobs.isolated("exit-n", "5").build(), held)) {
            assertTrue(job.report().namespaces().get(NamespaceKind.NET).isolated());
            assertTrue(job.report().stages().stream().noneMatch(stage -> stage.name().equals("exec")));
            Thread.sleep(50);
            assertFalse(job.onExit().isDone());
            assertTrue(ProcessHandle.of(job.report().hostPid()).isPresent());
            job.release();
            assertEquals(new Outcome.Exited(5), job.await().outcome());
        }
        Job neverReleased = launcher.start(Jobs.isolated("exit-n", "5").build(), held);
        neverReleased.close();
        assertEquals(new Outcome.Cancelled(), neverReleased.await().outcome());
        try (Job job = launcher.start(JobSpec.isolated().command("nsjob-no-such-program").build(), held)) {
            job.release();
            assertEquals(2, assertThrows(SandboxException.class, job::await).errno());
        }
    }

    @Test
    void aDeadSupervisorOrInitIsALostJob() throws Exception {
        Job job = ready("sleep-term");
        long pid = job.report().hostPid();
        Jobs.supervisors().forEach(ProcessHandle::destroyForcibly);
        assertEquals(new Outcome.Lost("supervisor"), job.await().outcome());
        assertTrue(Jobs.isGone(pid));
        job.close();

        Job other = ready("sleep-term");
        ProcessHandle.of(other.report().initPid().orElseThrow()).orElseThrow().destroyForcibly();
        assertEquals(new Outcome.Lost("init"), other.await().outcome());
        assertTrue(Jobs.isGone(other.report().hostPid()));
        other.close();
    }
}
