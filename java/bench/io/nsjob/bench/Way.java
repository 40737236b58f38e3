package io.nsjob.bench;

import java.util.Arrays;
import java.util.concurrent.Callable;

/** One way to start a program and to see its end. */
interface Way {

    /**
     * Starts the program several times, one after another.
     *
     * @param count how often
     * @return the nanoseconds of each
     * @throws Exception when it could not be started, or did not end with 0; the message says why
     */
    long[] run(int count) throws Exception;

    /**
     * Measures in this JVM.
     *
     * @param launch gives the exit status
     * @return the way
     */
    static Way of(Callable<Integer> launch) {
        return count -> {
            long[] nanos = new long[count];
            for (int i = 0; i < count; i++) {
                long begin = System.nanoTime();
                int status = launch.call();
                nanos[i] = System.nanoTime() - begin;
                if (status != 0) {
                    throw new Refused("it ended with status " + status);
                }
            }
            return nanos;
        };
    }

    /** Says why something is not measured. */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    static double median(long[] values) {
        return at(values, 50);
    }

    static double at(long[] values, int percent) {
        if (values.length == 0) {
            return Double.NaN;
        }
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        int index = Math.min(sorted.length - 1, sorted.length * percent / 100);
        return percent == 50 && sorted.length % 2 == 0 ? (sorted[index - 1] + sorted[index]) / 2.0 : sorted[index];
    }
}
