package io.nsjob.robust;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Runs many independent checks, a few at a time: most of each is waiting. */
final class Lanes {
    private static final long LIMIT_MINUTES = 15;

    private Lanes() {
    }

    /** One check. */
    @FunctionalInterface
    interface Check<T> {
        /** Fails by throwing. */
        void run(T subject) throws Exception;
    }

    /** Checks every subject, and throws the first failure after all have ended, with the others attached to it. */
    static <T> void run(int lanes, List<T> subjects, Check<T> check) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(lanes);
        try {
            List<CompletableFuture<Throwable>> ends = new ArrayList<>();
            for (T subject : subjects) {
                ends.add(CompletableFuture.supplyAsync(() -> failure(subject, check), executor));
            }
            AssertionError failed = null;
            for (int i = 0; i < ends.size(); i++) {
                Throwable failure = ends.get(i).get(LIMIT_MINUTES, TimeUnit.MINUTES);
                if (failure == null) {
                    continue;
                }
                AssertionError one = new AssertionError(subjects.get(i) + ": " + failure, failure);
                if (failed == null) {
                    failed = one;
                } else {
                    failed.addSuppressed(one);
                }
            }
            if (failed != null) {
                throw failed;
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("failures are values here", e);
        } finally {
            executor.shutdownNow();
        }
    }

    private static <T> Throwable failure(T subject, Check<T> check) {
        try {
            check.run(subject);
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }
}
