package io.nsjob.internal.seccomp;

/**
 * What the kernel does with a system call: the value that a filter returns, seccomp(2).
 *
 * @param value an action in the upper half, its data in the lower
 */
public record Action(int value) {
    /** The call is made. */
    public static final Action ALLOW = new Action(0x7fff0000);
    /** The call is made, and the kernel logs it. */
    public static final Action LOG = new Action(0x7ffc0000);
    /** SIGSYS is sent. */
    public static final Action TRAP = new Action(0x00030000);
    /** The thread ends. */
    public static final Action KILL_THREAD = new Action(0);
    /** The process ends as by SIGSYS. */
    public static final Action KILL_PROCESS = new Action(0x80000000);

    /** The largest errno that the kernel passes on, MAX_ERRNO. */
    public static final int MAX_ERRNO = 4095;
    static final int ENOSYS = 38;

    private static final int ERRNO = 0x00050000;

    /**
     * The call is not made and answers with an error.
     *
     * @param errno 0 to {@link #MAX_ERRNO}
     * @return the action
     */
    public static Action errno(int errno) {
        return new Action(ERRNO | errno);
    }

    boolean isErrno() {
        return (value & 0xffff0000) == ERRNO;
    }

    boolean letsThrough() {
        return value == ALLOW.value || value == LOG.value;
    }

    /** Written out here, and none is used of the other records: those that javac makes cost a start of the command 20 ms. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Action action && action.value == value;
    }

    @Override
    public int hashCode() {
        return value;
    }
}
