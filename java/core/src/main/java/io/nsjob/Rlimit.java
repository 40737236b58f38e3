package io.nsjob;

import java.time.Duration;
import java.util.Locale;

/**
 * The resource limits of the kernel, getrlimit(2), each per process unless it says otherwise. Numbers are the same on x86-64
 * and aarch64.
 */
public enum Rlimit {
    /** Processor time of one process, in seconds. */
    CPU(Unit.SECONDS),
    /** Largest file that a process may write, in bytes; also through a standard output that is a file. */
    FSIZE(Unit.BYTES),
    /** Private writable memory, in bytes. */
    DATA(Unit.BYTES),
    /** Stack of the main thread, in bytes. */
    STACK(Unit.BYTES),
    /** Largest core dump, in bytes. */
    CORE(Unit.BYTES),
    /** Resident memory; the kernel has not looked at it since 2.4.30. */
    RSS(Unit.BYTES),
    /** Processes and threads of one user, who may have others outside the job. */
    NPROC(Unit.COUNT),
    /** One more than the largest file descriptor. */
    NOFILE(Unit.COUNT),
    /** Memory locked against paging, in bytes. */
    MEMLOCK(Unit.BYTES),
    /** Address space, in bytes. A JVM reserves far more than it uses. */
    AS(Unit.BYTES),
    /** File locks; the kernel has not looked at it since 2.4.25. */
    LOCKS(Unit.COUNT),
    /** Queued signals of one user. */
    SIGPENDING(Unit.COUNT),
    /** POSIX message queues of one user, in bytes. */
    MSGQUEUE(Unit.BYTES),
    /** How far the nice value can be lowered: 20 minus the lowest. */
    NICE(Unit.COUNT),
    /** The highest realtime priority that a process may take. */
    RTPRIO(Unit.COUNT),
    /** Processor time under realtime scheduling without a blocking call, in microseconds. */
    RTTIME(Unit.MICROSECONDS);

    private enum Unit {
        COUNT, BYTES, SECONDS, MICROSECONDS
    }

    private final Unit unit;

    Rlimit(Unit unit) {
        this.unit = unit;
    }

    /**
     * The number of RLIMIT_*.
     *
     * @return 0 to 15
     */
    public int number() {
        return ordinal();
    }

    /**
     * The name in the job spec, as in prlimit(1).
     *
     * @return such as {@code nofile}
     */
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads one value.
     *
     * @param text {@code unlimited}, a number, or where it is natural a size such as {@code 64k} or a time such as {@code 30s}
     * @return the value in the kernel's unit
     * @throws IllegalArgumentException when it is not a value of this limit
     */
    public long parse(String text) {
        if (text.equals("unlimited")) {
            return ResourceLimit.UNLIMITED;
        }
        if (unit == Unit.BYTES) {
            return Sizes.parse(text);
        }
        if (text.matches("[0-9]{1,18}")) {
            return Long.parseLong(text);
        }
        if (unit == Unit.COUNT) {
            throw new IllegalArgumentException("not a number, and not unlimited");
        }
        Duration duration = Durations.parse(text);
        // Rounded up: never less than asked for.
        return unit == Unit.SECONDS ? duration.plusNanos(999_999_999).getSeconds()
            : Math.multiplyExact(duration.toMillis(), 1000L);
    }

    /**
     * Writes one value so that {@link #parse} reads it back.
     *
     * @param value in the kernel's unit
     * @return such as {@code 64k}
     */
    public String format(long value) {
        if (value == ResourceLimit.UNLIMITED) {
            return "unlimited";
        }
        return unit == Unit.BYTES ? Sizes.format(value) : Long.toString(value);
    }

    /**
     * Reads a limit.
     *
     * @param text a value for both, or {@code SOFT:HARD}
     * @return the limit
     * @throws IllegalArgumentException when it is not one
     */
    public ResourceLimit parseLimit(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? ResourceLimit.of(parse(text))
            : new ResourceLimit(parse(text.substring(0, colon)), parse(text.substring(colon + 1)));
    }
}
