package io.nsjob;

/**
 * A soft limit, which holds, and a hard one, up to which the job itself may raise it.
 *
 * @param soft in the kernel's unit, or {@link #UNLIMITED}
 * @param hard likewise
 */
public record ResourceLimit(long soft, long hard) {
    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /**
     * The same value for both.
     *
     * @param value in the kernel's unit, or {@link #UNLIMITED}
     * @return the limit
     */
    public static ResourceLimit of(long value) {
        return new ResourceLimit(value, value);
    }
}
