package io.nsjob.internal.run;

import io.nsjob.internal.os.Log;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads one output of a job to its end, whatever becomes of the bytes: a job must never wait for a reader that is gone. */
final class OutputPump implements Runnable, JobStreams.Pump {
    private static final int BUFFER = 64 * 1024;

    private final InputStream from;
    private final OutputSink sink;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile long count;

    OutputPump(InputStream from, OutputSink sink) {
        this.from = from;
        this.sink = sink;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                count += n;
                sink.accept(buffer, n);
            }
            from.close();
        } catch (IOException e) {
            // The JDK closed it under us when the helper ended; nothing more can come.
            Log.debug(OutputPump.class, "output of a job", e);
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt a thread of the library; the stream ends here.
            Log.warning(OutputPump.class, "a pump was interrupted", e);
        } finally {
            finish();
        }
    }

    private void finish() {
        try {
            sink.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.complete(null);
        }
    }

    @Override
    public OutputSink sink() {
        return sink;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public boolean hasEnded() {
        return ended.isDone();
    }

    /**
     * Waits for the end, as long as something comes: after the last process of the job is dead only what is in the pipe
     * can come, unless a process that escaped its supervisor holds the other end.
     */
    void awaitEnd(long quietMillis) {
        long before = -1;
        while (before != count) {
            before = count;
            try {
                ended.get(quietMillis, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                // Again, if there was progress.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                throw new IllegalStateException("is only ever completed", e);
            }
        }
    }
}
