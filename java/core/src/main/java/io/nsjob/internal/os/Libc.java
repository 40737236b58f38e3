package io.nsjob.internal.os;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.Map;

/**
 * The C library by JNA's direct mapping. Loading it takes 60 to 150 ms, so nothing on the way of a launch may touch this class.
 * The calls act on the calling thread, as setns(2) and unshare(2) are about threads; none of them may block for long, since a
 * virtual thread would hold its carrier meanwhile. Numbers are those of x86-64 and aarch64, which are the same for all of these.
 */
public final class Libc {
    /** open(2). */
    public static final int O_RDONLY = 0, O_CREAT = 0100, O_EXCL = 0200, O_NONBLOCK = 04000, O_CLOEXEC = 02000000, O_PATH = 010000000;
    /** clone(2), setns(2), unshare(2). */
    public static final int CLONE_NEWTIME = 0x80, CLONE_NEWNS = 0x20000, CLONE_NEWCGROUP = 0x2000000, CLONE_NEWUTS = 0x4000000,
        CLONE_NEWIPC = 0x8000000, CLONE_NEWUSER = 0x10000000, CLONE_NEWPID = 0x20000000, CLONE_NEWNET = 0x40000000;
    /** mount(2). */
    public static final long MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_BIND = 4096, MS_REC = 16384, MS_PRIVATE = 1L << 18,
        MS_SLAVE = 1L << 19, MS_SHARED = 1L << 20;
    /** umount2(2). */
    public static final int MNT_DETACH = 2, UMOUNT_NOFOLLOW = 8;
    /** ioctl_nsfs(2). */
    public static final long NS_GET_USERNS = 0xb701, NS_GET_PARENT = 0xb702, NS_GET_NSTYPE = 0xb703, NS_GET_OWNER_UID = 0xb704;
    private static final int LOCK_EX = 2, LOCK_NB = 4, AF_UNIX = 1, SOCK_DGRAM = 2;
    /** struct ifreq of netdevice(7): a name, then a union of which the flags are a short. */
    private static final int IFREQ_SIZE = 40, IFNAMSIZ = 16, SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914, IFF_UP = 1;
    private static final String LOOPBACK = "lo";
    /** errno(3). */
    public static final int EPERM = 1, ENOENT = 2, EAGAIN = 11, EACCES = 13, EBUSY = 16, EEXIST = 17, EINVAL = 22, ENOTTY = 25;

    static {
        // File names are UTF-8 whatever the locale says: so they travel to the helper, too.
        Native.register(Libc.class, NativeLibrary.getInstance("c", Map.of(Library.OPTION_STRING_ENCODING, "UTF-8")));
    }

    private Libc() {
    }

    private static native int open(String path, int flags, int mode);

    private static native int close(int fd);

    private static native int ioctl(int fd, long request, Pointer argument);

    private static native int setns(int fd, int kind);

    private static native int unshare(int kinds);

    private static native int mount(String source, String target, String type, long flags, String data);

    private static native int umount2(String target, int flags);

    private static native int unlink(String path);

    private static native int flock(int fd, int operation);

    private static native int socket(int domain, int type, int protocol);

    private static native String strerror(int errno);

    private static native long syscall(long number, long first, long second, long third);

    /**
     * Text of an error.
     *
     * @param errno the number
     * @return as strerror(3) has it
     */
    public static String text(int errno) {
        return strerror(errno);
    }

    /**
     * Opens a file, close-on-exec.
     *
     * @param path UTF-8
     * @param flags O_RDONLY and others, without O_CLOEXEC
     * @return a descriptor, to be given to {@link #closeQuietly}
     * @throws ErrnoException as open(2)
     */
    public static int openFile(String path, int flags) throws ErrnoException {
        int fd = open(path, flags | O_CLOEXEC, 0);
        return fd < 0 ? fail("open", path) : fd;
    }

    /**
     * Closes a descriptor; there is nothing to be done about an error.
     *
     * @param fd may be negative: nothing then
     */
    public static void closeQuietly(int fd) {
        if (fd >= 0) {
            close(fd);
        }
    }

