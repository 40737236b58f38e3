package io.nsjob.internal.run;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.PoolStatistics;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.SandboxPool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sandboxes made ahead. One lock guards all that is counted; sandboxes are made, killed and reset without it, on threads that are
 * borrowed for as long as something is missing.
 */
public final class Pool implements SandboxPool {
    /** More at once would only share the processors: what takes time is the kernel's work. */
    private static final int FILLERS = 2;
    /** One that ends sooner shows that something is wrong: another is made when one is asked for. */
    private static final long SHORT_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A quarter is left of those that were ready: then there is no time to be lost. */
    private static final int FEW = 4;
    /** Whoever takes several in a row has the processors for himself meanwhile. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Opener opener;
    private final int size;
    private final int max;
    private final Mode mode;
    private final Executor threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    /** Of those who would fill, until it is time. */
    private final Condition hurry = lock.newCondition();
    private final Deque<Ready> ready = new ArrayDeque<>();
    /** Given back, to be reset when it is time. Nothing runs in them. */
    private final Deque<PoolMember> returned = new ArrayDeque<>();
    private int opening;
    private int fillers;
    private int taken;
    private int waiting;
    private long quietFrom = System.nanoTime();
    private long opened;
    private long handedOut;
    private long died;
    private long failures;
    private Exception failure;
    private boolean closed;

    /** Makes a sandbox. */
    interface Opener {
        PoolMember open() throws SandboxException, InterruptedException;
    }

    private record Ready(PoolMember member, long since) {
    }

    Pool(Opener opener, int size, int max, Mode mode, Executor threads) {
        this.opener = opener;
        this.size = size;
        this.max = max;
        this.mode = mode;
        this.threads = threads;
    }

    /**
     * Opens a pool that begins to fill.
     *
     * @param launcher opens the sandboxes
     * @param world their spec
     * @param size how many are kept ready
     * @param max how many there may be
     * @param mode what becomes of those that are given back
     * @return to be closed
     */
    public static SandboxPool open(Launcher launcher, JobSpec world, int size, int max, Mode mode) {
        Pool pool = new Pool(() -> PoolMember.of(launcher.open(world)), size, max, mode, Threads.executor());
        pool.begin();
        return pool;
    }

    void begin() {
        lock.lock();
        try {
            fill();
        } finally {
            lock.unlock();
        }
    }

    private boolean isMissing() {
        int coming = ready.size() + opening;
        return !closed && failure == null && coming < size + waiting && coming + taken < max;
    }

    /**
     * Whether what is missing is to be made now: where somebody waits, few are ready, or none was taken for a moment. Making
     * one takes longer than most commands in it, and more than one processor.
     */
    private boolean isTime() {
        return closed || waiting > 0 || FEW * ready.size() < size || System.nanoTime() - quietFrom >= 0;
    }

    /** With the lock. */
    private void fill() {
        boolean time = isTime();
        if (time) {
            hurry.signalAll();
        }
        while (fillers < (time ? FILLERS : 1) && isMissing()) {
            fillers++;
            opening++;
            threads.execute(this::openMissing);
        }
    }

    /** With the lock. Returns false where there is nothing to be made any more. */
    private boolean awaitTime() throws InterruptedException {
        while (!isTime()) {
            hurry.awaitNanos(quietFrom - System.nanoTime());
        }
        fill();
        return !closed;
    }

    private void openMissing() {
        boolean more = true;
        while (more) {
            more = openOne();
        }
    }

    /** Makes one that is counted as opening. Returns whether this thread is to make another, which is counted then. */
    private boolean openOne() {
        PoolMember member = null;
        Exception problem = null;
        try {
            Opener source = next();
            member = source == null ? null : source.open();
        } catch (SandboxException | InterruptedException | RuntimeException e) {
            problem = e;
        }
        if (member != null) {
            PoolMember watched = member;
            member.onEnd(() -> drop(watched));
        }
        lock.lock();
        try {
            if (problem != null) {
                failures++;
                failure = failure == null ? problem : failure;
            } else if (member != null) {
                opened++;
                keep(member);
            }
            opening--;
            boolean more = isMissing();
            opening += more ? 1 : 0;
            fillers -= more ? 0 : 1;
            change.signalAll();
            return more;
        } finally {
            lock.unlock();
        }
    }

