package io.nsjob.internal.run;

import io.nsjob.internal.wire.Frame;
import java.util.concurrent.Executor;

/**
 * The way to the supervisor of one job. Nothing here waits for it, and nothing fails: what comes too late goes nowhere, and who
 * waits for the result sees why. May be used by any thread.
 */
interface JobLink {

    /** Says something, after everything that was said before. */
    void send(Frame frame);

    /** Tells the supervisor to kill everything: end of file from this side. What it says until it has done so is still heard. */
    void end();

    /** Kills a supervisor that does not answer; its job dies with it. */
    void kill();

    /** Whether the supervisor is stopped, and will not answer before somebody continues it. */
    boolean isStopped();

    /** Whether nobody ever took the job up, so that nothing of it has happened. */
    boolean isUnheard();

    /**
     * Has the calling thread, if it was said to wait for the job, do what is to be done for it until its end. False when after
     * some time the job neither runs nor has failed.
     */
    default boolean serve(long millis) throws InterruptedException {
        // Others do.
        return true;
    }

    /** The calling thread does it no longer, if it ever did: others do. */
    default void letGo() {
        // They did from the start.
    }

    /** Where the user's code runs that hangs on the end of the job. */
    Executor callbacks();
}
