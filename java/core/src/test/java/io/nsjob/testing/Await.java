package io.nsjob.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waiting for something to be so, instead of for as long as it should take. */
public final class Await {
    /** Nothing that a test waits for takes that long, not on a slow machine with too much to do either. */
    public static final Duration LONGEST = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 5;

    private Await() {
    }

    /** Waits for a condition, and fails when it does not come. */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        assertTrue(within(LONGEST, condition), () -> "not within " + LONGEST.toSeconds() + " s: " + what);
    }

    /** Whether a condition holds before a time is over. */
    public static boolean within(Duration limit, Callable<Boolean> condition) throws Exception {
        long begun = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - begun > limit.toNanos()) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }
}