    /**
     * An ioctl that takes nothing or a pointer.
     *
     * @param fd of the file
     * @param request such as {@link #NS_GET_USERNS}
     * @param argument may be null
     * @param subject for the error's text
     * @return what it returns
     * @throws ErrnoException as ioctl(2)
     */
    static int control(int fd, long request, Pointer argument, String subject) throws ErrnoException {
        int result = ioctl(fd, request, argument);
        return result < 0 ? fail("ioctl", subject) : result;
    }

    /**
     * Moves the calling thread into a namespace.
     *
     * @param fd of a namespace file
     * @param kind a CLONE_NEW flag, or 0 for whatever it is
     * @param subject for the error's text
     * @throws ErrnoException as setns(2)
     */
    public static void enter(int fd, int kind, String subject) throws ErrnoException {
        if (setns(fd, kind) < 0) {
            fail("setns", subject);
        }
    }

    /**
     * Gives the calling thread new namespaces.
     *
     * @param kinds CLONE_NEW flags
     * @param subject for the error's text
     * @throws ErrnoException as unshare(2)
     */
    public static void leave(int kinds, String subject) throws ErrnoException {
        if (unshare(kinds) < 0) {
            fail("unshare", subject);
        }
    }

    /**
     * Mounts, or changes a mount.
     *
     * @param source may be {@code none}
     * @param target where
     * @param type empty where the flags make it needless
     * @param flags MS_BIND and others
     * @throws ErrnoException as mount(2)
     */
    public static void mountAt(String source, String target, String type, long flags) throws ErrnoException {
        if (mount(source, target, type.isEmpty() ? null : type, flags, null) < 0) {
            fail("mount", target);
        }
    }

    /**
     * Unmounts.
     *
     * @param target where
     * @param flags {@link #MNT_DETACH}, {@link #UMOUNT_NOFOLLOW}
     * @throws ErrnoException as umount2(2)
     */
    public static void unmount(String target, int flags) throws ErrnoException {
        if (umount2(target, flags) < 0) {
            fail("umount2", target);
        }
    }

    /**
     * A system call by its number, for those whose number is the same on all machines: the ones since Linux 5.1.
     *
     * @param number such as 434 for pidfd_open(2)
     * @param name for the error's text
     * @param first argument; the third is 0
     * @param second argument
     * @return what it returns
     * @throws ErrnoException as the call has it
     */
    public static long call(long number, String name, long first, long second) throws ErrnoException {
        long result = syscall(number, first, second, 0);
        return result < 0 ? fail(name, "") : result;
    }

    /**
     * Removes a name.
     *
     * @param path of anything but a directory
     * @throws ErrnoException as unlink(2)
     */
    public static void remove(String path) throws ErrnoException {
        if (unlink(path) < 0) {
            fail("unlink", path);
        }
    }

    /**
     * Tries to take the exclusive lock of flock(2), which ends when the descriptor is closed. Java's own locks are those of fcntl(2).
     *
     * @param fd of a file or directory
     * @param subject for the error's text
     * @return false when somebody else has it
     * @throws ErrnoException as flock(2)
     */
    static boolean tryLockExclusively(int fd, String subject) throws ErrnoException {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        return Native.getLastError() != EAGAIN && fail("flock", subject) == 0;
    }

    /**
     * Brings up the loopback interface of the network namespace that the calling thread is in, netdevice(7).
     *
     * @throws ErrnoException as socket(2) and ioctl(2)
     */
    static void loopbackUp() throws ErrnoException {
        int fd = socket(AF_UNIX, SOCK_DGRAM | O_CLOEXEC, 0);
        if (fd < 0) {
            fail("socket", LOOPBACK);
        }
        try (Memory request = new Memory(IFREQ_SIZE)) {
            request.clear();
            request.setString(0, LOOPBACK);
            control(fd, SIOCGIFFLAGS, request, LOOPBACK);
            request.setShort(IFNAMSIZ, (short) (request.getShort(IFNAMSIZ) | IFF_UP));
            control(fd, SIOCSIFFLAGS, request, LOOPBACK);
        } finally {
            close(fd);
        }
    }

    private static int fail(String syscall, String subject) throws ErrnoException {
        throw new ErrnoException(syscall, Native.getLastError(), subject);
    }
}
