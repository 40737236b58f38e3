package io.nsjob.internal.run;

import io.nsjob.internal.os.Reactor;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where the reactor has done what may wait: the user's code, files. A few threads, however many jobs end at once; more only while all
 * of them are held up, as what the user does may be to wait for another job.
 */
final class Callbacks implements Executor {
    private static final int FEW = 3;
    private static final long IDLE_SECONDS = 5;
    private static final long LOOK_MILLIS = 50;
    private static Callbacks only;

    private final Reactor reactor;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(FEW, FEW, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
        new Threads.Factory());
    private final AtomicBoolean looking = new AtomicBoolean();
    private long done;

    private Callbacks(Reactor reactor) {
        this.reactor = reactor;
        threads.allowCoreThreadTimeOut(true);
    }

    static synchronized Callbacks of(Reactor reactor) {
        if (only == null) {
            only = new Callbacks(reactor);
        }
        return only;
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
        if (!threads.getQueue().isEmpty() && looking.compareAndSet(false, true)) {
            reactor.execute(() -> reactor.after(LOOK_MILLIS, this::look));
        }
    }

    /** By the reactor's thread, while somebody has to wait for a thread. */
    private void look() {
        int waiting = threads.getQueue().size();
        if (waiting == 0) {
            looking.set(false);
            resize(FEW);
            return;
        }
        long now = threads.getCompletedTaskCount();
        if (now == done) {
            resize(threads.getCorePoolSize() + Math.min(waiting, threads.getCorePoolSize()));
        }
        done = now;
        reactor.after(LOOK_MILLIS, this::look);
    }

    private void resize(int size) {
        if (size > threads.getMaximumPoolSize()) {
            threads.setMaximumPoolSize(size);
            threads.setCorePoolSize(size);
        } else if (size < threads.getCorePoolSize()) {
            threads.setCorePoolSize(size);
            threads.setMaximumPoolSize(size);
        }
    }
}
