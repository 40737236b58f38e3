package io.nsjob.internal.run;

import io.nsjob.internal.os.Loop;

/** What becomes of bytes that a job wrote. Called by one thread at a time. */
interface OutputSink {

    /** Takes bytes; may wait, which makes the job wait. Called on with what remains even when it is not wanted any more. */
    void accept(byte[] bytes, int length) throws InterruptedException;

    /** Takes what a loop has just read. */
    default void accept(Loop from, int length) throws InterruptedException {
        accept(from.bytes(length), length);
    }

    /** No more will come. */
    void end() throws InterruptedException;

    /** How much it takes now without waiting. When that is 0, what was given to {@link #onRoom} is called once there is room again. */
    default int room() {
        return Integer.MAX_VALUE;
    }

    /** Said once, before anything is accepted. */
    default void onRoom(Runnable task) {
        // There always is.
    }

    /** Whether it runs what is the user's: not on a thread that serves others. */
    default boolean isForeign() {
        return false;
    }

    /** Whether a result waits for the end of this stream. */
    default boolean completesResult() {
        return true;
    }

    /** The bytes that were kept, if this is a capture. */
    default Capture capture() {
        return null;
    }
}
