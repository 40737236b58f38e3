package io.nsjob.internal.run;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Does one thing after another, on threads that it does not keep while there is nothing to do. */
final class Lane implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Executor threads;
    private boolean busy;

    Lane(Executor threads) {
        this.threads = threads;
    }

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
        if (!busy) {
            busy = true;
            threads.execute(this::work);
        }
    }

    private void work() {
        for (Runnable task = next(); task != null; task = next()) {
            task.run();
        }
    }

    private synchronized Runnable next() {
        Runnable task = tasks.poll();
        busy = task != null;
        return task;
    }
}
