package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Jobs whose processes fork twice, lead sessions of their own, ignore the polite signals and hold standard output: none may
 * outlive the job, and none may delay its result. Left alone each would live for two minutes.
 */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class OrphanStormTest {
    private static final int STORM = 200;
    private static final String READY = "ready " + STORM + "\n";
    /** Far above any scheduling delay, far below the two minutes of an orphan that is waited for. */
    private static final Duration PROMPT = Duration.ofSeconds(60);
    private static final int LANES = 4;

    /** The profile's own limit of processes is far lower. */
    private static JobSpec.Builder isolated() {
        return TestJobs.isolated().pids(STORM + 10);
    }

    @Test
    void aHundredTimeoutsInARow() throws Exception {
        inLanes(100, OrphanStormTest::isolated, OrphanStormTest::timeout);
    }

    @Test
    void timeoutsWithoutPidNamespace() throws Exception {
        inLanes(12, JobSpec::bare, OrphanStormTest::timeout);
        inLanes(3, () -> JobSpec.bare(NamespaceKind.USER, NamespaceKind.UTS), OrphanStormTest::timeout);
    }

    @Test
    void mainEndsWhileOrphansLive() throws Exception {
        inLanes(6, OrphanStormTest::isolated, OrphanStormTest::mainExits);
        inLanes(6, JobSpec::bare, OrphanStormTest::mainExits);
    }

    /** What the others look for can be found: without this they would pass with a search that finds nothing. */
    @Test
    void theStormIsSeenWhileItLasts() throws Exception {
        for (JobSpec.Builder spec : List.of(isolated(), JobSpec.bare())) {
            try (World world = World.plain()) {
                Job job = world.launcher().start(spec.command(TestJobs.program("orphan-storm"), Integer.toString(STORM)).build(),
                    StartOptions.defaults().withOut(Stdio.stream()));
                assertEquals(READY, new String(job.stdout().readNBytes(READY.length())));
                // The storm, main, init and the supervisor.
                assertEquals(STORM + 3, world.processes().size());
                var pidNamespace = job.report().namespaces().get(NamespaceKind.PID);
                if (pidNamespace.isolated()) {
                    assertTrue(Proc.inPidNamespace(pidNamespace.inode()).size() > STORM);
                }
                job.close();
                world.assertNothingLeft();
            }
        }
    }

    /** One time, in the lane's own world. */
    @FunctionalInterface
    private interface Time {
        void run(World world, JobSpec.Builder spec) throws Exception;
    }

    private static void inLanes(int times, Supplier<JobSpec.Builder> spec, Time time) throws Exception {
        List<Integer> lanes = IntStream.range(0, Math.min(LANES, times)).boxed().toList();
        Lanes.run(lanes.size(), lanes, lane -> {
            try (World world = World.plain()) {
                for (int i = lane; i < times; i += lanes.size()) {
                    time.run(world, spec.get());
                }
            }
        });
    }

    /** On a busy machine the storm may not be up in time: then it was a test of another kind, and is done again, slower. */
    private static void timeout(World world, JobSpec.Builder spec) throws Exception {
        spec.command(TestJobs.program("orphan-storm"), Integer.toString(STORM));
        for (long wall = 200; wall <= 25_600; wall *= 2) {
            JobResult result = run(world, spec.wallTime(Duration.ofMillis(wall)).build());
            assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), result.outcome());
            if (result.stdoutText().equals(READY)) {
                return;
            }
            assertEquals("", result.stdoutText());
        }
        fail(STORM + " processes were not up within 25.6 s");
    }

    private static void mainExits(World world, JobSpec.Builder spec) throws Exception {
        JobResult result = run(world, spec.command(TestJobs.program("orphan-storm"), Integer.toString(STORM), "exit", "7")
            .wallTime(Duration.ofSeconds(60)).build());
        assertEquals(new Outcome.Exited(7), result.outcome());
        assertEquals(READY, result.stdoutText());
    }

    private static JobResult run(World world, JobSpec spec) throws Exception {
        long begun = System.nanoTime();
        JobResult result = world.launcher().run(spec);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertTrue(took.compareTo(PROMPT) < 0, "the result took " + took);
        world.assertNothingLeft();
        return result;
    }
}
