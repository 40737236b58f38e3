package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Outcome;
import io.nsjob.OutputAction;
import io.nsjob.ResourceLimit;
import io.nsjob.StartOptions;
import io.nsjob.Tmpfs;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.TestJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that take all they can get, in profile isolated: something ends them, says so, and others go on meanwhile. */
@JobTest
class BombsIT extends WithLauncher {
    private static final Duration WALL = Duration.ofSeconds(50);
    private static final long MIB = 1 << 20;
    /** What the machine does beside is unknown; the figures that matter are printed. */
    private static final long GENEROUS_MILLIS = 30_000;

    private static JobSpec.Builder bomb(String... arguments) {
        List<String> command = new ArrayList<>(List.of(TestJobs.program("bomb")));
        command.addAll(Arrays.asList(arguments));
        return TestJobs.isolated().command(command).wallTime(WALL);
    }

    private static boolean hasCgroup(String controller) {
        return HostFacts.real().cgroups().of(controller).isPresent();
    }

    @ParameterizedTest
    @CsvSource({"memory 200, 64", "shared 200, 64", "memfd 200, 64", "pipes 100, 24", "file /dev/shm/x 100, 8", "file /tmp/x 60, 24"})
    void memoryOfEveryKindCounts(String arguments, int limit) throws Exception {
        JobResult result = launcher.run(bomb(arguments.split(" ")).memory(limit * MIB).build());
        boolean ofTmpfs = arguments.startsWith("file /dev/shm");
        if (ofTmpfs || hasCgroup("memory")) {
            // What a tmpfs holds is limited by its own size as well: 16m in /dev/shm.
            assertTrue(result.outcome().equals(new Outcome.OutOfMemory()) && result.limitsHit().contains("memory")
                || ofTmpfs && result.stdoutText().startsWith("refused at 1"), result + result.stdoutText());
        } else if (arguments.startsWith("memory")) {
            assertTrue(result.stdoutText().startsWith("refused at "), result + result.stdoutText());
        } else {
            // No cgroup: shared memory, memfd and pipes are not limited, and the report says so.
            assertTrue(result.report().weakened().stream().anyMatch(line -> line.startsWith("limits.memory: ")),
                result.report().weakened().toString());
        }
        assertEquals(hasCgroup("memory") ? "cgroup" : "rlimit", result.report().limits().enforcement().get("memory")
            .replaceAll("[12]$", ""));
    }

    /** The control. */
    @ParameterizedTest
    @ValueSource(strings = {"memory 200", "shared 200", "memfd 200", "pipes 60", "file /tmp/x 60"})
    void withoutALimitOfMemoryItIsHad(String arguments) throws Exception {
        JobResult result = launcher.run(bomb(arguments.split(" ")).memory(ResourceLimit.UNLIMITED).build());
        assertEquals(new Outcome.Exited(0), result.outcome(), result.stdoutText());
        assertTrue(result.stdoutText().startsWith("got "), result.stdoutText());
        assertTrue(result.report().weakened().contains("limits.memory: unlimited instead of 256m"), result.report().weakened().toString());
    }

    @ParameterizedTest
    @CsvSource({"file /tmp/x 200", "files /tmp 20000"})
    void aFullDiskIsTheJobsOwn(String arguments) throws Exception {
        JobResult result = launcher.run(bomb(arguments.split(" ")).build());
        assertEquals(new Outcome.Exited(3), result.outcome(), result.stdoutText());
        assertTrue(result.stdoutText().contains("No space left on device"), result.stdoutText());
        JobResult control = launcher.run(bomb(arguments.split(" ")).tmpfs(new Tmpfs("/tmp", 220 * MIB, 24_000)).memory(400 * MIB).build());
        assertEquals(new Outcome.Exited(0), control.outcome(), control.stdoutText());
    }

