package io.nsjob.internal.os;

/**
 * A descriptor that a loop has. Others may write to it, so that nothing has to be handed over for a few bytes; closing is the
 * loop's, and nothing reaches a number that meanwhile stands for something else.
 */
public final class Watched {
    private volatile Loop loop;
    private final int fd;
    private final Reactor.Handler handler;
    /** Of those of the reactor that had the same number, one after the other. */
    private int generation;
    private volatile int wanted;
    private boolean closed;

    Watched(Loop loop, int fd, Reactor.Handler handler) {
        this.loop = loop;
        this.fd = fd;
        this.handler = handler;
    }

    int generation() {
        return generation;
    }

    void setGeneration(int number) {
        generation = number;
    }

    /** What to wait for, as epoll(7) and poll(2) have it. */
    int wanted() {
        return wanted;
    }

    /** From now on it is the reactor's. */
    synchronized void moveTo(Reactor reactor) {
        if (!closed) {
            loop = reactor;
            reactor.take(this);
        }
    }

    Reactor.Handler handler() {
        return handler;
    }

    /**
     * Says what to wait for; nothing at all also means not to hear of its end. Any thread may.
     *
     * @param toRead whether to wait until it can be read
     * @param toWrite whether to wait until it can be written
     */
    public synchronized void want(boolean toRead, boolean toWrite) {
        int now = (toRead ? NativeIo.EPOLLIN : 0) | (toWrite ? NativeIo.EPOLLOUT : 0);
        if (closed || now == wanted) {
            return;
        }
        int before = wanted;
        wanted = now;
        try {
            loop.wants(this, before);
        } catch (RuntimeException e) {
            // The kernel did not take it: the next time it is asked again.
            wanted = before;
            throw e;
        }
    }

    /**
     * Sends to a socket, or writes to a pipe that does not block. Any thread may.
     *
     * @param bytes what
     * @param length of it
     * @param socket whether it is one
     * @return how much was taken, or the errno, negative
     */
    public synchronized int write(byte[] bytes, int length, boolean socket) {
        if (closed) {
            return -NativeIo.EBADF;
        }
        return socket ? NativeIo.sendBytes(fd, bytes, length) : NativeIo.writeBytes(fd, bytes, length);
    }

    /** Sends a message with descriptors. Any thread may. */
    synchronized int sendMessage(long message) {
        return closed ? -NativeIo.EBADF : NativeIo.sendMessage(fd, message);
    }

    /** Half-closes a socket: no more is sent. Any thread may. */
    public synchronized void end() {
        if (!closed) {
            NativeIo.shutdownWriting(fd);
        }
    }

    /**
     * Receives from a socket. For the loop's thread, which then has it in {@link Loop#bytes}.
     *
     * @return how much, 0 at the end, or the errno, negative
     */
    public int receive() {
        return closed ? 0 : NativeIo.receive(fd, loop.buffer().memory(), Loop.BUFFER);
    }

    /**
     * Reads from a pipe that does not block. For the loop's thread, which then has it in {@link Loop#bytes}.
     *
     * @param most at most
     * @return how much, 0 at the end, or the errno, negative
     */
    public int read(int most) {
        return closed ? 0 : NativeIo.readInto(fd, loop.buffer().memory(), Math.min(most, Loop.BUFFER));
    }

    /**
     * Makes room for more in a pipe, as its user may; else it stays as it is.
     *
     * @param bytes how much it is to hold
     */
    public synchronized void widen(int bytes) {
        if (!closed) {
            NativeIo.setPipeSize(fd, bytes);
        }
    }

    /** Whether somebody has the other end of a socket that nothing is waiting to be read from, or much is. For the loop's thread. */
    boolean isOpenAtOtherEnd() {
        return !closed && NativeIo.peek(fd, loop.buffer().memory()) != 0;
    }

    synchronized boolean isOpen() {
        return !closed;
    }

    /** The number, for a call of this package's that is made by the loop's thread. */
    int fd() {
        return fd;
    }

    /** Closes it. Any thread may; the loop's does. */
    public void close() {
        loop.execute(() -> {
            synchronized (this) {
                if (!closed) {
                    closed = true;
                    loop.forget(this);
                    NativeIo.closeFd(fd);
                }
            }
        });
    }
}
