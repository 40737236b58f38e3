package io.nsjob.internal.launch;

import java.io.IOException;

/**
 * Starts a program that may have been written a moment ago: while another thread of this JVM, or another JVM, forks with the
 * file still open for writing, exec fails with "text file busy". That passes by itself.
 */
final class PatientStart {
    /** "error=26" on JDK 17, "error: 26" on 25. */
    private static final String BUSY = ".*error[=:] ?26\\b.*";
    private static final int TRIES = 50;
    private static final long PAUSE_MILLIS = 10;

    private PatientStart() {
    }

    static Process start(ProcessBuilder builder) throws IOException {
        for (int i = 1; ; i++) {
            try {
                return builder.start();
            } catch (IOException e) {
                if (i == TRIES || !String.valueOf(e.getMessage()).matches(BUSY)) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // The caller waits for the process next, and sees it there.
            Thread.currentThread().interrupt();
        }
    }
}