    @Test
    void processesAreCountedExactly() throws Exception {
        JobSpec.Builder spec = bomb("processes", "200").pids(10);
        JobResult result = launcher.run(spec.build());
        assertEquals("refused at 9: Resource temporarily unavailable\n", result.stdoutText(), "ten with the first");
        assertEquals(hasCgroup("pids") ? List.of("pids") : List.of(), result.limitsHit());
        assertEquals("got 200\n", launcher.run(spec.pids(300).build()).stdoutText(), "the control");
        assertEquals("got 9\n", launcher.run(bomb("processes", "9").pids(10).build()).stdoutText());
    }

    @Test
    void besideAForkBombASecondJobRuns(@TempDir Path directory) throws Exception {
        Path program = TestJobs.copy("bomb", directory);
        JobSpec spec = JobSpec.isolated().bindReadOnly(directory.toString()).command(program.toString(), "fork")
            .wallTime(Duration.ofSeconds(4)).build();
        try (Job job = launcher.start(spec, StartOptions.defaults())) {
            List<Long> millis = new ArrayList<>();
            while (!job.onExit().isDone() && millis.size() < 20) {
                long begun = System.nanoTime();
                assertTrue(launcher.run(TestJobs.isolated().command(TestJobs.program("exit-n"), "0").build()).outcome().success());
                millis.add((System.nanoTime() - begun) / 1_000_000);
            }
            JobResult result = job.await();
            assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), result.outcome());
            assertTrue(result.limitsHit().containsAll(hasCgroup("pids") ? List.of("pids", "wallTime") : List.of("wallTime")),
                result.limitsHit().toString());
            System.out.println("a job beside a fork bomb, milliseconds: " + millis + "; wall-clock limit passed by "
                + (result.usage().wall().toMillis() - 4000));
            assertTrue(Collections.max(millis) < GENEROUS_MILLIS, millis.toString());
            assertTrue(result.usage().wall().toMillis() < 4000 + GENEROUS_MILLIS, result.usage().toString());
        }
        assertTrue(Jobs.noneLeft(program));
    }

    @Test
    void aFloodDoesNotFillTheHeap() throws Exception {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();
        JobResult result = launcher.run(bomb("flood", "256").build());
        System.gc();
        long grown = runtime.totalMemory() - runtime.freeMemory() - before;
        assertEquals(new Outcome.Exited(0), result.outcome());
        assertEquals(256 * MIB, result.usage().stdoutBytes());
        assertEquals(8 * MIB, result.stdout().length);
        assertTrue(result.truncated());
        System.out.println("a flood of 256 MiB: " + result.usage().wall().toMillis() + " ms, heap grown by " + grown / MIB + " MiB");
        assertTrue(grown < 64 * MIB, grown + " bytes");
    }

    @Test
    void aLineThatNeverEndsIsEnded() throws Exception {
        JobResult result = launcher.run(bomb("line").outputLimit(MIB).outputAction(OutputAction.KILL).build());
        assertEquals(new Outcome.OutputLimit(), result.outcome());
        assertEquals(List.of("output"), result.limitsHit().stream().filter(limit -> !limit.equals("cpus")).toList());
        assertEquals(MIB, result.stdout().length);
    }

    /** A job that waits for ever costs its wall-clock limit and no more. */
    @Test
    void whoeverWaitsForEverIsEndedInTime() throws Exception {
        List<Long> overshoot = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (String arguments : List.of("stop", "fifo /tmp")) {
                JobResult result = launcher.run(bomb(arguments.split(" ")).wallTime(Duration.ofMillis(100)).build());
                assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), result.outcome(), arguments);
                assertEquals(List.of("wallTime"), result.limitsHit());
                overshoot.add(result.usage().wall().toMillis() - 100);
            }
        }
        Collections.sort(overshoot);
        System.out.println("wall-clock limit passed by, milliseconds: median " + overshoot.get(overshoot.size() / 2) + ", most "
            + overshoot.get(overshoot.size() - 1));
        assertTrue(overshoot.get(overshoot.size() - 1) < GENEROUS_MILLIS, overshoot.toString());
    }
}
