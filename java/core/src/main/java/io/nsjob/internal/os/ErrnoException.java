package io.nsjob.internal.os;

import java.io.IOException;

/** A system call of this JVM's own that failed. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String syscall;
    private final int errno;
    private final String subject;

    /**
     * Says what failed.
     *
     * @param syscall such as {@code setns}
     * @param errno what it said
     * @param subject what it was about: a path, a kind; may be empty
     */
    public ErrnoException(String syscall, int errno, String subject) {
        super(syscall + (subject.isEmpty() ? "" : " " + subject) + ": " + Libc.text(errno));
        this.syscall = syscall;
        this.errno = errno;
        this.subject = subject;
    }

    /**
     * The call.
     *
     * @return such as {@code setns}
     */
    public String syscall() {
        return syscall;
    }

    /**
     * What it said.
     *
     * @return one of {@link Libc}'s E constants, or another
     */
    public int errno() {
        return errno;
    }

    /**
     * What it was about.
     *
     * @return a path or a kind, or empty
     */
    public String subject() {
        return subject;
    }
}
