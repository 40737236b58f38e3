package io.nsjob.robust;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;

/** Runs one job of the isolated profile as whoever this virtual machine is, and says how it went. */
public final class ReportMain {
    private ReportMain() {
    }

    /**
     * Runs.
     *
     * @param arguments the command
     */
    public static void main(String[] arguments) throws Exception {
        try (Launcher launcher = Launcher.open()) {
            System.out.println(launcher.run(JobSpec.isolated().command(arguments).build()).orThrow().toJson());
        }
    }
}
