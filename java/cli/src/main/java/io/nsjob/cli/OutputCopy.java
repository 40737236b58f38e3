package io.nsjob.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Copies one stream of the job, and reads on when nobody takes it any more, so that the job never blocks. */
final class OutputCopy implements Runnable {
    private static final int CHUNK = 64 * 1024;

    private final InputStream from;
    private final OutputStream to;
    private final Runnable readerGone;

    /** @param readerGone called once when nobody reads {@code to} any more */
    OutputCopy(InputStream from, OutputStream to, Runnable readerGone) {
        this.from = from;
        this.to = to;
        this.readerGone = readerGone;
    }

    @Override
    public void run() {
        boolean open = true;
        byte[] chunk = new byte[CHUNK];
        try {
            for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
                open = open && write(chunk, n);
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
