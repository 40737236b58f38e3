package io.nsjob.internal.os;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One thread of this JVM that waits for all descriptors of all jobs, epoll(7), and that alone reads and closes them. What it calls
 * must not wait for anything, nor be the user's.
 */
public final class Reactor {
    private static final int EVENTS = 128;
    private static final int BUFFER = 64 * 1024;
    private static final EpollLayout LAYOUT = EpollLayout.of(System.getProperty("os.arch"));
    private static final byte[] ONE = {1, 0, 0, 0, 0, 0, 0, 0};
    private static Reactor only;

    private final int epoll;
    private final int wakeUp;
    private final NativeBuffer events = new NativeBuffer(EVENTS * LAYOUT.size());
    private final NativeBuffer buffer = new NativeBuffer(BUFFER);
    private final byte[] heap = new byte[BUFFER];
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Queue<NativeBuffer> spare = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>((a, b) -> Long.signum(a.nanos - b.nanos));
    private final Thread thread = new Thread(null, this::run, "nsjob-reactor", 0, false);
    private volatile AtomicReferenceArray<Watched> watched = new AtomicReferenceArray<>(256);
    private int generations;

    /** What is told when a descriptor is ready. Called by the reactor's thread. */
    public interface Handler {

        /**
         * The descriptor can be read or written, or its other end is gone: what there is to read says so.
         *
         * @param toWrite whether it can be written
         * @param toRead whether it can be read, or has an end to be read
         */
        void ready(boolean toWrite, boolean toRead);

        /**
         * Something was thrown by {@link #ready}. The descriptor is not watched any more.
         *
         * @param e what
         */
        void broken(Throwable e);
    }

    /** Something to be done later. */
    public static final class Timer {
        private final long nanos;
        private Runnable task;

        private Timer(long nanos, Runnable task) {
            this.nanos = nanos;
            this.task = task;
        }

        /** It is not to be done any more. For the reactor's thread. */
        public void cancel() {
            // Stays in the queue, which does not know its place, but holds nothing any more.
            task = null;
        }
    }

    private Reactor() throws ErrnoException {
        epoll = check("epoll_create1", NativeIo.newEpoll());
        wakeUp = check("eventfd", NativeIo.newEvent());
        control(NativeIo.EPOLL_CTL_ADD, wakeUp, 0, NativeIo.EPOLLIN);
        thread.setDaemon(true);
        thread.setContextClassLoader(Reactor.class.getClassLoader());
    }

    /**
     * Whether there can be one: whether JNA loads.
     *
     * @return why not, or null when there can
     */
    public static String missing() {
        try {
            NativeIo.closeFd(NativeIo.newEvent());
            return null;
        } catch (LinkageError | RuntimeException e) {
            return String.valueOf(e);
        }
    }

    /**
     * The one of this JVM.
     *
     * @return started at the first call
     * @throws ErrnoException when there are no descriptors left
     */
    public static synchronized Reactor get() throws ErrnoException {
        if (only == null) {
            Reactor reactor = new Reactor();
            reactor.thread.start();
            only = reactor;
        }
        return only;
    }

    /**
     * Whether a call only has to be made again, later.
     *
     * @param result of it
     * @return whether it is EAGAIN or EINTR
     */
    public static boolean isAgain(int result) {
        return result == -NativeIo.EAGAIN || result == -NativeIo.EINTR;
    }

    /**
     * Whether the other end is gone.
     *
     * @param result of reading
     * @return also when it died with something unread, which resets the connection
     */
    public static boolean isEnd(int result) {
        return result == 0 || result == -NativeIo.ECONNRESET;
    }

