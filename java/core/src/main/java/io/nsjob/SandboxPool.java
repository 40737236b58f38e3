package io.nsjob;

import io.nsjob.internal.run.Pool;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/**
 * Sandboxes that are made ahead, so that who needs one does not wait for it. Filled in the background, on a few threads that the
 * library lends for as long as they fill; bounded. Making one takes more of the processors than most commands in it: while several are
 * taken in a row (within 10 ms of each other) none is made, as long as a quarter of those that are kept is ready and nobody waits.
 * All methods may be called from any thread, also a virtual one.
 *
 * <pre>{@code
 * try (SandboxPool pool = SandboxPool.of(launcher, JobSpec.isolated().build()).size(4).build()) {
 *     try (Sandbox sandbox = pool.take()) {
 *         sandbox.run("make", "check");
 *     }
 * }
 * }</pre>
 */
public interface SandboxPool extends AutoCloseable {

    /** What becomes of a sandbox that is given back. */
    enum Mode {
        /** It is closed; each is handed out once, and another one is made ahead. */
        FRESH,
        /** It is reset ({@link Sandbox#reset}) in the background, unless enough are ready, and handed out again. */
        RESET
    }

    /**
     * Begins to describe a pool.
     *
     * @param launcher opens the sandboxes; it is not closed with the pool
     * @param world their spec, without a command
     * @return the description
     */
    static Builder of(Launcher launcher, JobSpec world) {
        Objects.requireNonNull(launcher, "launcher");
        Objects.requireNonNull(world, "world");
        return new Builder(launcher, world);
    }

    /**
     * Takes a sandbox, and waits for one if none is ready. In it is nothing that ran before.
     *
     * @return an open sandbox whose {@code close()} kills what runs there, waits until it is reaped and gives it back
     * @throws SandboxException when the pool had none ready and could not make one; each failure is told once, and the next call
     *     has it tried again
     * @throws InvalidSpecException likewise, when this spec cannot run for this caller on this machine
     * @throws IllegalStateException when the pool, or its launcher, is closed, or is meanwhile
     * @throws InterruptedException when this thread was interrupted
     */
    Sandbox take() throws SandboxException, InterruptedException;

    /**
     * Takes a sandbox, and waits for one if none is ready, but not for ever.
     *
     * @param timeout how long to wait; nothing for zero
     * @return as {@link #take()}
     * @throws TimeoutException when there was none in time
     * @throws SandboxException as {@link #take()}
     * @throws InvalidSpecException as {@link #take()}
     * @throws IllegalStateException as {@link #take()}
     * @throws InterruptedException when this thread was interrupted
     */
    Sandbox take(Duration timeout) throws SandboxException, TimeoutException, InterruptedException;

    /**
     * How the pool is doing.
     *
     * @return figures of one moment
     */
    PoolStatistics statistics();

    /**
     * Closes the sandboxes that are ready or on their way, waits until they are gone, and hands out no more. Those that are
     * taken are their takers', and end when they are given back. Closing it again does nothing.
     */
    @Override
    void close();

    /** Describes a pool. Not for several threads. */
    final class Builder {
        private static final int DEFAULT_SIZE = 4;
        private static final int DEFAULT_MAX = 64;

        private final Launcher launcher;
        private final JobSpec world;
        private int size = DEFAULT_SIZE;
        private int max = DEFAULT_MAX;
        private Mode mode = Mode.FRESH;

        private Builder(Launcher launcher, JobSpec world) {
            this.launcher = launcher;
            this.world = world;
        }

        /**
         * How many are kept ready.
         *
         * @param ready at least 1; 4 unless it is said
         * @return this
         */
        public Builder size(int ready) {
            size = ready;
            return this;
        }

        /**
         * How many there may be at once: ready, on their way, and taken. When so many are taken, the next waits until one is
         * given back.
         *
         * @param all at least the size; 64 unless it is said, or the size if that is more
         * @return this
         */
        public Builder max(int all) {
            max = all;
            return this;
        }

        /**
         * What becomes of those that are given back.
         *
         * @param what {@link Mode#FRESH} unless it is said
         * @return this
         */
        public Builder mode(Mode what) {
            mode = Objects.requireNonNull(what, "what");
            return this;
        }

        /**
         * Makes the pool, which begins to fill at once.
         *
         * @return to be closed
         * @throws IllegalArgumentException when the size is less than 1, or more than the maximum
         */
        public SandboxPool build() {
            int bound = max == DEFAULT_MAX ? Math.max(max, size) : max;
            if (size < 1 || bound < size) {
                throw new IllegalArgumentException("a pool of " + size + " ready, " + max + " in all");
            }
            return Pool.open(launcher, world, size, bound, mode);
        }
    }
}
