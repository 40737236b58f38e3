package io.nsjob.internal.launch;

import io.nsjob.internal.os.ControlSocket;
import java.nio.file.Path;

/** Whoever begins jobs on connections that are handed over to it: a resident helper, or the supervisor of an open sandbox. */
public interface Forker {

    /** A job that it begins. Called by the reactor's thread, but for what {@link ControlSocket.Start} has. */
    interface Job extends ControlSocket.Start {

        /**
         * Its supervisor ended otherwise than by exit(0).
         *
         * @param status as a shell has it: 128 and the number of the signal that killed it
         */
        void ended(int status);

        /** The helper is gone, and will not tell how the supervisor ends. */
        void helperGone();
    }

    /**
     * The helper's program.
     *
     * @return its path
     */
    Path program();

    /**
     * Begins a job. Any thread may.
     *
     * @param job told when it was sent
     * @return false when nothing was sent, and nothing will be
     */
    boolean start(Job job);

    /**
     * The job is over, and nothing more is to be told of it.
     *
     * @param job started
     */
    void forget(Job job);

    /**
     * Kills the supervisor of a job.
     *
     * @param job started
     * @return false when this one cannot
     */
    boolean kill(Job job);

    /**
     * Whether jobs can be started.
     *
     * @return false also when it has ended and that was not noticed yet
     */
    boolean isUsable();

    /**
     * Whether it tells how a supervisor ended that ended without its last word.
     *
     * @return whether {@link Job#ended} may come
     */
    boolean tellsStatus();

    /**
     * Whether it was stopped by a signal.
     *
     * @return whether
     */
    boolean isStopped();

    /** Kills it, for one that does not answer. */
    void destroy();
}
