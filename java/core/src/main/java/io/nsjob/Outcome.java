package io.nsjob;

import java.util.Objects;
import java.util.OptionalInt;

/** How a job ended: one typed value. Java 21 can switch over the records, Java 17 over {@link #kind()}. */
public sealed interface Outcome {

    /**
     * Which of the outcomes this is.
     *
     * @return the kind
     */
    Kind kind();

    /**
     * Whether the job ended by itself with code 0.
     *
     * @return true for {@code exited(0)} alone
     */
    default boolean success() {
        return false;
    }

    /**
     * The exit code.
     *
     * @return empty unless the job ended by itself with a code
     */
    default OptionalInt exitCode() {
        return OptionalInt.empty();
    }

    /**
     * The number of the signal that ended the job.
     *
     * @return empty unless {@link Signaled}
     */
    default OptionalInt signal() {
        return OptionalInt.empty();
    }

    /**
     * One line for people, such as {@code exited with code 3}.
     *
     * @return without a full stop
     */
    String describe();

    /** The kinds of outcome, for switches. */
    enum Kind {
        /** Ended by itself with a code. */
        EXITED("exited"),
        /** Killed by a signal that nsjob did not send for a reason of its own. */
        SIGNALED("signaled"),
        /** Ran out of time. */
        TIMED_OUT("timed-out"),
        /** The main process was killed for want of memory. */
        OUT_OF_MEMORY("out-of-memory"),
        /** Wrote more than it may. */
        OUTPUT_LIMIT("output-limit"),
        /** Ended because the caller asked for it. */
        CANCELLED("cancelled"),
        /** A process of nsjob died under it. */
        LOST("lost");

        private final String jsonName;

        Kind(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in reports.
         *
         * @return such as {@code timed-out}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /** The clocks that can run out. */
    enum Clock {
        /** Time on the wall. */
        WALL("wall"),
        /** Processor time. */
        CPU("cpu");

        private final String jsonName;

        Clock(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in reports.
         *
         * @return {@code wall} or {@code cpu}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /**
     * The job ended by itself.
     *
     * @param code 0 to 255
     */
    record Exited(int code) implements Outcome {
        @Override
        public Kind kind() {
            return Kind.EXITED;
        }

        @Override
        public boolean success() {
            return code == 0;
        }

        @Override
        public OptionalInt exitCode() {
            return OptionalInt.of(code);
        }

        @Override
        public String describe() {
            return "exited with code " + code;
        }
    }

    /**
     * A signal ended the job.
     *
     * @param number the signal's number
     * @param core whether a core was dumped
     */
    record Signaled(int number, boolean core) implements Outcome {
        @Override
        public Kind kind() {
            return Kind.SIGNALED;
        }

        @Override
        public OptionalInt signal() {
            return OptionalInt.of(number);
        }

        @Override
        public String describe() {
            return "killed by " + Signals.name(number) + (core ? " (core dumped)" : "");
        }
    }

    /**
     * The job ran out of time.
     *
     * @param clock which clock
     */
    record TimedOut(Clock clock) implements Outcome {
        /** Checks that there is a clock. */
        public TimedOut {
            Objects.requireNonNull(clock, "clock");
        }

        @Override
        public Kind kind() {
            return Kind.TIMED_OUT;
        }

        @Override
        public String describe() {
            return "timed out (" + clock.jsonName() + " clock)";
        }
    }

    /** The main process was killed for want of memory. */
    record OutOfMemory() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.OUT_OF_MEMORY;
        }

        @Override
        public String describe() {
            return "out of memory";
        }
    }

    /** The job wrote more than it may. */
    record OutputLimit() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.OUTPUT_LIMIT;
        }

        @Override
        public String describe() {
            return "wrote more than its output limit";
        }
    }

    /** The caller ended the job. */
    record Cancelled() implements Outcome {
        @Override
        public Kind kind() {
            return Kind.CANCELLED;
        }

        @Override
        public String describe() {
            return "cancelled";
        }
    }

    /**
     * A process of nsjob died under the job.
     *
     * @param who {@code init}, {@code supervisor} or {@code launcher}
     */
    record Lost(String who) implements Outcome {
        /** Checks that there is a name. */
        public Lost {
            Objects.requireNonNull(who, "who");
        }

        @Override
        public Kind kind() {
            return Kind.LOST;
        }

        @Override
        public String describe() {
            return "lost: the " + who + " died under it";
        }
    }
}
