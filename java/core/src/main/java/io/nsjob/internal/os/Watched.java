package io.nsjob.internal.os;

/**
 * A descriptor that the reactor has. Others may write to it, so that nothing has to be handed over for a few bytes; closing is the
 * reactor's, and nothing reaches a number that meanwhile stands for something else.
 */
public final class Watched {
    private final Reactor reactor;
    private final int fd;
    private final int generation;
    private final Reactor.Handler handler;
    private int wanted;
    private boolean closed;

    Watched(Reactor reactor, int fd, int generation, Reactor.Handler handler) {
        this.reactor = reactor;
        this.fd = fd;
        this.generation = generation;
        this.handler = handler;
    }

    int generation() {
        return generation;
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
        // epoll(7) tells an end to whoever is in it, wanted or not.
        int operation = now == 0 ? NativeIo.EPOLL_CTL_DEL : wanted == 0 ? NativeIo.EPOLL_CTL_ADD : NativeIo.EPOLL_CTL_MOD;
        int result = reactor.control(operation, fd, generation, now);
        if (result < 0) {
            throw new IllegalStateException("epoll_ctl: errno " + -result);
        }
        wanted = now;
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
     * Receives from a socket. For the reactor's thread, which then has it in {@link Reactor#bytes}.
     *
     * @return how much, 0 at the end, or the errno, negative
     */
    public int receive() {
        return closed ? 0 : NativeIo.receive(fd, reactor.buffer(), reactor.buffer().size());
    }

    /**
     * Reads from a pipe that does not block. For the reactor's thread, which then has it in {@link Reactor#bytes}.
     *
     * @param most at most
     * @return how much, 0 at the end, or the errno, negative
     */
    public int read(int most) {
        return closed ? 0 : NativeIo.readInto(fd, reactor.buffer(), Math.min(most, reactor.buffer().size()));
    }

    /** Whether somebody has the other end of a socket that nothing is waiting to be read from, or much is. For the reactor's thread. */
    boolean isOpenAtOtherEnd() {
        return !closed && NativeIo.peek(fd, reactor.buffer()) != 0;
    }

    /** The number, for a call of this package's that is made by the reactor's thread. */
    int fd() {
        return fd;
    }

    /** Closes it. Any thread may; the reactor does. */
    public void close() {
        reactor.execute(() -> {
            synchronized (this) {
                if (!closed) {
                    closed = true;
                    reactor.forget(fd);
                    NativeIo.closeFd(fd);
                }
            }
        });
    }
}
