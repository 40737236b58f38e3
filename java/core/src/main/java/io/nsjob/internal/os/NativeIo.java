package io.nsjob.internal.os;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.util.Map;

/**
 * System calls on descriptors, by JNA's direct mapping: none of them blocks but epoll_wait(2), which has a
 * thread of its own, and poll(2), in which a platform thread waits that has nothing else to do. A
 * result is what the call returns, or its errno, negative: an exception for what happens all the time would be the dearest part.
 * Numbers are those of x86-64 and aarch64, which differ in nothing here but in the layout of struct epoll_event.
 */
final class NativeIo {
    static final int EINTR = 4, EAGAIN = 11, EBADF = 9, EPIPE = 32, ECONNRESET = 104, ETOOMANYREFS = 109;
    static final int O_RDWR = 2, O_WRONLY = 1, O_CREAT = 0100, O_TRUNC = 01000, O_APPEND = 02000, O_NONBLOCK = 04000, O_CLOEXEC = 02000000;
    static final int SOCK_STREAM = 1, SOCK_SEQPACKET = 5;
    static final int SHUT_WR = 1;
    static final int EPOLLIN = 1, EPOLLOUT = 4, EPOLLERR = 8, EPOLLHUP = 0x10;
    static final int EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
    static final int SIGKILL = 9;
    private static final int F_SETFL = 4, F_SETPIPE_SZ = 1031;
    private static final int AF_UNIX = 1, SOCK_CLOEXEC = O_CLOEXEC, SOCK_NONBLOCK = O_NONBLOCK;
    private static final int SOL_SOCKET = 1, SO_PEERCRED = 17;
    private static final int MSG_PEEK = 2, MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
    private static final int EPOLL_CLOEXEC = O_CLOEXEC, EFD_CLOEXEC = O_CLOEXEC, EFD_NONBLOCK = O_NONBLOCK;
    private static final long SYS_PIDFD_SEND_SIGNAL = 424, SYS_PIDFD_OPEN = 434;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int MODE_OF_FILES = 0666;

    static {
        Native.register(NativeIo.class, NativeLibrary.getInstance("c", Map.of(Library.OPTION_STRING_ENCODING, "UTF-8")));
    }

    private NativeIo() {
    }

    private static native int socketpair(int domain, int type, int protocol, long fds);

    private static native int socket(int domain, int type, int protocol);

    private static native int bind(int fd, long address, int length);

    private static native int listen(int fd, int backlog);

    private static native int accept4(int fd, long address, long length, int flags);

    private static native int getsockopt(int fd, int level, int name, long value, long length);

    private static native int shutdown(int fd, int how);

    private static native long sendmsg(int fd, long message, int flags);

    private static native long send(int fd, byte[] bytes, long length, int flags);

    private static native long recv(int fd, long bytes, long length, int flags);

    private static native long read(int fd, long bytes, long length);

    private static native long write(int fd, byte[] bytes, long length);

    private static native int pipe2(long fds, int flags);

    private static native int fcntl(int fd, int command, long argument);

    private static native int open(String path, int flags, int mode);

    private static native int close(int fd);

    private static native int epoll_create1(int flags);

    private static native int epoll_ctl(int epoll, int operation, int fd, long event);

    private static native int epoll_wait(int epoll, long events, int count, int millis);

    private static native int poll(long fds, long count, int millis);

    private static native int eventfd(int count, int flags);

    private static native int timerfd_create(int clock, int flags);

    private static native int timerfd_settime(int fd, int flags, long time, long old);

    private static native long syscall(long number, long first, long second, long third, long fourth);

    private static int result(long result) {
        return result < 0 ? -Native.getLastError() : (int) result;
    }

    /** A pair of stream sockets, close-on-exec, at the start of the buffer. */
    static int socketPair(NativeBuffer fds) {
        return result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.address()));
    }

    /** A Unix socket that keeps the bounds of messages, close-on-exec and non-blocking. */
    static int packetSocket() {
        return result(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    }

    static int bindAndListen(int fd, NativeBuffer address, int length) {
        int bound = result(bind(fd, address.address(), length));
        return bound < 0 ? bound : result(listen(fd, 1));
    }

    static int accept(int fd) {
        return result(accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK));
    }

    /** struct ucred of unix(7) at the start of the buffer: pid, uid, gid. The length stands behind it. */
    static int peer(int fd, NativeBuffer credentials) {
        int size = 12;
        credentials.bytes().putInt(size, size);
        return result(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials.address(), credentials.address() + size));
    }

    static int shutdownWriting(int fd) {
        return result(shutdown(fd, SHUT_WR));
    }

    static int sendMessage(int fd, long message) {
        return result(sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL));
    }

    static int sendBytes(int fd, byte[] bytes, int length) {
        return result(send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL));
    }

    static int receive(int fd, NativeBuffer into, int most) {
        return result(recv(fd, into.address(), most, MSG_DONTWAIT));
    }

    /** What is there to be received, which stays: 0 at the end. */
    static int peek(int fd, NativeBuffer into) {
        return result(recv(fd, into.address(), 1, MSG_DONTWAIT | MSG_PEEK));
    }

    static int readInto(int fd, NativeBuffer into, int most) {
        return result(read(fd, into.address(), most));
    }

    static int writeBytes(int fd, byte[] bytes, int length) {
        return result(write(fd, bytes, length));
    }

    /** A pipe, close-on-exec, at the start of the buffer: the end to read, the end to write. */
    static int pipe(NativeBuffer fds) {
        return result(pipe2(fds.address(), O_CLOEXEC));
    }

    /** For a descriptor whose description is this process's alone. */
    static int setNonBlocking(int fd) {
        return result(fcntl(fd, F_SETFL, O_NONBLOCK));
    }

    /** For who may; pipe(7) says how much. */
    static int setPipeSize(int fd, int size) {
        return result(fcntl(fd, F_SETPIPE_SZ, size));
    }

    /** Opens a file, close-on-exec, and makes it where the flags say so. */
    static int openFile(String path, int flags) {
        return result(open(path, flags | O_CLOEXEC, MODE_OF_FILES));
    }

    /** There is nothing to be done about an error. */
    static void closeFd(int fd) {
        if (fd >= 0) {
            close(fd);
        }
    }

    static int newEpoll() {
        return result(epoll_create1(EPOLL_CLOEXEC));
    }

    static int control(int epoll, int operation, int fd, NativeBuffer event) {
        return result(epoll_ctl(epoll, operation, fd, event.address()));
    }

    static int await(int epoll, NativeBuffer events, int count, int millis) {
        return result(epoll_wait(epoll, events.address(), count, millis));
    }

    /** Waits for the descriptors of an array of struct pollfd. */
    static int poll(NativeBuffer fds, int count, int millis) {
        return result(poll(fds.address(), count, millis));
    }

    /** A timer that is not set, non-blocking. */
    static int newAlarm() {
        return result(timerfd_create(CLOCK_MONOTONIC, EFD_CLOEXEC | EFD_NONBLOCK));
    }

    /** Sets it, once. */
    static int setAlarm(int fd, long millis) {
        NativeBuffer time = new NativeBuffer(32);
        time.bytes().putLong(16, millis / 1000);
        time.bytes().putLong(24, millis % 1000 * 1_000_000);
        return result(timerfd_settime(fd, 0, time.address(), 0));
    }

    static int newEvent() {
        return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }

    static int openProcess(long pid) {
        return result(syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0));
    }

    static int kill(int pidfd) {
        return result(syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, SIGKILL, 0, 0));
    }
}
