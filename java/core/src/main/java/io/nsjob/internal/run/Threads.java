package io.nsjob.internal.run;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The library's threads: daemons that end when they have had nothing to do for a while. */
final class Threads {
    private static final long IDLE_SECONDS = 5;
    private static final int STARTS_AT_ONCE = Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors()));
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS,
        TimeUnit.SECONDS, new SynchronousQueue<>(), new Factory());

    /** For what is started without waiting: each start is short, and a thousand of them need no thousand threads. */
    private static final ThreadPoolExecutor STARTERS = new ThreadPoolExecutor(STARTS_AT_ONCE, STARTS_AT_ONCE, IDLE_SECONDS,
        TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new Factory());

    static {
        STARTERS.allowCoreThreadTimeOut(true);
    }

    private Threads() {
    }

    static final class Factory implements ThreadFactory {
        @Override
        public Thread newThread(Runnable work) {
            Thread thread = new Thread(null, work, "nsjob-" + NUMBER.incrementAndGet(), 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(Threads.class.getClassLoader());
            return thread;
        }
    }

    /** Runs work at once, on a thread of its own if all are busy. */
    static Executor executor() {
        return POOL;
    }

    /** Starts jobs, and what they leave to be swept, a few at once: never for what is the user's. */
    static Executor starters() {
        return STARTERS;
    }
}
