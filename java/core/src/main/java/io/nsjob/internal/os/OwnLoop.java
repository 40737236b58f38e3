package io.nsjob.internal.os;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A thread that waits for one job and has nothing else to do serves the job's descriptors itself, poll(2): nobody has to be
 * woken for them, and then to wake it. When it goes, for whatever reason, the reactor goes on with what is left. Not for virtual
 * threads, whose carrier would wait with them.
 */
public final class OwnLoop extends Loop {
    /** struct pollfd: fd, what is wanted, what has come. */
    private static final int POLL_SIZE = 8, WANTED = 4, COME = 6;
    private static final int MOST = 8;
    /** Where more threads wait at once it is the reactor that has enough to do never to sleep, and each of these has memory. */
    private static final Semaphore LOOPS = new Semaphore(16);
    /** Of JDK 21 and later. */
    private static final MethodHandle IS_VIRTUAL = isVirtual();
    private static final Queue<Tools> SPARE = new ConcurrentLinkedQueue<>();

    private final Reactor reactor;
    private final Thread thread = Thread.currentThread();
    private final Tools tools;
    private final List<Watched> watched = new ArrayList<>(MOST);
    private final PriorityQueue<LoopTimer> timers = LoopTimer.queue();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private volatile boolean left;

    /** What one loop has after the other. */
    private static final class Tools {
        private final int wakeUp;
        private final NativeBuffer fds = new NativeBuffer(MOST * POLL_SIZE);
        private final ReadBuffer buffer = new ReadBuffer();
        private final Watched[] polled = new Watched[MOST];

        Tools() throws ErrnoException {
            wakeUp = Reactor.check("eventfd", NativeIo.newEvent());
        }
    }

    /** Has Thread.interrupt() wake a thread that is in poll(2): what is interruptible is closed, which is all it is for. */
    private static final class Hook extends AbstractInterruptibleChannel {
        private final OwnLoop loop;

        Hook(OwnLoop loop) {
            this.loop = loop;
        }

        int poll(int count, int millis) {
            begin();
            try {
                return NativeIo.poll(loop.tools.fds, count, millis);
            } finally {
                try {
                    end(true);
                } catch (AsynchronousCloseException e) {
                    // Of the interrupt, which serve() sees as well.
                    Log.debug(OwnLoop.class, "interrupted", null);
                }
            }
        }

        @Override
        protected void implCloseChannel() {
            loop.wake();
        }
    }

    private OwnLoop(Reactor reactor) throws ErrnoException {
        this.reactor = reactor;
        Tools spare = SPARE.poll();
        tools = spare == null ? new Tools() : spare;
    }

    private static MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup().findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /**
     * Where the calling thread should do what is to be done for a job that it is going to wait for.
     *
     * @return a loop of its own, which it has to {@link #leave}; the reactor for a virtual thread, and where many have one
     * @throws ErrnoException when there are no descriptors left
     */
    public static Loop here() throws ErrnoException {
        Reactor reactor = Reactor.get();
        if (isVirtual(Thread.currentThread()) || !LOOPS.tryAcquire()) {
            return reactor;
        }
        OwnLoop own = null;
        try {
            own = new OwnLoop(reactor);
            return own;
        } finally {
            if (own == null) {
                LOOPS.release();
            }
        }
    }

