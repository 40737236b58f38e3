package io.nsjob.internal.os;

/**
 * Waits for descriptors, and alone reads and closes those that it has: the {@link Reactor}, or for one job an {@link OwnLoop}.
 * What it calls must not wait for anything, nor be the user's.
 */
public abstract class Loop {
    /** What is read at once, at most: there are others whose turn it is. */
    static final int BUFFER = 256 * 1024;
    /** What of that mostly has to be on the heap. */
    static final int HEAP = 16 * 1024;

    /** What wakes a thread by its eventfd. */
    static final byte[] ONE = {1, 0, 0, 0, 0, 0, 0, 0};

    /** Only here. */
    Loop() {
    }

    /**
     * Whether the calling thread is the one that does it all.
     *
     * @return whether
     */
    public abstract boolean isHere();

    /**
     * Has something done by that thread: at once when that is who calls.
     *
     * @param task must not wait
     */
    public abstract void execute(Runnable task);

    /**
     * Has something done later. For the loop's thread.
     *
     * @param millis when
     * @param task must not wait
     * @return to be cancelled
     */
    public abstract LoopTimer after(long millis, Runnable task);

    /**
     * What was read, on the heap: valid until something else is read. For the loop's thread.
     *
     * @param length how much was read
     * @return a longer array
     */
    public byte[] bytes(int length) {
        return buffer().bytes(length);
    }

    /**
     * Copies of what was read.
     *
     * @param offset where to begin in what was read
     * @param to takes it
     * @param at where, in there
     * @param length how much
     */
    public void copy(int offset, byte[] to, int at, int length) {
        buffer().memory().bytes().get(offset, to, at, length);
    }

    /** Where the loop's thread reads into. */
    abstract ReadBuffer buffer();

    /** Takes over a descriptor; it is not waited for until somebody wants to. */
    abstract Watched watch(int fd, Reactor.Handler handler);

    /** Before its number can stand for another. */
    abstract void forget(Watched one);

    /** What is wanted of it was something else. */
    abstract void wants(Watched one, int before);

    /** Tells what has come. */
    static void tell(Watched one, int what) {
        boolean ended = (what & (NativeIo.EPOLLERR | NativeIo.EPOLLHUP)) != 0;
        try {
            one.handler().ready((what & NativeIo.EPOLLOUT) != 0 || ended, (what & NativeIo.EPOLLIN) != 0 || ended);
        } catch (Throwable e) {
            // One job's trouble must not be that of all others.
            Log.warning(Loop.class, "a job's descriptor is not served any more", e);
            attempt(() -> one.want(false, false));
            attempt(() -> one.handler().broken(e));
        }
    }

    static void attempt(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            Log.warning(Loop.class, "the loop goes on", e);
        }
    }
}
