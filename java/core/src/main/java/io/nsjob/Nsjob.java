package io.nsjob;

import io.nsjob.internal.run.SharedLauncher;
import java.util.Objects;

/** The one-line way in: everything here goes through one launcher that this JVM shares. */
public final class Nsjob {
    /** The version of this library. */
    public static final String VERSION = "0.1.0";

    private Nsjob() {
    }

    /**
     * Runs a command in the profile {@code isolated} and waits for its end. Output is captured, bounded.
     *
     * @param command the program, looked for in the job's {@code PATH} unless it has a slash, and its arguments
     * @return how it ended
     * @throws SandboxException when the sandbox could not be made; a command that fails is a result, not an exception
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    public static JobResult run(String... command) throws SandboxException, InterruptedException {
        return run(JobSpec.isolated().command(command).build());
    }

    /**
     * Runs a job and waits for its end. Output is captured, bounded.
     *
     * @param spec what to run
     * @return how it ended
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    public static JobResult run(JobSpec spec) throws SandboxException, InterruptedException {
        return launcher().run(Objects.requireNonNull(spec, "spec"));
    }

    /**
     * The launcher that this class uses. It is opened at the first call and lives as long as the JVM: its
     * {@code close()} does nothing.
     *
     * @return the shared launcher
     * @throws SandboxException when no helper can be found
     */
    public static Launcher launcher() throws SandboxException {
        return SharedLauncher.get();
    }
}
