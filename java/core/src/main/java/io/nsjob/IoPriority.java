package io.nsjob;

import java.util.Locale;
import java.util.Objects;

/**
 * A priority for disk access, ioprio_set(2). Not every I/O scheduler looks at it.
 *
 * @param type the class
 * @param level 0, the highest, to 7
 */
public record IoPriority(Type type, int level) {
    /** What is meant where no level is given. */
    public static final int DEFAULT_LEVEL = 4;

    /** Checks that there is a class. */
    public IoPriority {
        Objects.requireNonNull(type, "type");
    }

    /** The classes. */
    public enum Type {
        /** Before all others; for root alone. */
        REALTIME,
        /** As everybody. */
        BEST_EFFORT,
        /** When nobody else wants the disk. It has no levels. */
        IDLE;

        /**
         * The kernel's number.
         *
         * @return 1 to 3
         */
        public int number() {
            return ordinal() + 1;
        }

        /**
         * The name in the job spec, as in ionice(1).
         *
         * @return such as {@code best-effort}
         */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A class with its usual level.
     *
     * @param type the class
     * @return the priority
     */
    public static IoPriority of(Type type) {
        return new IoPriority(type, type == Type.IDLE ? 0 : DEFAULT_LEVEL);
    }
}
