package io.nsjob.internal.os;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** Something that the thread of a {@link Loop} is to do later. */
public final class LoopTimer {
    private final long nanos;
    private Runnable task;

    LoopTimer(long millis, Runnable task) {
        nanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        this.task = task;
    }

    /** It is not to be done any more. For the loop's thread. */
    public void cancel() {
        // Stays in the queue, which does not know its place, but holds nothing any more.
        task = null;
    }

    long millisLeft() {
        return TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime());
    }

    boolean isCancelled() {
        return task == null;
    }

    static PriorityQueue<LoopTimer> queue() {
        return new PriorityQueue<>((a, b) -> Long.signum(a.nanos - b.nanos));
    }

    /** Does what is due. */
    static void fire(PriorityQueue<LoopTimer> timers) {
        while (!timers.isEmpty() && timers.peek().nanos - System.nanoTime() <= 0) {
            Runnable task = timers.poll().task;
            if (task != null) {
                Loop.attempt(task);
            }
        }
    }

    /** How long to wait for the next, in milliseconds; -1 when there is none. */
    static int patience(PriorityQueue<LoopTimer> timers) {
        while (!timers.isEmpty() && timers.peek().isCancelled()) {
            timers.poll();
        }
        return timers.isEmpty() ? -1 : (int) Math.min(Math.max(timers.peek().millisLeft() + 1, 0), Integer.MAX_VALUE);
    }
}
