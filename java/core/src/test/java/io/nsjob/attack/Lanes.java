package io.nsjob.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same to many, a few at a time, and keeps the order. */
final class Lanes {
    private Lanes() {
    }

    /** What is done to one. */
    @FunctionalInterface
    interface Work<T, R> {
        R on(T subject) throws Exception;
    }

    static <T, R> List<R> map(int lanes, List<T> subjects, Work<T, R> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(lanes);
        try {
            List<Future<R>> futures = new ArrayList<>();
            for (T subject : subjects) {
                futures.add(executor.submit(() -> work.on(subject)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
