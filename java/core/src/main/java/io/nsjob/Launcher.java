package io.nsjob;

import io.nsjob.internal.run.PerJobLauncher;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The engine: starts jobs, and owns what they need outside the JVM. */
public interface Launcher extends AutoCloseable {

    /**
     * Opens a launcher with the driver that fits best.
     *
     * @return a launcher to be closed
     * @throws SandboxException when no helper can be found, or no private directory for its sockets
     */
    static Launcher open() throws SandboxException {
        return open(Driver.PER_JOB);
    }

    /**
     * Opens a launcher.
     *
     * @param driver how to reach the helper
     * @return a launcher to be closed
     * @throws SandboxException when no helper can be found, or no private directory for its sockets
     */
    static Launcher open(Driver driver) throws SandboxException {
        return PerJobLauncher.open(Objects.requireNonNull(driver, "driver"));
    }

    /**
     * Compiles a job spec to the launch plan that the helper would execute here and now, and runs nothing. Ids of a block
     * are chosen only when a job starts, so the plan lists the candidates.
     *
     * @param spec with a command
     * @return the plan, JSON, indented
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     */
    static String plan(JobSpec spec) {
        return PerJobLauncher.plan(Objects.requireNonNull(spec, "spec"));
    }

    /**
     * Runs a job and waits for its end. Its output is captured.
     *
     * @param spec with a command
     * @return how it ended
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    default JobResult run(JobSpec spec) throws SandboxException, InterruptedException {
        return run(spec, StartOptions.defaults());
    }

    /**
     * Runs a job and waits for its end.
     *
     * @param spec with a command
     * @param options streams; a held job cannot be run, as nobody could release it
     * @return how it ended
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    JobResult run(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Starts a job. Returns when its command runs, that is after exec has succeeded, or, for a held job, when all is set up.
     *
     * @param spec with a command
     * @param options streams, and whether to hold it
     * @return the running job, to be closed
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made, or the command not be executed
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    Job start(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Starts a job with {@link StartOptions#defaults()}.
     *
     * @param spec with a command
     * @return the running job, to be closed
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made, or the command not be executed
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    default Job start(JobSpec spec) throws SandboxException, InterruptedException {
        return start(spec, StartOptions.defaults());
    }

    /**
     * Runs a job without waiting. Cancelling the future, unlike that of {@link Job#onExit()}, kills the job.
     *
     * @param spec with a command
     * @return the result to come; fails with {@link SandboxException} or {@link InvalidSpecException}
     */
    CompletableFuture<JobResult> runAsync(JobSpec spec);

    /**
     * How this launcher reaches the helper.
     *
     * @return the driver in use
     */
    Driver driver();

    /** Kills all jobs of this launcher, waits until they are reaped, and removes what it kept outside the JVM. */
    @Override
    void close();
}
