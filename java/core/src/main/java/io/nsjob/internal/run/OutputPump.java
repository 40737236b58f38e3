package io.nsjob.internal.run;

import io.nsjob.internal.os.Log;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A pump with a thread of its own. */
final class OutputPump extends Pump implements Runnable {
    private static final int BUFFER = 64 * 1024;

    private final InputStream from;

    OutputPump(InputStream from, OutputSink sink) {
        super(sink);
        this.from = from;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                count(n);
                sink().accept(buffer, n);
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

    /**
     * Waits for the end, as long as something comes: after the last process of the job is dead only what is in the pipe
     * can come, unless a process that escaped its supervisor holds the other end.
     */
    void awaitEnd(long quietMillis) {
        long before = -1;
        while (before != count()) {
            before = count();
            try {
                ended().get(quietMillis, TimeUnit.MILLISECONDS);
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