    /** Once it is time; null where there is nothing to be made any more. */
    private Opener next() throws InterruptedException {
        lock.lock();
        try {
            if (!awaitTime()) {
                return null;
            }
            PoolMember again = returned.poll();
            return again == null ? opener : () -> {
                again.reset();
                return again;
            };
        } finally {
            lock.unlock();
        }
    }

    /** With the lock, which is let go of where the pool was closed meanwhile: close() waits for what is still opening. */
    private void keep(PoolMember member) {
        if (!closed) {
            ready.addLast(new Ready(member, System.nanoTime()));
            return;
        }
        lock.unlock();
        try {
            member.close();
        } finally {
            lock.lock();
        }
    }

    /** One has ended while it waited, perhaps. */
    private void drop(PoolMember member) {
        lock.lock();
        try {
            Ready found = ready.stream().filter(entry -> entry.member() == member).findFirst().orElse(null);
            if (found != null) {
                ready.remove(found);
                died++;
                threads.execute(member::close);
                if (System.nanoTime() - found.since() > SHORT_LIFE_NANOS) {
                    fill();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Sandbox take() throws SandboxException, InterruptedException {
        try {
            return take(Long.MAX_VALUE);
        } catch (TimeoutException e) {
            throw new IllegalStateException("nobody waits for 292 years", e);
        }
    }

    @Override
    public Sandbox take(Duration timeout) throws SandboxException, TimeoutException, InterruptedException {
        return take(timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) < 0 ? timeout.toNanos() : Long.MAX_VALUE);
    }

    private Sandbox take(long nanos) throws SandboxException, TimeoutException, InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        waiting++;
        try {
            while (true) {
                if (closed) {
                    throw new IllegalStateException("this pool is closed");
                }
                PoolMember member = firstAlive();
                if (member != null) {
                    taken++;
                    handedOut++;
                    quietFrom = System.nanoTime() + QUIET_NANOS;
                    // What failed is tried again, now that one more is missing.
                    failure = null;
                    return new PooledSandbox(member, this);
                }
                tellFailure();
                fill();
                if (left <= 0) {
                    throw new TimeoutException("no sandbox within " + Duration.ofNanos(nanos));
                }
                left = change.awaitNanos(left);
            }
        } finally {
            waiting--;
            fill();
            lock.unlock();
        }
    }

    private PoolMember firstAlive() {
        for (Ready first = ready.pollFirst(); first != null; first = ready.pollFirst()) {
            if (first.member().isAlive()) {
                return first.member();
            }
            died++;
            threads.execute(first.member()::close);
        }
        return null;
    }

    /** To one; another who waits has it tried again. */
    private void tellFailure() throws SandboxException {
        Exception told = failure;
        if (told == null) {
            return;
        }
        failure = null;
        change.signalAll();
        if (told instanceof SandboxException e) {
            throw e;
        }
        if (told instanceof RuntimeException e) {
            throw e;
        }
        throw new SandboxException("state", "the pool was interrupted", told);
    }

    /** By the one who took it, once. */
    void giveBack(PoolMember member) {
        boolean again = mode == Mode.RESET;
        try {
            if (again) {
                member.endWorld();
            } else {
                member.close();
            }
        } finally {
            again = count(again ? member : null);
        }
        if (!again) {
            member.close();
        }
    }

    /** Returns whether it is to be ready again: by one of those who fill. */
    private boolean count(PoolMember member) {
        lock.lock();
        try {
            taken--;
            boolean again = member != null && !closed && failure == null
                && ready.size() + opening + returned.size() < Math.min(size + waiting, max - taken);
            if (again) {
                returned.add(member);
            }
            fill();
            change.signalAll();
            return again;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public PoolStatistics statistics() {
        lock.lock();
        try {
            return new PoolStatistics(ready.size(), opening, taken, opened, handedOut, died, failures);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<PoolMember> rest = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            hurry.signalAll();
            ready.forEach(entry -> rest.add(entry.member()));
            ready.clear();
            rest.addAll(returned);
            returned.clear();
            change.signalAll();
        } finally {
            lock.unlock();
        }
        rest.forEach(PoolMember::close);
        lock.lock();
        try {
            while (opening > 0) {
                change.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
