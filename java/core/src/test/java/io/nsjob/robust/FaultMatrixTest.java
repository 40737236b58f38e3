package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespacePin;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every stage of a launch fails, dies and hangs, by the helper's own fault injection (native/src/fault.h). Which stages there
 * are the helper says itself, so a new one is tested from its first day.
 */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES, Feature.TIME_NAMESPACES})
class FaultMatrixTest {
    private static final int EIO = 5;
    private static final int LANES = 6;
    /** What stalls is waited for; who fails or dies does so in its stage, however long it takes to get there. */
    private static final Duration STALL_TIME = Duration.ofMillis(400);
    private static final Duration SETUP_TIME = Duration.ofMinutes(1);
    /** The set-up time, five seconds that Java adds to it, three steps of three seconds to kill, and a busy machine. */
    private static final Duration LIMIT = Duration.ofSeconds(100);
    /** Only a root caller has blocks of ids, groups it can drop, and pipes to give away. */
    private static final Set<String> OF_ROOT = Set.of("id-block", "groups", "stdio");
    /** They need a namespace to join, or a job that is held. */
    private static final Set<String> JOINING = Set.of("open-namespaces", "join");
    private static final String HOLD = "hold";
    /** Passed by a supervisor whose job runs already: failing there is not provided for, dying is. */
    private static final String SUPERVISE = "supervise";

    /** One cell of the matrix. */
    private record Fault(String stage, String action) {
        @Override
        public String toString() {
            return stage + "=" + action;
        }

        JobSpec spec() {
            JobSpec.Builder spec = JOINING.contains(stage)
                ? JobSpec.bare().namespace(NamespaceKind.UTS, NamespaceMode.join("/proc/self/ns/uts"))
                : TestJobs.isolated().namespace(NamespaceKind.TIME, NamespaceMode.fresh()).boottimeOffset(Duration.ofDays(1));
            if (stage.equals("chroot")) {
                spec = JobSpec.bare().namespace(NamespaceKind.USER, NamespaceMode.fresh()).chroot("/");
            }
            if (stage.equals("pin")) {
                spec.pin(new NamespacePin(NamespaceKind.NET, "/tmp/net", true));
            }
            if (stage.equals("terminal")) {
                spec.terminal(true);
            }
            boolean waits = action.equals("stall") && !stage.equals(HOLD);
            return spec.command(TestJobs.program("sleep-term")).setupTime(waits ? STALL_TIME : SETUP_TIME).build();
        }
    }

    @Test
    void everyStageFails() throws Exception {
        List<Fault> faults = faults("errno:" + EIO);
        faults.removeIf(fault -> fault.stage().equals(SUPERVISE));
        Lanes.run(LANES, faults, fault -> {
            SandboxException failure = failure(fault);
            // Without a connection the helper can tell nobody but its standard error.
            if (!fault.stage().equals("connect")) {
                assertEquals(fault.stage(), failure.stage(), failure::toJson);
                assertEquals(EIO, failure.errno(), failure::toJson);
                assertEquals("injected fault", failure.getMessage());
            }
        });
        State.assertNothingStale();
    }

    @Test
    void everyStageDies() throws Exception {
        Lanes.run(LANES, faults("die"), FaultMatrixTest::failure);
        State.assertNothingStale();
    }

    @Test
    void everyStageStalls() throws Exception {
        List<Fault> faults = faults("stall");
        // All at once: they do nothing but wait. A held job has all the time in the world, so there it is up to the caller.
        Lanes.run(faults.size(), faults, fault -> {
            if (fault.stage().equals(HOLD)) {
                closeHeld(fault);
            } else {
                failure(fault);
            }
        });
        State.assertNothingStale();
    }

