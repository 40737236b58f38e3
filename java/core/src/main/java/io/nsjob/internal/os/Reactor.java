package io.nsjob.internal.os;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One thread of this JVM that waits for all descriptors of all jobs that have no thread of their own that does, epoll(7).
 */
public final class Reactor extends Loop {
    private static final int EVENTS = 128;
    private static final EpollLayout LAYOUT = EpollLayout.of(System.getProperty("os.arch"));
    private static final long LATE_MILLIS = 1000;
    private static Reactor only;

    private final int epoll;
    private final int wakeUp;
    private final int alarm;
    private final NativeBuffer events = new NativeBuffer(EVENTS * LAYOUT.size());
    private final ReadBuffer buffer = new ReadBuffer();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Queue<NativeBuffer> spare = new ArrayDeque<>();
    private final PriorityQueue<LoopTimer> timers = LoopTimer.queue();
    private final Queue<LoopTimer> late = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean alarmSet = new AtomicBoolean();
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

    private Reactor() throws ErrnoException {
        epoll = check("epoll_create1", NativeIo.newEpoll());
        wakeUp = check("eventfd", NativeIo.newEvent());
        alarm = check("timerfd_create", NativeIo.newAlarm());
        control(NativeIo.EPOLL_CTL_ADD, wakeUp, 0, NativeIo.EPOLLIN);
        control(NativeIo.EPOLL_CTL_ADD, alarm, 0, NativeIo.EPOLLIN);
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
        return result == 0 || isReset(result);
    }

    /**
     * Whether the other end is gone and has left something unread, unix(7).
     *
     * @param result of reading
     * @return told once
     */
    public static boolean isReset(int result) {
        return result == -NativeIo.ECONNRESET;
    }

    static int check(String syscall, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(syscall, -result, "");
        }
        return result;
    }

    @Override
    Watched watch(int fd, Handler handler) {
        Watched one = new Watched(this, fd, handler);
        register(one);
        return one;
    }

    /** Takes over what another loop had. */
    void take(Watched one) {
        register(one);
        wants(one, 0);
    }

    private void register(Watched one) {
        int fd = one.fd();
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
            one.setGeneration(generations);
            all.set(fd, one);
        }
    }

    @Override
    void forget(Watched one) {
        synchronized (tasks) {
            watched.set(one.fd(), null);
        }
    }

    @Override
    void wants(Watched one, int before) {
        int now = one.wanted();
        if (now == before) {
            return;
        }
        // epoll(7) tells an end to whoever is in it, wanted or not.
        int operation = now == 0 ? NativeIo.EPOLL_CTL_DEL : before == 0 ? NativeIo.EPOLL_CTL_ADD : NativeIo.EPOLL_CTL_MOD;
        int result = control(operation, one.fd(), one.generation(), now);
        if (result < 0) {
            throw new IllegalStateException("epoll_ctl: errno " + -result);
        }
    }

    /** Changes what epoll waits for. The generation tells a late event of a descriptor from those of its successor. */
    private int control(int operation, int fd, int generation, int wanted) {
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

    @Override
    public boolean isHere() {
        return Thread.currentThread() == thread;
    }

    @Override
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

    @Override
    public LoopTimer after(long millis, Runnable task) {
        LoopTimer timer = new LoopTimer(millis, task);
        timers.add(timer);
        return timer;
    }

    /** Takes over a timer of another loop's; any thread may. For one that is far off nobody is woken before it is nearer. */
    void take(LoopTimer timer) {
        if (timer.millisLeft() < LATE_MILLIS) {
            execute(() -> timers.add(timer));
            return;
        }
        late.add(timer);
        if (alarmSet.compareAndSet(false, true)) {
            NativeIo.setAlarm(alarm, LATE_MILLIS);
        }
    }

    @Override
    ReadBuffer buffer() {
        return buffer;
    }

    private void run() {
        while (true) {
            int count = NativeIo.await(epoll, events, EVENTS, LoopTimer.patience(timers));
            for (int i = 0; i < count; i++) {
                int fd = LAYOUT.fd(events.bytes(), i);
                if (fd == wakeUp || fd == alarm) {
                    NativeIo.readInto(fd, buffer.memory(), 8);
                    if (fd == alarm) {
                        alarmSet.set(false);
                    }
                } else {
                    dispatch(fd, LAYOUT.generation(events.bytes(), i), LAYOUT.ready(events.bytes(), i));
                }
            }
            woken.set(false);
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                attempt(task);
            }
            for (LoopTimer timer = late.poll(); timer != null; timer = late.poll()) {
                if (!timer.isCancelled()) {
                    timers.add(timer);
                }
            }
            LoopTimer.fire(timers);
        }
    }

    private void dispatch(int fd, int generation, int what) {
        Watched one = watched.get(fd);
        if (one == null || one.generation() != generation) {
            // Closed by a handler before it in this round; the next round does not have it any more.
            return;
        }
        tell(one, what);
    }
}
