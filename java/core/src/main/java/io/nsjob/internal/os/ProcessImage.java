package io.nsjob.internal.os;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.util.Arrays;
import java.util.Map;

/**
 * Replaces this JVM by another program, execve(2). Its calls are not in {@link Libc}, so that a C library without one of them
 * costs only this.
 */
public final class ProcessImage {
    private static final String UTF_8 = "UTF-8";
    private static final int F_SETFD = 2;
    private static final int FIRST_DESCRIPTOR = 3;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    /** close_range(2), Linux 5.9, has this number on every architecture; C libraries know it only lately. */
    private static final long SYS_CLOSE_RANGE = 436;
    private static final int NO_FLAGS = 0;

    static {
        Native.register(ProcessImage.class, NativeLibrary.getInstance("c", Map.of(Library.OPTION_STRING_ENCODING, UTF_8)));
    }

    private ProcessImage() {
    }

    private static native int memfd_create(String name, int flags);

    private static native NativeLong write(int fd, byte[] bytes, NativeLong size);

    private static native int fcntl(int fd, int command, int argument);

    private static native NativeLong syscall(NativeLong number, NativeLong first, NativeLong last, NativeLong flags);

    private static native int execve(String path, Pointer argv, Pointer environment);

    /**
     * Becomes a program that reads a document from a file named by a variable. No shutdown hook runs, nothing is closed in
     * order, and nothing but the standard streams and the document's file is left open.
     *
     * @param program absolute
     * @param variable its name
     * @param document what it reads
     * @return never
     * @throws ErrnoException when this process is still what it was
     */
    public static ErrnoException become(String program, String variable, byte[] document) throws ErrnoException {
        int fd = memfd_create("nsjob-plan", NO_FLAGS);
        if (fd < 0) {
            throw new ErrnoException("memfd_create", Native.getLastError(), "plan");
        }
        int written = 0;
        while (written < document.length) {
            byte[] rest = written == 0 ? document : Arrays.copyOfRange(document, written, document.length);
            long now = write(fd, rest, new NativeLong(rest.length)).longValue();
            if (now <= 0) {
                throw new ErrnoException("write", Native.getLastError(), "plan");
            }
            written += (int) now;
        }
        // The JDK opens some files without it. Refused by an old kernel: the helper closes what it finds.
        syscall(new NativeLong(SYS_CLOSE_RANGE), new NativeLong(FIRST_DESCRIPTOR), new NativeLong(Integer.MAX_VALUE),
            new NativeLong(CLOSE_RANGE_CLOEXEC));
        if (fcntl(fd, F_SETFD, NO_FLAGS) < 0) {
            throw new ErrnoException("fcntl", Native.getLastError(), "plan");
        }
        execve(program, new StringArray(new String[] {program}, UTF_8),
            new StringArray(new String[] {variable + "=/proc/self/fd/" + fd}, UTF_8));
        return new ErrnoException("execve", Native.getLastError(), program);
    }
}
