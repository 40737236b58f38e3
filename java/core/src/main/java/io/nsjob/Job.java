package io.nsjob;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A job that has been started. */
public interface Job extends AutoCloseable {

    /**
     * The job's name.
     *
     * @return as in the spec, or generated
     */
    String name();

    /**
     * What the kernel said about the job just before its command could run.
     *
     * @return the report
     */
    JobReport report();

    /**
     * What the job uses at this moment: read from its cgroups, or where it has none added up over its processes in /proc.
     *
     * @return empty before it is set up and when it has ended; what it used in all is then in {@link JobResult#usage()}
     */
    Optional<Statistics> statistics();

    /**
     * Lets a held job run its command. When that fails, {@link #await()} and {@link #onExit()} say so.
     *
     * @throws IllegalStateException when the job was not held, or was released already
     */
    void release();

    /**
     * What the job writes to its standard output.
     *
     * @return a stream that blocks; closing it lets the job write into the void
     * @throws IllegalStateException unless it was started with {@link Stdio#stream()}
     */
    InputStream stdout();

    /**
     * What the job writes to its standard error.
     *
     * @return a stream that blocks; closing it lets the job write into the void
     * @throws IllegalStateException unless it was started with {@link Stdio#stream()}
     */
    InputStream stderr();

    /**
     * What the job reads from its standard input.
     *
     * @return a stream that blocks; closing it is end of file for the job
     * @throws IllegalStateException unless it was started with {@link Stdio#stream()}
     */
    OutputStream stdin();

    /**
     * Sends a signal to the job's main process. A job that has ended gets none.
     *
     * @param name such as {@code TERM}, {@code SIGTERM} or {@code 15}
     * @throws IllegalArgumentException when there is no such signal
     */
    void signal(String name);

    /**
     * Sends a signal to the job's main process or to its whole process group.
     *
     * @param name such as {@code TERM}, {@code SIGTERM} or {@code 15}
     * @param group whether the process group gets it
     * @throws IllegalArgumentException when there is no such signal
     */
    void signal(String name, boolean group);

    /**
     * Sets the size of the job's terminal; the job is told by SIGWINCH. Does not wait.
     *
     * @param size its new size
     * @throws IllegalStateException when the job has no terminal
     */
    void resize(TerminalSize size);

    /**
     * Ends the job as its wall-clock limit would: TERM, the spec's grace, KILL. When the job is dead already, what is still done for
     * it ends: the collecting of its results. Does not wait.
     */
    void cancel();

    /**
     * Ends the job: TERM, the grace, KILL. Does not wait.
     *
     * @param grace how long the job may clean up; zero means KILL at once
     */
    void cancel(Duration grace);

    /**
     * The result to come. Each call gives a future of its own: completing or cancelling it does nothing to the job.
     *
     * @return fails with {@link SandboxException} when a held job's command could not be executed
     */
    CompletableFuture<JobResult> onExit();

    /**
     * Waits for the end.
     *
     * @return how the job ended
     * @throws SandboxException when a held job's command could not be executed
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    JobResult await() throws SandboxException, InterruptedException;

    /**
     * The job as a {@code Process}, for code that knows nothing else. Its streams are those that were started with
     * {@link Stdio#stream()}, else empty; its exit value is that of {@link JobResult#exitStatus()}.
     *
     * @return a view; {@code destroy()} is {@link #cancel()}, {@code destroyForcibly()} kills at once
     */
    Process asProcess();

    /**
     * Kills the job if it has not ended, and returns when the kernel has reaped it. Of its live streams, {@link Stdio#stream()}, no more
     * is kept than their buffers have room for. Closing it again does nothing.
     */
    @Override
    void close();
}
