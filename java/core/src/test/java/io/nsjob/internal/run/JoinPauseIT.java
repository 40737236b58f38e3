package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Seccomp;
import io.nsjob.StartOptions;
import io.nsjob.it.JobTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The helper itself as the command of a job: it needs nothing of the world that it holds. */
@JobTest
class JoinPauseIT {
    private static final List<String> PAUSE = List.of("--pause");

    @Test
    void itHoldsAWorldInWhichItIsNoFile() throws Exception {
        JobSpec world = JobSpec.isolated().build();
        try (JobLauncher launcher = (JobLauncher) Launcher.open();
                Job job = launcher.startHelper(world, StartOptions.defaults(), PAUSE)) {
            Path process = Path.of("/proc", Long.toString(job.report().hostPid()));
            // No file of the host's, which whoever sees this could write to.
            assertEquals("/memfd:nsjob (deleted)", Files.readSymbolicLink(process.resolve("exe")).toString());
            assertEquals(List.of("0", "1", "2"), descriptors(process));
            List<String> status = Files.readAllLines(process.resolve("status"));
            assertTrue(status.contains("CapEff:\t0000000000000000") && status.contains("Seccomp:\t2")
                && status.contains("NoNewPrivs:\t1"), status::toString);
            job.cancel(Duration.ofSeconds(30));
            assertEquals("cancelled", job.await().outcome().kind().toString().toLowerCase(java.util.Locale.ROOT));
        }
    }

    private static List<String> descriptors(Path process) throws Exception {
        try (var names = Files.list(process.resolve("fd"))) {
            return names.map(name -> name.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFilterThatForbidsItIsRefused() throws Exception {
        Seccomp without = Seccomp.profile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":"
            + "[{\"names\":[\"execveat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}");
        JobSpec world = JobSpec.isolated().seccomp(without).build();
        try (JobLauncher launcher = (JobLauncher) Launcher.open()) {
            InvalidSpecException e = assertThrows(InvalidSpecException.class,
                () -> launcher.startHelper(world, StartOptions.defaults(), PAUSE));
            assertTrue(e.violations().get(0).contains("execveat"), e::getMessage);
            assertEquals(0, launcher.run(world.toBuilder().command("true").build()).exitStatus());
        }
    }
}