    static int check(String syscall, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(syscall, -result, "");
        }
        return result;
    }

    /** Takes over a descriptor; it is not waited for until somebody wants to. */
    Watched watch(int fd, Handler handler) {
        synchronized (tasks) {
            AtomicReferenceArray<Watched> all = watched;
            if (fd >= all.length()) {
                AtomicReferenceArray<Watched> more = new AtomicReferenceArray<>(Math.max(fd + 1, 2 * all.length()));
                for (int i = 0; i < all.length(); i++) {
                    more.set(i, all.get(i));
                }
                all = more;
                watched = more;
            }
            generations++;
            Watched one = new Watched(this, fd, generations, handler);
            all.set(fd, one);
            return one;
        }
    }

    /** Before its number can stand for another. */
    void forget(int fd) {
        synchronized (tasks) {
            watched.set(fd, null);
        }
    }

    /** Changes what epoll waits for. The generation tells a late event of a descriptor from those of its successor. */
    int control(int operation, int fd, int generation, int wanted) {
        NativeBuffer event;
        synchronized (spare) {
            event = spare.poll();
        }
        if (event == null) {
            event = new NativeBuffer(LAYOUT.size());
        }
        LAYOUT.put(event.bytes(), wanted, fd, generation);
        int result = NativeIo.control(epoll, operation, fd, event);
        synchronized (spare) {
            spare.add(event);
        }
        return result;
    }

    /**
     * Whether the calling thread is the reactor's.
     *
     * @return whether
     */
    public boolean isHere() {
        return Thread.currentThread() == thread;
    }

    /**
     * Has something done by the reactor's thread: at once when that is who calls.
     *
     * @param task must not wait
     */
    public void execute(Runnable task) {
        if (isHere()) {
            task.run();
            return;
        }
        tasks.add(task);
        if (woken.compareAndSet(false, true)) {
            NativeIo.writeBytes(wakeUp, ONE, ONE.length);
        }
    }

    /**
     * Has something done later. For the reactor's thread.
     *
     * @param millis when
     * @param task must not wait
     * @return to be cancelled
     */
    public Timer after(long millis, Runnable task) {
        Timer timer = new Timer(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), task);
        timers.add(timer);
        return timer;
    }

    /** Where the reactor's thread reads into. */
    NativeBuffer buffer() {
        return buffer;
    }

    /**
     * What was read, on the heap: valid until something else is read. For the reactor's thread.
     *
     * @param length how much was read
     * @return a longer array
     */
    public byte[] bytes(int length) {
        buffer.bytes().get(0, heap, 0, length);
        return heap;
    }

    private void run() {
        while (true) {
            int count = NativeIo.await(epoll, events, EVENTS, patience());
            for (int i = 0; i < count; i++) {
                int fd = LAYOUT.fd(events.bytes(), i);
                if (fd == wakeUp) {
                    NativeIo.readInto(wakeUp, buffer, 8);
                } else {
                    dispatch(fd, LAYOUT.generation(events.bytes(), i), LAYOUT.ready(events.bytes(), i));
                }
            }
            woken.set(false);
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                attempt(task);
            }
            while (!timers.isEmpty() && timers.peek().nanos - System.nanoTime() <= 0) {
                Runnable task = timers.poll().task;
                if (task != null) {
                    attempt(task);
                }
            }
        }
    }

    private int patience() {
        while (!timers.isEmpty() && timers.peek().task == null) {
            timers.poll();
        }
        if (timers.isEmpty()) {
            return -1;
        }
        long left = timers.peek().nanos - System.nanoTime();
        return left <= 0 ? 0 : (int) Math.min(TimeUnit.NANOSECONDS.toMillis(left) + 1, Integer.MAX_VALUE);
    }

    private void dispatch(int fd, int generation, int what) {
        Watched one = watched.get(fd);
        if (one == null || one.generation() != generation) {
            // Closed by a handler before it in this round; the next round does not have it any more.
            return;
        }
        boolean ended = (what & (NativeIo.EPOLLERR | NativeIo.EPOLLHUP)) != 0;
        try {
            one.handler().ready((what & NativeIo.EPOLLOUT) != 0 || ended, (what & NativeIo.EPOLLIN) != 0 || ended);
        } catch (Throwable e) {
            // One job's trouble must not be that of all others.
            Log.warning(Reactor.class, "a job's descriptor is not served any more", e);
            one.want(false, false);
            attempt(() -> one.handler().broken(e));
        }
    }

    private static void attempt(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            Log.warning(Reactor.class, "the reactor goes on", e);
        }
    }
}
