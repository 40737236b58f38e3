package io.nsjob.internal.seccomp;

/**
 * What one argument of a system call is compared with, unsigned.
 *
 * @param index which argument, 0 to 5
 * @param op how
 * @param value the other side; with {@link Op#MASKED_EQ} the mask
 * @param valueTwo with {@link Op#MASKED_EQ} what the masked argument must be
 * @param narrow whether only the lower 32 bits count, because the kernel looks at no others
 */
public record Condition(int index, Op op, long value, long valueTwo, boolean narrow) {
    /** The comparisons of the format, named as there. */
    public enum Op {
        /** Not equal. */
        NE,
        /** Less. */
        LT,
        /** Less or equal. */
        LE,
        /** Equal. */
        EQ,
        /** Greater or equal. */
        GE,
        /** Greater. */
        GT,
        /** Equal under a mask. */
        MASKED_EQ;

        /**
         * The name in a profile.
         *
         * @return such as {@code SCMP_CMP_EQ}
         */
        public String jsonName() {
            return "SCMP_CMP_" + name();
        }
    }

    Condition narrowed() {
        return new Condition(index, op, value & 0xffffffffL, valueTwo & 0xffffffffL, true);
    }
}
