package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Driver;
import io.nsjob.Housekeeping;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL for what stays between jobs, while many threads start some: the helper that forks, and the supervisor that it has ready. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class ResidentStormTest {
    private static final int LAUNCHES = 240;
    /** Below what a launch takes, and up to a few of them: so many of them, on whatever machine. */
    private static final int LATEST_LAUNCHES = 5;
    private static final int SAMPLE = 10;
    private static final int EXIT = 7;
    private static final long LIMIT_SECONDS = 300;

    /** A spare supervisor is made after some idle milliseconds; one that was killed is followed by another only after the next job. */
    private static final int PAUSE_MILLIS = 60;

    /** What is killed, by how many threads jobs are started meanwhile, and whether each waits for a spare one before. */
    private enum Victim {
        LAUNCHER("nsjob-launcher", 8, false),
        SPARE("nsjob-spare", 2, true);

        private final String process;
        private final int threads;
        private final boolean waits;

        Victim(String process, int threads, boolean waits) {
            this.process = process;
            this.threads = threads;
            this.waits = waits;
        }

        /** Until there is one, or was. */
        void pause(World world) throws InterruptedException {
            long begun = System.nanoTime();
            while (waits && System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)
                && Proc.marked(world.mark()).stream().noneMatch(one -> one.isCalled(process))) {
                Thread.sleep(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Victim.class)
    void eachLaunchHasItsResultOrOneClearFailure(Victim victim) throws Exception {
        AtomicInteger done = new AtomicInteger();
        List<String> failures = new ArrayList<>();
        int kills;
        ExecutorService executor = Executors.newFixedThreadPool(victim.threads);
        try (World world = World.plain(Driver.RESIDENT)) {
            List<Future<List<String>>> threads = new ArrayList<>();
            for (int i = 0; i < victim.threads; i++) {
                JobSpec spec = spec(i % 2 == 0);
                threads.add(executor.submit(launches(world, spec, done, victim)));
            }
            kills = killUntil(world, victim.process, launchMicros(world), () -> threads.stream().allMatch(Future::isDone));
            for (Future<List<String>> thread : threads) {
                failures.addAll(thread.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            }
            // Whoever was killed is gone: the next job has another, and that has no excuse.
            assertEquals(new Outcome.Exited(EXIT), world.launcher().run(spec(true)).outcome());
            world.assertNothingLeft();
        } finally {
            executor.shutdownNow();
        }
        State.assertNothingStale();
        System.out.println("ResidentStormTest: " + victim + ": " + kills + " kills, " + done + " of " + LAUNCHES
            + " launches done, others: " + failures.stream().distinct().toList());
        assertTrue(kills > 0, "nobody was killed");
        assertEquals(LAUNCHES, done.get() + failures.size());
        // A kill takes what is on its way at that moment, and no more.
        assertTrue(failures.size() <= kills * victim.threads, () -> kills + " kills: " + failures);
        assertTrue(done.get() > LAUNCHES / 4, () -> done + ": " + failures);
    }

    private static JobSpec spec(boolean isolated) {
        return (isolated ? TestJobs.isolated() : JobSpec.bare()).command(TestJobs.program("exit-n"), Integer.toString(EXIT)).build();
    }

    private static Callable<List<String>> launches(World world, JobSpec spec, AtomicInteger done, Victim victim) {
        return () -> {
            List<String> failures = new ArrayList<>();
            for (int i = 0; i < LAUNCHES / victim.threads; i++) {
                victim.pause(world);
                try {
                    JobResult result = world.launcher().run(spec);
                    if (victim == Victim.SPARE && result.outcome().equals(new Outcome.Lost("supervisor"))) {
                        // It had become this job's supervisor between the look at its name and the kill.
                        failures.add(result.outcome().toString());
                        continue;
                    }
                    assertEquals(new Outcome.Exited(EXIT), result.outcome());
                    done.incrementAndGet();
                } catch (SandboxException e) {
                    assertFalse(e.stage().isEmpty() || e.getMessage().isEmpty() || e.job().isEmpty(), e::toJson);
                    failures.add(e.stage() + ": " + e.getMessage());
                }
            }
            return failures;
        };
    }

    /** What a launch takes here and now, at best: who kills much faster than that lets nobody through. */
    private static int launchMicros(World world) throws Exception {
        long least = TimeUnit.SECONDS.toNanos(1);
        for (int i = 0; i < SAMPLE; i++) {
            long begun = System.nanoTime();
            assertEquals(new Outcome.Exited(EXIT), world.launcher().run(spec(true)).outcome());
            least = Math.min(least, System.nanoTime() - begun);
        }
        return (int) TimeUnit.NANOSECONDS.toMicros(least);
    }

    private static int killUntil(World world, String victim, int launchMicros, Callable<Boolean> over) throws Exception {
        Random random = seeded();
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        int kills = 0;
        Proc last = null;
        while (!over.call()) {
            assertTrue(System.nanoTime() < limit, "the launches hang");
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(LATEST_LAUNCHES * launchMicros)));
            Optional<Proc> found = Proc.marked(world.mark()).stream().filter(process -> process.isCalled(victim)).findAny();
            if (found.isPresent() && found.get().kill()) {
                kills++;
                last = found.get();
            }
        }
        Proc killed = last;
        Await.until("the last that was killed is gone", () -> killed == null || !killed.isStillThere());
        return kills;
    }

    private static Random seeded() {
        long seed = Long.getLong("nsjob.test.seed", System.nanoTime());
        System.out.println("ResidentStormTest: -Dnsjob.test.seed=" + seed);
        return new Random(seed);
    }

    /** With jobs, and with nothing but what stays between them. */
    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void allGoWithTheVirtualMachine(int jobs) throws Exception {
        try (World world = World.withoutLauncher()) {
            Process process = new ProcessBuilder(Java.command("resident", IdleMain.class, world.helper(), Integer.toString(jobs),
                TestJobs.program("exit-n"), TestJobs.program("sleep-term"))).redirectErrorStream(true).start();
            try (BufferedReader out = process.inputReader()) {
                assertEquals("idle", out.readLine());
                List<Proc> there = world.processes();
                assertTrue(there.stream().anyMatch(one -> one.isCalled("nsjob-launcher")), there::toString);
                assertTrue(await(world, "nsjob-spare"), "no supervisor is ready");
                assertTrue(process.toHandle().destroyForcibly());
                process.waitFor();
                world.assertAllGone();
            } finally {
                process.destroyForcibly();
            }
            State.assertSwept(process.pid(), Housekeeping::gc);
        }
    }

    private static boolean await(World world, String name) throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            if (Proc.marked(world.mark()).stream().anyMatch(process -> process.isCalled(name))) {
                return true;
            }
            Thread.sleep(10);
        }
        return false;
    }

    /** The control for all that looks for what is left: while a launcher is open there is something. */
    @Test
    void whatStaysIsSeen() throws Exception {
        World world = World.plain(Driver.RESIDENT);
        try (world) {
            assertEquals(EXIT, world.launcher().run(spec(false)).exitStatus());
            assertTrue(await(world, "nsjob-spare"));
            world.assertNothingLeft();
            assertFalse(Proc.marked(world.mark()).isEmpty());
        }
        assertEquals(List.of(), Proc.marked(world.mark()));
    }
}
