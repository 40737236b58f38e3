package io.nsjob.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies one stream of the job up to a number of bytes and reads the rest into the void, so that the job never blocks. */
final class OutputCutter implements Runnable {
    private static final int CHUNK = 64 * 1024;

    private final InputStream from;
    private final OutputStream to;
    private final long limit;
    private final Runnable readerGone;
    private volatile boolean cut;

    /** @param readerGone called once when nobody reads {@code to} any more */
    OutputCutter(InputStream from, OutputStream to, long limit, Runnable readerGone) {
        this.from = from;
        this.to = to;
        this.limit = limit;
        this.readerGone = readerGone;
    }

    /** Whether there was more than was copied. */
    boolean cut() {
        return cut;
    }

    @Override
    public void run() {
        long left = limit;
        boolean open = true;
        byte[] chunk = new byte[CHUNK];
        try {
            for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
                int copied = (int) Math.min(left, n);
                cut |= copied < n;
                left -= copied;
                open = open && write(chunk, copied);
            }
        } catch (IOException e) {
            // The stream was closed under us, as the job's end is not held back by orphans that keep it open.
            return;
        }
    }

    private boolean write(byte[] chunk, int length) {
        try {
            to.write(chunk, 0, length);
            to.flush();
            return true;
        } catch (IOException e) {
            readerGone.run();
            return false;
        }
    }
}