    /** Its death closes the pipe that exec would have closed, and init reports a process that has ended. */
    @Test
    void aChildKilledBetweenReadyAndExecIsNotAJobThatRan() throws Exception {
        for (JobSpec.Builder spec : List.of(TestJobs.isolated(), JobSpec.bare())) {
            try (World world = World.faulty("exec=die")) {
                spec.command(TestJobs.program("exit-n"), "0");
                SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(spec.build()));
                assertEquals("exec", failure.stage(), failure::toJson);
                ExecutionException async = assertThrows(ExecutionException.class,
                    () -> world.launcher().runAsync(spec.build()).get(LIMIT.toSeconds(), TimeUnit.SECONDS));
                assertInstanceOf(SandboxException.class, async.getCause());
                world.assertNothingLeft();
            }
        }
    }

    /** A caller whose writing is interrupted tells of the plan once more when it has been read, and is not gone for that. */
    @Test
    void lateNewsOfThePlanAreNoEnd() throws Exception {
        try (World world = World.faulty("hostname=stall")) {
            CompletableFuture<JobResult> run = world.launcher().runAsync(TestJobs.isolated().setupTime(SETUP_TIME)
                .command(TestJobs.program("exit-n"), "0").build());
            AtomicReference<Proc> supervisor = new AtomicReference<>();
            Await.until("a supervisor with its init: the guard has been on for a while", () -> {
                List<Proc> all = Proc.marked(world.mark());
                all.stream().filter(process -> process.isCalled("nsjob-super"))
                    .filter(process -> all.stream().anyMatch(child -> child.parent() == process.pid())).forEach(supervisor::set);
                return supervisor.get() != null;
            });
            String pid = Long.toString(supervisor.get().pid());
            assertEquals(0, new ProcessBuilder("kill", "-s", "IO", pid).inheritIO().start().waitFor());
            Thread.sleep(200);
            assertFalse(run.isDone(), "the set-up goes on");
            run.cancel(true);
            world.assertNothingLeft();
        }
    }

    /** The control: without a fault this helper and these specs run. */
    @Test
    void withoutAFaultTheJobsRun() throws Exception {
        try (World world = World.faulty("none=die")) {
            for (String stage : List.of("exec", "join", HOLD)) {
                JobSpec spec = new Fault(stage, "").spec().toBuilder().command(TestJobs.program("exit-n"), "3").build();
                Job job = world.launcher().start(spec, StartOptions.defaults().withHold(stage.equals(HOLD)));
                if (stage.equals(HOLD)) {
                    job.release();
                }
                assertEquals(new Outcome.Exited(3), job.await().outcome());
            }
            world.assertNothingLeft();
        }
    }

    private static SandboxException failure(Fault fault) throws Exception {
        try (World world = World.faulty(fault.toString())) {
            long begun = System.nanoTime();
            SandboxException failure = assertThrows(SandboxException.class, () -> {
                boolean held = fault.stage().equals(HOLD);
                Job job = world.launcher().start(fault.spec(), StartOptions.defaults().withHold(held));
                assertTrue(held, "started as if nothing had happened");
                job.await();
            });
            assertWithin(LIMIT, begun);
            assertFalse(failure.stage().isEmpty());
            assertFalse(failure.getMessage().isEmpty());
            assertFalse(failure.job().isEmpty());
            world.assertNothingLeft();
            return failure;
        }
    }

    private static void closeHeld(Fault fault) throws Exception {
        try (World world = World.faulty(fault.toString())) {
            Job job = world.launcher().start(fault.spec(), StartOptions.held());
            job.release();
            Thread.sleep(50);
            assertFalse(job.onExit().isDone());
            long begun = System.nanoTime();
            job.close();
            assertWithin(LIMIT, begun);
            JobResult result = job.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertFalse(result.outcome() instanceof Outcome.Exited, () -> result.toString());
            world.assertNothingLeft();
        }
    }

    private static void assertWithin(Duration limit, long begun) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertTrue(took.compareTo(limit) < 0, "took " + took);
    }

    private static List<Fault> faults(String action) throws Exception {
        List<Fault> faults = new ArrayList<>();
        for (String stage : stages()) {
            boolean passed = stage.equals("cgroup") ? HostFacts.real().cgroups().of("memory").isPresent()
                : Proc.isRoot() || !OF_ROOT.contains(stage);
            if (passed) {
                faults.add(new Fault(stage, action));
            }
        }
        assertTrue(faults.size() >= 20, faults::toString);
        return faults;
    }

    private static List<String> stages() throws Exception {
        Process process = new ProcessBuilder(System.getProperty("nsjob.faultHelper"), "--describe").start();
        try (InputStreamReader out = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            List<String> names = new ArrayList<>();
            for (JsonElement stage : new Gson().fromJson(out, JsonObject.class).getAsJsonArray("stages")) {
                names.add(stage.getAsJsonObject().get("name").getAsString());
            }
            return names;
        }
    }
}
