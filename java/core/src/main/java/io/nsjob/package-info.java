/**
 * Isolated jobs for the JVM: one call, no daemon, no root, no image.
 *
 * <p>A {@link io.nsjob.JobSpec} says what a job may see and use. A {@link io.nsjob.Launcher} turns it into a running
 * {@link io.nsjob.Job} in Linux namespaces of its own, and a {@link io.nsjob.JobResult} says how it ended, with proof of
 * the isolation read back from the kernel.
 *
 * <h2>Nulls</h2>
 * No method of this package accepts or returns {@code null}: what may be absent is an {@code Optional}, an overload or an
 * empty collection. A {@code null} argument is refused at once with a {@code NullPointerException} that names it.
 *
 * <h2>Threads</h2>
 * Descriptions and results are immutable and may be shared freely. {@link io.nsjob.Launcher} and {@link io.nsjob.Job} may
 * be used by any number of threads at once. {@link io.nsjob.JobSpec.Builder} is for one thread at a time. Threads of the
 * library are daemon threads with names that begin with {@code nsjob-}; the only user code they ever run is the consumer
 * given to {@link io.nsjob.Stdio#lines}, and stages of a future that were added without an executor.
 *
 * <h2>Interrupts</h2>
 * A thread interrupted while it waits for a job kills the job, waits until the kernel has reaped it and throws
 * {@code InterruptedException} with its flag clear. Where no {@code InterruptedException} can be thrown, as in
 * {@link io.nsjob.Job#close()}, the wait is finished and the flag is set again.
 *
 * <h2>Output</h2>
 * The library prints nothing. It logs through {@link java.lang.System.Logger}, under the names of its packages, and values
 * of environment variables appear neither there nor in messages, nor in any {@code toString}.
 */
package io.nsjob;
