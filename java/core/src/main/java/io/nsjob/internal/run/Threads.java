package io.nsjob.internal.run;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The library's threads: daemons that end when they have had nothing to do for a while. */
final class Threads {
    private static final long IDLE_SECONDS = 5;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS,
        TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::thread);

    private Threads() {
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(null, work, "nsjob-" + NUMBER.incrementAndGet(), 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Threads.class.getClassLoader());
        return thread;
    }

    /** Runs work at once, on a thread of its own if all are busy. */
    static Executor executor() {
        return POOL;
    }
}