    private static boolean isVirtual(Thread thread) {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean isHere() {
        return Thread.currentThread() == thread && !left;
    }

    @Override
    public void execute(Runnable task) {
        if (isHere()) {
            task.run();
            return;
        }
        synchronized (this) {
            if (!left) {
                tasks.add(task);
                wake();
                return;
            }
        }
        reactor.execute(task);
    }

    private void wake() {
        NativeIo.writeBytes(tools.wakeUp, ONE, ONE.length);
    }

    @Override
    public LoopTimer after(long millis, Runnable task) {
        if (left) {
            return reactor.after(millis, task);
        }
        LoopTimer timer = new LoopTimer(millis, task);
        timers.add(timer);
        return timer;
    }

    @Override
    ReadBuffer buffer() {
        return left ? reactor.buffer() : tools.buffer;
    }

    @Override
    Watched watch(int fd, Reactor.Handler handler) {
        Watched one = new Watched(this, fd, handler);
        synchronized (this) {
            if (watched.size() == MOST - 1) {
                throw new IllegalStateException("too many descriptors for one job");
            }
            watched.add(one);
        }
        return one;
    }

    @Override
    synchronized void forget(Watched one) {
        watched.remove(one);
    }

    @Override
    void wants(Watched one, int before) {
        // Looked at before each poll(2); once it is left, when the reactor takes it over.
        wakeFromElsewhere();
    }

    private void wakeFromElsewhere() {
        if (Thread.currentThread() != thread) {
            synchronized (this) {
                if (!left) {
                    wake();
                }
            }
        }
    }

    /**
     * Serves until something is done. For the thread whose loop it is.
     *
     * @param until done by whatever thread
     * @param millis how long, at most
     * @return whether it is done
     * @throws InterruptedException when this thread was interrupted
     */
    public boolean serve(CompletableFuture<?> until, long millis) throws InterruptedException {
        until.whenComplete((result, failure) -> wakeFromElsewhere());
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        Hook hook = new Hook(this);
        while (true) {
            doTasks();
            LoopTimer.fire(timers);
            if (until.isDone()) {
                return true;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long wait = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (wait <= 0) {
                return false;
            }
            int next = LoopTimer.patience(timers);
            int count = prepare();
            // One that was hit is of no more use, whatever has become of the interrupt.
            hook = hook.isOpen() ? hook : new Hook(this);
            if (hook.poll(count, (int) Math.min(next < 0 ? wait : Math.min(next, wait), Integer.MAX_VALUE)) > 0) {
                dispatch(count);
            }
        }
    }

    private void doTasks() {
        while (true) {
            Runnable task;
            synchronized (this) {
                task = tasks.poll();
            }
            if (task == null) {
                return;
            }
            attempt(task);
        }
    }

    private synchronized int prepare() {
        tools.fds.bytes().putInt(0, tools.wakeUp);
        tools.fds.bytes().putInt(WANTED, NativeIo.EPOLLIN);
        int count = 1;
        for (int i = 0; i < watched.size(); i++) {
            Watched one = watched.get(i);
            if (one.wanted() != 0) {
                tools.polled[count] = one;
                tools.fds.bytes().putInt(count * POLL_SIZE, one.fd());
                tools.fds.bytes().putInt(count * POLL_SIZE + WANTED, one.wanted());
                count++;
            }
        }
        return count;
    }

    private void dispatch(int count) {
        if (tools.fds.bytes().getShort(COME) != 0) {
            NativeIo.readInto(tools.wakeUp, tools.buffer.memory(), 8);
        }
        for (int i = 1; i < count; i++) {
            int what = tools.fds.bytes().getShort(i * POLL_SIZE + COME);
            // What one of them did may have closed another, or have done with it.
            if (what != 0 && tools.polled[i].wanted() != 0 && tools.polled[i].isOpen()) {
                tell(tools.polled[i], what);
            }
        }
    }

    /** One that the kernel does not take is that job's trouble alone. */
    private void hand(Watched one) {
        try {
            one.moveTo(reactor);
        } catch (RuntimeException e) {
            attempt(() -> one.handler().broken(e));
        }
    }

    /** Hands over to the reactor what is left. For the thread whose loop it is; for any other, and a second time, nothing. */
    public void leave() {
        if (!isHere()) {
            return;
        }
        List<Watched> open;
        synchronized (this) {
            left = true;
            open = List.copyOf(watched);
            watched.clear();
        }
        tasks.forEach(reactor::execute);
        timers.forEach(timer -> {
            if (!timer.isCancelled()) {
                reactor.take(timer);
            }
        });
        open.forEach(this::hand);
        Arrays.fill(tools.polled, null);
        SPARE.add(tools);
        LOOPS.release();
    }
}
