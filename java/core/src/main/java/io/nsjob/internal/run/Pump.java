package io.nsjob.internal.run;

import java.util.concurrent.CompletableFuture;

/** Reads one output of a job to its end, whatever becomes of the bytes: a job must never wait for a reader that is gone. */
abstract class Pump {
    private final OutputSink sink;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile long count;

    Pump(OutputSink sink) {
        this.sink = sink;
    }

    OutputSink sink() {
        return sink;
    }

    /** Bytes read. */
    long count() {
        return count;
    }

    /** More was read. By one thread at a time. */
    void count(int more) {
        count += more;
    }

    boolean hasEnded() {
        return ended.isDone();
    }

    CompletableFuture<Void> ended() {
        return ended;
    }

    /** No more will come. */
    void finish() {
        try {
            sink.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.complete(null);
        }
    }
}
