package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.nsjob.Driver;
import io.nsjob.Housekeeping;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * SIGKILL, which nobody can catch, for the JVM, the supervisor and init, at random moments from the start of a job to a bit
 * after exec. The job is one whose processes try to stay: see {@link OrphanStormTest}.
 */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class KillTest {
    private static final int KILLS = 100;
    private static final int BARE_KILLS = 40;
    private static final long LATEST_NANOS = 40_000_000;
    private static final long HANG_SECONDS = 100;
    private static final int LANES = 4;
    private static final String[] STORM = {TestJobs.program("orphan-storm"), "3"};

    /** Who is killed. */
    private enum Victim {
        SUPERVISOR,
        INIT
    }

    /** A moment: in which lane, with which delay. */
    private record Moment(Victim victim, boolean bare, long nanos) {
        JobSpec spec() {
            return (bare ? JobSpec.bare() : TestJobs.isolated()).command(STORM).build();
        }
    }

    @Test
    void theSupervisorAtRandomMoments() throws Exception {
        kill(Victim.SUPERVISOR);
    }

    @Test
    void initAtRandomMoments() throws Exception {
        kill(Victim.INIT);
    }

    @Test
    void aRunningJobIsLost() throws Exception {
        for (Victim victim : Victim.values()) {
            for (JobSpec spec : List.of(TestJobs.isolated().command(STORM).build(), JobSpec.bare().command(STORM).build())) {
                for (Driver driver : Driver.values()) {
                    isLost(victim, spec, driver);
                }
            }
        }
        State.assertNothingStale();
    }

    private static void isLost(Victim victim, JobSpec spec, Driver driver) throws Exception {
        try (World world = World.plain(driver)) {
            Job job = world.launcher().start(spec);
            Proc found = find(world, victim, Set.of()).orElseThrow();
            assertTrue(found.kill());
            JobResult result = job.onExit().get(HANG_SECONDS, TimeUnit.SECONDS);
            assertEquals(new Outcome.Lost(victim == Victim.INIT ? "init" : "supervisor"), result.outcome());
            assertFalse(result.outcome().success());
            world.assertNothingLeft();
        }
    }

    /** Each has two jobs, started five milliseconds apart, so one of them is often about to be set up. */
    @Test
    void theVirtualMachineAtRandomMoments() throws Exception {
        Random random = seeded();
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < KILLS; i++) {
            moments.add(new Moment(null, i % 4 == 3, moment(random)));
        }
        Lanes.run(LANES, moments, KillTest::killVirtualMachine);
        State.assertNothingStale();
    }

    /** What a killed JVM leaves is there, and the next launcher removes it. */
    @Test
    void theNextLauncherSweeps() throws Exception {
        try (World world = World.withoutLauncher()) {
            long pid = startAndKill(world, new Moment(null, false, LATEST_NANOS));
            assertEquals(1, State.runDirectories(pid).size());
            world.assertNothingLeft();
            State.assertSwept(pid, () -> Launcher.open().close());
        }
    }

    private static Random seeded() {
        long seed = Long.getLong("nsjob.test.seed", System.nanoTime());
        System.out.println("KillTest: -Dnsjob.test.seed=" + seed);
        return new Random(seed);
    }

    /** From 0 to 40 ms, the earlier the denser: most of what can go wrong is before exec. */
    private static long moment(Random random) {
        return (long) (Math.pow(random.nextDouble(), 2) * LATEST_NANOS);
    }

    private static void kill(Victim victim) throws Exception {
        Random random = seeded();
        List<Integer> lanes = new ArrayList<>();
        List<List<Moment>> moments = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            lanes.add(i);
            moments.add(new ArrayList<>());
        }
        for (int i = 0; i < KILLS + BARE_KILLS; i++) {
            moments.get(i % LANES).add(new Moment(victim, i >= KILLS, moment(random)));
        }
        Lanes.run(LANES, lanes, lane -> {
            try (World world = World.plain(Driver.values()[lane % 2])) {
                for (Moment moment : moments.get(lane)) {
                    killOnce(world, moment);
                }
            }
        });
        State.assertNothingStale();
    }

    private static void killOnce(World world, Moment moment) throws Exception {
        Set<Long> before = Proc.pids();
        long begun = System.nanoTime();
        CompletableFuture<Job> start = CompletableFuture.supplyAsync(() -> {
            try {
                return world.launcher().start(moment.spec());
            } catch (SandboxException | InterruptedException e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });
        LockSupport.parkNanos(begun + moment.nanos() - System.nanoTime());
        boolean isKilled = false;
        boolean last = false;
        while (!last && !hasEnded(start)) {
            assertTrue(System.nanoTime() - begun < HANG_SECONDS * 1_000_000_000, "no victim");
            Optional<Proc> victim = find(world, moment.victim(), before);
            // An init made ahead that dies before it has the job costs nobody anything: the one that is cloned then has to die, too.
            // At its very beginning it is called as the one that made it.
            boolean ahead = victim.isPresent() && (victim.get().isCalled("nsjob-ahead") || victim.get().isCalled("nsjob-spare"));
            if (victim.isPresent() && victim.get().kill()) {
                isKilled = true;
                last = !ahead;
            }
        }
        try {
            JobResult result = start.get(HANG_SECONDS, TimeUnit.SECONDS).onExit().get(HANG_SECONDS, TimeUnit.SECONDS);
            assertEquals(Outcome.Kind.LOST, result.outcome().kind(), () -> moment + ": " + result);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof SandboxException failure) || failure.stage().isEmpty()) {
                throw e;
            }
            assertTrue(isKilled, () -> "failed before anybody was killed: " + failure);
        }
        world.assertNothingLeft();
    }

    /** It has failed, or its job has come to its end. */
    private static boolean hasEnded(CompletableFuture<Job> start) {
        return start.isCompletedExceptionally() || (start.isDone() && start.join().onExit().isDone());
    }

    /** The supervisor is this JVM's child, or that of the helper that stays; init is the supervisor's. */
    private static Optional<Proc> find(World world, Victim victim, Set<Long> before) {
        List<Proc> fresh = Proc.pids().stream().filter(pid -> !before.contains(pid) && Proc.hasMark(pid, world.mark()))
            .flatMap(pid -> Proc.of(pid).stream()).toList();
        Optional<Proc> supervisor = child(fresh, ProcessHandle.current().pid());
        List<Proc> all = fresh;
        if (world.launcher().driver() == Driver.RESIDENT) {
            // They may have been there, without a job, before this one was thought of.
            all = Proc.marked(world.mark());
            supervisor = all.stream().filter(process -> process.isCalled("nsjob-super")).findFirst();
        }
        List<Proc> candidates = all;
        return victim == Victim.SUPERVISOR ? supervisor : supervisor.map(Proc::pid).flatMap(parent -> child(candidates, parent));
    }

    private static Optional<Proc> child(List<Proc> processes, long parent) {
        return processes.stream().filter(process -> process.parent() == parent).findFirst();
    }

    private static void killVirtualMachine(Moment moment) throws Exception {
        try (World world = World.withoutLauncher()) {
            long pid = startAndKill(world, moment);
            world.assertNothingLeft();
            State.assertSwept(pid, Housekeeping::gc);
        }
    }

    private static long startAndKill(World world, Moment moment) throws Exception {
        String driver = moment.nanos() % 2 == 0 ? "resident" : "per-job";
        String[] arguments = {moment.bare() ? "bare" : "isolated", "2", "5", STORM[0], STORM[1]};
        Process process = new ProcessBuilder(Java.command(driver, VictimMain.class, world.helper(), arguments))
            .redirectErrorStream(true).start();
        try (BufferedReader out = process.inputReader()) {
            String line = out.readLine();
            if (!"begin".equals(line)) {
                fail("the virtual machine did not begin: " + line);
            }
            LockSupport.parkNanos(moment.nanos());
            // Not through Process, which would close the stream.
            assertTrue(process.toHandle().destroyForcibly());
            assertEquals(128 + 9, process.waitFor());
            // Nothing had ended or failed before. A helper that had just begun may say that nobody speaks to it.
            String rest = out.readLine();
            while (rest != null && rest.startsWith("nsjob-helper: ")) {
                rest = out.readLine();
            }
            assertEquals(null, rest);
            return process.pid();
        } finally {
            process.destroyForcibly();
        }
    }
}
