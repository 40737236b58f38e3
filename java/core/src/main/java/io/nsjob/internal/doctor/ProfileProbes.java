package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Failure;
import io.nsjob.Diagnosis.State;
import io.nsjob.Doctor;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.internal.doctor.Probe.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The profiles as they are, with a program that runs in them. */
final class ProfileProbes {
    private ProfileProbes() {
    }

    static List<Probe> all() {
        return List.of(new Probe(Doctor.ISOLATED, launcher -> run(launcher, JobSpec.isolated())), new Probe("profiles.build",
            ProfileProbes::build));
    }

    private static Seen build(Launcher launcher) throws SandboxException, InterruptedException {
        Path workspace;
        try {
            workspace = Files.createTempDirectory("nsjob-doctor");
        } catch (IOException e) {
            throw new SandboxException("state", "no temporary directory: " + e.getMessage(), e);
        }
        try {
            return run(launcher, JobSpec.buildStep(workspace.toString()));
        } finally {
            Probes.delete(workspace);
        }
    }

    private static Seen run(Launcher launcher, JobSpec.Builder spec) throws SandboxException, InterruptedException {
        JobResult result = launcher.run(spec.command("true").build());
        if (!result.outcome().success()) {
            return Seen.missing(new Failure("command", "", 0, "true", result.outcome().describe()));
        }
        List<String> weakened = result.report().weakened().stream().map(line -> line.replaceFirst(":.*", "")).distinct().toList();
        return weakened.isEmpty() ? Seen.ok("")
            : new Seen(State.DEGRADED, "weakened: " + String.join(", ", weakened), Optional.empty());
    }
}
