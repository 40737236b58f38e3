package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nsjob.CommandSpec;
import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.Outcome;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command of an open sandbox fails, dies and hangs on its way to its exec, by the helper's own fault injection: it alone. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class CommandFaultTest {
    private static final int EIO = 5;
    private static final int ECHILD = 10;
    private static final int ETIMEDOUT = 110;
    private static final CommandSpec COMMAND = CommandSpec.of(TestJobs.program("exit-n"), "0").withCwd("/tmp");

    @BeforeEach
    void onlyWhereItsSupervisorStartsThem() {
        assumeTrue(World.driver() == Driver.RESIDENT, "commands of the other driver are jobs that join");
    }

    private static Sandbox open(World world) throws Exception {
        return open(world, Duration.ofMinutes(1));
    }

    private static Sandbox open(World world, Duration setupTime) throws Exception {
        return world.launcher().open(TestJobs.isolated().setupTime(setupTime).build());
    }

    private static SandboxException failure(Sandbox sandbox, boolean wait) throws Exception {
        return assertThrows(SandboxException.class, () -> {
            if (wait) {
                sandbox.run(COMMAND);
            } else {
                try (Job job = sandbox.start(COMMAND, StartOptions.defaults())) {
                    job.await();
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"plan", "stdio", "fork", "session", "cwd", "exec"})
    void itFails(String stage) throws Exception {
        try (World world = World.faulty("command:" + stage + "=errno:" + EIO); Sandbox sandbox = open(world)) {
            for (boolean wait : new boolean[] {true, false, true}) {
                SandboxException failure = failure(sandbox, wait);
                assertEquals(stage + " " + EIO + " injected fault", failure.stage() + " " + failure.errno() + " " + failure.getMessage());
            }
            assertTrue(sandbox.isOpen());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"session", "cwd", "exec"})
    void itDies(String stage) throws Exception {
        try (World world = World.faulty("command:" + stage + "=die"); Sandbox sandbox = open(world)) {
            for (boolean wait : new boolean[] {true, false, true}) {
                assertEquals(ECHILD, failure(sandbox, wait).errno());
            }
            assertTrue(sandbox.isOpen());
        }
    }

    @Test
    void itHangs() throws Exception {
        try (World world = World.faulty("command:exec=stall"); Sandbox sandbox = open(world, Duration.ofSeconds(4))) {
            SandboxException failure = failure(sandbox, true);
            assertEquals("exec " + ETIMEDOUT, failure.stage() + " " + failure.errno());
            assertTrue(sandbox.isOpen());
        }
    }

    @Test
    void itsSupervisorDies() throws Exception {
        try (World world = World.faulty("command:fork=die"); Sandbox sandbox = open(world)) {
            try {
                assertEquals(Outcome.Kind.LOST, sandbox.run(COMMAND).outcome().kind());
            } catch (SandboxException e) {
                assertFalse(e.getMessage().isEmpty());
            }
            Await.until("the end of the sandbox", () -> !sandbox.isOpen());
        }
    }
}
