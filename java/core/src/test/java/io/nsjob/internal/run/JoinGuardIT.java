package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Driver;
import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Sandbox;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.it.JobTest;
import io.nsjob.testing.TestJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a job can do to those who come into its namespaces, before they execute their command: a held one waits there for as long
 * as one wants to look at it. Here a process with all that the job has looks around.
 */
@JobTest
class JoinGuardIT {
    private static final String LOOK = TestJobs.program("look-around");

    @TempDir
    Path directory;

    private static List<JobSpec> worlds() {
        JobSpec isolated = TestJobs.isolated().command("sleep", "1000").build();
        // With all capabilities in its user namespace, CAP_SYS_PTRACE too.
        JobSpec capable = JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).command("sleep", "1000").build();
        return List.of(isolated, capable);
    }

    /** The lines of those who could be looked into, but for the main process and what sees itself. */
    private static List<String> seen(Launcher launcher, Launcher others, JobSpec world) throws Exception {
        try (Job main = others.start(world);
                Job held = launcher.join(JoinTarget.pid(main.report().hostPid()), JobSpec.bare().command("true").build(),
                    StartOptions.held());
                Job looker = others.join(JoinTarget.pid(main.report().hostPid()), LOOK)) {
            JobResult result = looker.await();
            assertTrue(result.outcome().success(), () -> result + result.stderrText());
            List<String> lines = result.stdoutText().lines().toList();
            String own = main.report().insidePid() + " sleep exe";
            assertTrue(lines.stream().anyMatch(line -> line.startsWith(own)), () -> "it can look: " + lines);
            assertTrue(held.report().insidePid() > 1);
            return lines.stream().filter(line -> !line.startsWith(own)).toList();
        }
    }

    @Test
    void nobodyCanLookIntoWhoComes() throws Exception {
        try (Launcher launcher = Launcher.open()) {
            for (JobSpec world : worlds()) {
                assertEquals(List.of(), seen(launcher, launcher, world));
            }
        }
    }

    @Test
    void theControlIsSeen() throws Exception {
        Path helper = directory.resolve("helper");
        Files.writeString(helper, "#!/bin/sh\nexport NSJOB_FAULT='off=guard'\nexec '" + System.getProperty("nsjob.faultHelper") + "'\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        try (Launcher careless = PerJobLauncher.open(helper, HostFacts.real()); Launcher launcher = Launcher.open()) {
            for (JobSpec world : worlds()) {
                List<String> lines = seen(careless, launcher, world);
                assertTrue(lines.stream().anyMatch(line -> line.contains(" exe") && line.contains(" mem")), lines::toString);
            }
        }
    }

    /** What a command sees of those that start commands in its sandbox, which have its ids. */
    private static List<String> starters(Launcher launcher) throws Exception {
        try (Sandbox sandbox = launcher.open(TestJobs.isolated().build())) {
            JobResult result = sandbox.run(LOOK);
            assertTrue(result.outcome().success(), () -> result + result.stderrText());
            List<String> lines = result.stdoutText().lines().toList();
            assertTrue(lines.stream().anyMatch(line -> line.startsWith("2 ")), () -> "it can look: " + lines);
            return lines.stream().filter(line -> line.contains(" nsjob-") && !line.contains(" nsjob-pause ")).toList();
        }
    }

    @Test
    void nobodyCanLookIntoWhoStartsCommands() throws Exception {
        try (Launcher launcher = Launcher.open(Driver.RESIDENT)) {
            assertEquals(List.of(), starters(launcher));
        }
    }

    @Test
    void theControlOfThoseIsSeen() throws Exception {
        Path helper = directory.resolve("resident");
        Files.writeString(helper, "#!/bin/sh\nexport NSJOB_FAULT='off=guard'\nexec '" + System.getProperty("nsjob.faultHelper") + "' \"$@\"\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        try (Launcher careless = ResidentLauncher.open(helper, HostFacts.real())) {
            List<String> lines = starters(careless);
            for (String name : List.of("nsjob-starter", "nsjob-runner")) {
                assertTrue(lines.stream().anyMatch(line -> line.contains(name + " exe") && line.contains(" mem")), lines::toString);
            }
        }
    }
}
