package io.nsjob;

/**
 * One line of an id map: {@code count} ids from {@code inside} on in the job's user namespace are the ids from
 * {@code outside} on in the caller's.
 *
 * @param inside the first id inside
 * @param outside the first id outside
 * @param count how many, at least one
 */
public record IdRange(long inside, long outside, long count) {

    /** One more than the largest id the kernel maps; 4294967295 means "no id". */
    public static final long MAX_ID = 0xFFFF_FFFFL;

    /** Checks that both ends are ids. */
    public IdRange {
        if (inside < 0 || outside < 0 || count < 1 || inside + count > MAX_ID || outside + count > MAX_ID) {
            throw new IllegalArgumentException("not a range of ids: " + inside + ":" + outside + ":" + count);
        }
    }

    /**
     * Whether an id as seen inside falls into this range.
     *
     * @param id an id inside
     * @return whether it is mapped by this line
     */
    public boolean containsInside(long id) {
        return id >= inside && id - inside < count;
    }

    /**
     * Whether an id as seen outside falls into this range.
     *
     * @param id an id outside
     * @return whether it is mapped by this line
     */
    public boolean containsOutside(long id) {
        return id >= outside && id - outside < count;
    }
}
