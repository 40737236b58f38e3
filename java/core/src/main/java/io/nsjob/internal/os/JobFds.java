package io.nsjob.internal.os;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Descriptors for one job, made on the thread of whoever starts it: a few system calls, none of which blocks. Each is close-on-exec,
 * and belongs to whoever made it until it is given to a loop or closed.
 */
public final class JobFds {
    /** Buffers for the calls that give back two of them. A launch takes one, and gives it back. */
    private static final Queue<NativeBuffer> SPARE = new ConcurrentLinkedQueue<>();
    private static int nothing = -1;

    /**
     * A connected pair.
     *
     * @param ours of a socket, or the end of a pipe that this process keeps, which does not block
     * @param theirs the other
     */
    public record Pair(int ours, int theirs) {
    }

    private JobFds() {
    }

    /**
     * A pair of stream sockets.
     *
     * @return both to be closed
     * @throws ErrnoException when there are no descriptors left
     */
    public static Pair connection() throws ErrnoException {
        NativeBuffer fds = buffer();
        try {
            Reactor.check("socketpair", NativeIo.socketPair(fds));
            return new Pair(fds.bytes().getInt(0), fds.bytes().getInt(4));
        } finally {
            SPARE.add(fds);
        }
    }

    /**
     * A pipe.
     *
     * @param read whether this process reads
     * @return both to be closed
     * @throws ErrnoException when there are no descriptors left
     */
    public static Pair pipe(boolean read) throws ErrnoException {
        NativeBuffer fds = buffer();
        int ours;
        int theirs;
        try {
            Reactor.check("pipe2", NativeIo.pipe(fds));
            ours = fds.bytes().getInt(read ? 0 : 4);
            theirs = fds.bytes().getInt(read ? 4 : 0);
        } finally {
            SPARE.add(fds);
        }
        // A job can open its end again, and take what there was to be read just before it is.
        int result = NativeIo.setNonBlocking(ours);
        if (result < 0) {
            close(ours);
            close(theirs);
            throw new ErrnoException("fcntl", -result, "");
        }
        return new Pair(ours, theirs);
    }

    private static NativeBuffer buffer() {
        NativeBuffer spare = SPARE.poll();
        return spare == null ? new NativeBuffer(8) : spare;
    }

    /**
     * The null device.
     *
     * @return not to be closed
     * @throws ErrnoException when it cannot be opened
     */
    public static synchronized int nothing() throws ErrnoException {
        if (nothing < 0) {
            nothing = open("/dev/null", NativeIo.O_RDWR);
        }
        return nothing;
    }

    /**
     * Opens a file to read from.
     *
     * @param path any
     * @return to be closed
     * @throws ErrnoException as open(2)
     */
    public static int openInput(String path) throws ErrnoException {
        return open(path, 0);
    }

    /**
     * Opens or makes a file to write to.
     *
     * @param path any
     * @param append whether to write at its end, or else to empty it
     * @return to be closed
     * @throws ErrnoException as open(2)
     */
    public static int openOutput(String path, boolean append) throws ErrnoException {
        return open(path, NativeIo.O_WRONLY | NativeIo.O_CREAT | (append ? NativeIo.O_APPEND : NativeIo.O_TRUNC));
    }

    private static int open(String path, int flags) throws ErrnoException {
        int fd = NativeIo.openFile(path, flags);
        if (fd < 0) {
            throw new ErrnoException("open", -fd, path);
        }
        return fd;
    }

    /**
     * Gives a descriptor to a loop.
     *
     * @param loop to close it
     * @param fd of this process
     * @param handler to be told
     * @return the descriptor, watched
     */
    public static Watched watch(Loop loop, int fd, Reactor.Handler handler) {
        return loop.watch(fd, handler);
    }

    /**
     * Writes to a pipe that does not block, and that no loop has yet.
     *
     * @param fd of this process
     * @param bytes all of them, if there is room
     * @return how much was taken
     */
    public static int write(int fd, byte[] bytes) {
        return Math.max(0, NativeIo.writeBytes(fd, bytes, bytes.length));
    }

    /**
     * Closes a descriptor of one's own.
     *
     * @param fd negative: nothing then
     */
    public static void close(int fd) {
        NativeIo.closeFd(fd);
    }
}
