package io.nsjob.internal.os;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A platform thread that works in other namespaces than the JVM, once, and is then thrown away: it must never come back to a
 * pool, as whatever runs on it later would run there too.
 */
public final class NamespaceThread extends Thread {
    /** By which such a thread is known; a constant, so that asking loads no class. */
    public static final String NAME = "nsjob-in-a-namespace";

    private NamespaceThread(Runnable work) {
        super(work, NAME);
        setDaemon(true);
    }

    /** How a thread gets there. */
    @FunctionalInterface
    public interface Entrance {
        /**
         * Moves the calling thread.
         *
         * @throws IOException when it may not
         */
        void enter() throws IOException;
    }

    /**
     * Does something on a thread of its own, and waits. An interrupt is passed on; the thread has ended when this returns.
     *
     * @param <T> of the result
     * @param entrance what the thread does first
     * @param work what it does then
     * @return what the work returns
     * @throws InterruptedException when the calling thread was interrupted, whatever the work made of it
     * @throws Exception what the entrance or the work throws
     */
    public static <T> T call(Entrance entrance, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            entrance.enter();
            return work.call();
        });
        NamespaceThread thread = new NamespaceThread(task);
        thread.start();
        try {
            T result = task.get();
            thread.join();
            return result;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        } catch (InterruptedException e) {
            thread.interrupt();
            thread.joinUninterruptibly();
            throw e;
        }
    }

    private void joinUninterruptibly() {
        while (isAlive()) {
            try {
                join();
            } catch (InterruptedException e) {
                // The first one is thrown anyway.
                continue;
            }
        }
    }
}
