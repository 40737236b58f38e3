package io.nsjob.internal.run;

import io.nsjob.internal.run.Sinks.Capture;

/** What becomes of bytes that a job wrote. Called by one pump thread. */
interface OutputSink {

    /** Takes bytes; may wait, which makes the job wait. Called on with what remains even when it is not wanted any more. */
    void accept(byte[] bytes, int length) throws InterruptedException;

    /** No more will come. */
    void end() throws InterruptedException;

    /** Whether a result waits for the end of this stream. */
    default boolean completesResult() {
        return true;
    }

    /** The bytes that were kept, if this is a capture. */
    default Capture capture() {
        return null;
    }
}
