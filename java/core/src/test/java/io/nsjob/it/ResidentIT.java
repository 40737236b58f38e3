package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is the resident driver's own: its helper, its one thread, its descriptors. */
@JobTest
class ResidentIT {
    private static final StartOptions LIVE = StartOptions.defaults().withIn(Stdio.stream()).withOut(Stdio.stream());
    private static final int MANY = 200;
    private static final int THREADS = 8;
    private static final int LAUNCHES = 500;

    private static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open(Driver.RESIDENT);
    }

    @AfterAll
    static void close() throws Exception {
        launcher.close();
        assertEquals(List.of(), Jobs.supervisors());
    }

    private static ProcessHandle helper() {
        List<ProcessHandle> helpers = ProcessHandle.current().children().filter(child -> Jobs.command(child).equals("nsjob-launcher")).toList();
        assertEquals(1, helpers.size());
        return helpers.get(0);
    }

    private static void assertEchoes(Job job, String text) throws IOException {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        job.stdin().write(bytes);
        job.stdin().flush();
        assertEquals(text + "\n", new String(job.stdout().readNBytes(bytes.length), StandardCharsets.UTF_8));
    }

    @Test
    void jobsOutliveAHelperThatIsKilledAndTheNextHasAnother() throws Exception {
        assertEquals(Driver.RESIDENT, launcher.driver());
        try (Job one = launcher.start(Jobs.isolated("echo-both").build(), LIVE);
                Job other = launcher.start(Jobs.isolated("echo-both").name("outlives").build(), LIVE)) {
            assertEchoes(one, "before");
            ProcessHandle first = helper();
            assertTrue(first.destroyForcibly());
            first.onExit().get(60, TimeUnit.SECONDS);
            assertEchoes(one, "after");
            assertEquals(0, launcher.run(Jobs.small("exit-n", "0").build()).exitStatus());
            assertFalse(helper().pid() == first.pid());
            assertEchoes(one, "still");
            one.stdin().close();
            assertEquals(new Outcome.Exited(0), one.await().outcome());
            other.cancel(Duration.ZERO);
            assertEquals(new Outcome.Cancelled(), other.await().outcome());
        }
    }

    /** Nobody is the parent any more of a supervisor that is stopped: it is killed by its pid, which it has while it is connected. */
    @Test
    void aStoppedSupervisorOfADeadHelperIsKilled() throws Exception {
        Job job = launcher.start(Jobs.isolated("echo-both").build(), LIVE);
        long main = job.report().hostPid();
        ProcessHandle supervisor = Jobs.supervisor(job);
        ProcessHandle helper = helper();
        assertTrue(helper.destroyForcibly());
        helper.onExit().get(60, TimeUnit.SECONDS);
        assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(supervisor.pid())).start().waitFor());
        job.close();
        assertEquals(new Outcome.Lost("supervisor"), job.await().outcome());
        assertTrue(Jobs.isGone(main));
    }

    @Test
    void aKilledSupervisorIsOneJobsFailure() throws Exception {
        try (Job one = launcher.start(Jobs.isolated("echo-both").build(), LIVE)) {
            ProcessHandle victim = Jobs.supervisor(one);
            try (Job other = launcher.start(Jobs.isolated("echo-both").build(), LIVE)) {
                assertTrue(victim.destroyForcibly());
                assertEquals(new Outcome.Lost("supervisor"), one.await().outcome());
                assertEchoes(other, "alive");
            }
        }
    }

    private static ProcessHandle spare() throws Exception {
        assertEquals(0, launcher.run(Jobs.small("exit-n", "0").build()).exitStatus());
        Await.until("one that is ready", () -> helper().children().anyMatch(child -> Jobs.command(child).equals("nsjob-spare")));
        return helper().children().filter(child -> Jobs.command(child).equals("nsjob-spare")).findFirst().orElseThrow();
    }

    /** Nothing of the job has happened: another supervisor has it. */
    @Test
    void aSupervisorThatIsKilledBeforeItHasReadThePlanIsNobodysFailure() throws Exception {
        for (boolean waits : new boolean[] {true, false}) {
            ProcessHandle first = spare();
            assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(first.pid())).start().waitFor());
            JobSpec spec = Jobs.small("exit-n", "3").build();
            CompletableFuture<JobResult> end = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try (Job job = waits ? null : launcher.start(spec, StartOptions.defaults())) {
                    end.complete(waits ? launcher.run(spec) : job.await());
                } catch (SandboxException | InterruptedException | RuntimeException e) {
                    end.completeExceptionally(e);
                }
            });
            caller.start();
            // It has been given the job by then, and if not, another gets it at once.
            Thread.sleep(300);
            assertFalse(end.isDone());
            assertTrue(first.destroyForcibly());
            assertEquals(3, end.get(60, TimeUnit.SECONDS).exitStatus());
        }
    }

    @Test
    void aStoppedHelperIsReplaced() throws Exception {
        assertEquals(0, launcher.run(Jobs.small("exit-n", "0").build()).exitStatus());
        ProcessHandle stopped = helper();
        assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(stopped.pid())).start().waitFor());
        Thread waiting = Thread.currentThread();
        Thread impatient = new Thread(() -> {
            try {
                Thread.sleep(500); // it is waited for by then
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            waiting.interrupt();
        });
        impatient.start();
        try {
            launcher.run(Jobs.small("exit-n", "0").build());
        } catch (InterruptedException e) {
            // What is to come: that job cannot begin, and nothing of it is left.
            stopped.onExit().get(60, TimeUnit.SECONDS);
        }
        impatient.join();
        assertEquals(0, launcher.run(Jobs.small("exit-n", "0").build()).exitStatus());
    }

    private static Set<Thread> all() {
        return Thread.getAllStackTraces().keySet();
    }

    /** Those of the library that came since. */
    private static List<String> threads(Set<Thread> before) {
        return all().stream().filter(thread -> !before.contains(thread)).map(Thread::getName)
            .filter(name -> name.startsWith("nsjob") || name.startsWith("process reaper")).toList();
    }

    @Test
    void manyJobsHaveFewThreads() throws Exception {
        Set<Thread> before = all();
        List<Job> jobs = new ArrayList<>();
        JobSpec spec = Jobs.small("echo-both").build();
        try {
            for (int i = 0; i < MANY; i++) {
                jobs.add(launcher.start(spec, LIVE));
            }
            assertTrue(threads(before).size() <= THREADS, () -> threads(before).toString());
            for (Job job : jobs) {
                assertEchoes(job, "hello");
            }
            assertTrue(threads(before).size() <= THREADS, () -> threads(before).toString());
            List<CompletableFuture<JobResult>> ends = jobs.stream().map(Job::onExit).toList();
            for (Job job : jobs) {
                job.stdin().close();
            }
            for (CompletableFuture<JobResult> end : ends) {
                assertEquals(new Outcome.Exited(0), end.get().outcome());
            }
            assertTrue(threads(before).size() <= THREADS, () -> threads(before).toString());
        } finally {
            jobs.forEach(Job::close);
        }
    }

    @Test
    void manyJobsAtOnceHaveFewThreadsToo() throws Exception {
        Set<Thread> before = all();
        JobSpec spec = Jobs.small("exit-n", "7").build();
        AtomicInteger most = new AtomicInteger();
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            results.add(launcher.runAsync(spec).thenApply(result -> {
                most.accumulateAndGet(threads(before).size(), Math::max);
                assertFalse(Thread.currentThread().getName().equals("nsjob-reactor"));
                return result.exitStatus();
            }));
        }
        for (CompletableFuture<Integer> result : results) {
            assertEquals(7, result.get());
        }
        // Where the machine is too busy to run them, a few more are tried.
        assertTrue(most.get() <= MANY / 5, () -> "threads: " + most);
    }

    /** What the user hangs on a future may wait for other jobs. */
    @Test
    void dependentsThatWaitForOthersWaitForNothingElse() throws Exception {
        JobSpec spec = Jobs.small("exit-n", "0").build();
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 2 * THREADS; i++) {
            results.add(launcher.runAsync(spec).thenApply(result -> launcher.runAsync(spec).thenApply(JobResult::exitStatus).join()));
        }
        for (CompletableFuture<Integer> result : results) {
            assertEquals(0, result.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aSlowReaderHoldsNobodyUp() throws Exception {
        JobSpec flood = Jobs.isolated("echo-both").command("sh", "-c", "head -c 3000000 /dev/zero").build();
        CompletableFuture<Void> slow = new CompletableFuture<>();
        StartOptions lines = StartOptions.defaults().withOut(Stdio.lines(line -> slow.join()));
        try (Job unread = launcher.start(flood, LIVE); Job consumed = launcher.start(flood, lines)) {
            for (int i = 0; i < 20; i++) {
                assertEquals(3_000_000, launcher.run(flood).stdout().length);
            }
            assertFalse(unread.onExit().isDone() || consumed.onExit().isDone());
            assertEquals(3_000_000, unread.stdout().readAllBytes().length);
            slow.complete(null);
            assertEquals(new Outcome.Exited(0), consumed.await().outcome());
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Of jobs that end well, that do not begin, that are killed, and of whose streams nobody takes care. */
    @Test
    void noDescriptorIsLost() throws Exception {
        JobSpec spec = Jobs.small("exit-n", "0").build();
        JobSpec missing = Jobs.small("exit-n").command("/nsjob-no-such-program").build();
        launchOnce(spec, missing, 0);
        long before = descriptors();
        for (int i = 0; i < LAUNCHES; i++) {
            launchOnce(spec, missing, i);
        }
        Await.until("descriptors as before", () -> descriptors() <= before);
    }

    private static void launchOnce(JobSpec spec, JobSpec missing, int turn) throws Exception {
        try {
            if (turn % 5 == 0) {
                launcher.run(missing);
            } else if (turn % 5 == 1) {
                launcher.start(spec, StartOptions.held()).close();
            } else if (turn % 5 == 2) {
                launcher.start(spec, LIVE).await();
            } else {
                assertEquals(0, launcher.run(spec, StartOptions.defaults().withIn(Stdio.bytes(new byte[turn]))).exitStatus());
            }
        } catch (SandboxException e) {
            assertEquals("exec", e.stage(), e::toString);
        }
    }

    /** By reflection: the module of the library does not read that of the management beans. */
    private static long allocated(long thread) throws ReflectiveOperationException {
        Object threads = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        return (long) bytes.invoke(threads, thread);
    }

    /** Far above what it is, and far below what a report that is read or a structure for each call would make of it. */
    @Test
    void aLaunchAllocatesLittle() throws Exception {
        long here = Thread.currentThread().getId();
        JobSpec spec = Jobs.small("exit-n", "0").build();
        int rounds = 100;
        for (int i = 0; i < rounds; i++) {
            launcher.run(spec);
        }
        long reactor = Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("nsjob-reactor"))
            .findFirst().orElseThrow().getId();
        long ofHere = allocated(here);
        long ofReactor = allocated(reactor);
        for (int i = 0; i < rounds; i++) {
            launcher.run(spec);
        }
        long each = (allocated(here) - ofHere) / rounds;
        long eachOfReactor = (allocated(reactor) - ofReactor) / rounds;
        assertTrue(each < 256 << 10, () -> "by the caller: " + each);
        assertTrue(eachOfReactor < 32 << 10, () -> "by the reactor: " + eachOfReactor);
    }
}
