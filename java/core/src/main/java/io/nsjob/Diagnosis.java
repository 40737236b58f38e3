package io.nsjob;

import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link Doctor} found out about one feature, by using it.
 *
 * @param feature its name, such as {@code namespaces.net} or {@code limits.memory}; the part before the dot is its area
 * @param state whether it is there
 * @param detail one line for people: what was seen; may be empty
 * @param failure what failed; empty where nothing did
 * @param cause why, and what to do about it; empty where nothing failed
 */
public record Diagnosis(String feature, State state, String detail, Optional<Failure> failure, Optional<Cause> cause) {
    /** Checks that nothing is missing. */
    public Diagnosis {
        Objects.requireNonNull(feature, "feature");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(cause, "cause");
    }

    /**
     * The area that the feature belongs to.
     *
     * @return such as {@code namespaces}
     */
    public String area() {
        int dot = feature.indexOf('.');
        return dot < 0 ? feature : feature.substring(0, dot);
    }

    /** How much of a feature there is. */
    public enum State {
        /** All of it. */
        OK("ok"),
        /** Jobs run, with less than they could have. */
        DEGRADED("degraded"),
        /** A job that asks for it is refused. */
        MISSING("missing");

        private final String jsonName;

        State(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in JSON.
         *
         * @return such as {@code ok}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /**
     * What failed, in the words of a {@link SandboxException}.
     *
     * @param stage the stage of the launch; {@code spec} where the spec was refused before one
     * @param syscall the system call, or empty
     * @param errno its error number, or 0
     * @param subject what it was about, or empty
     * @param message one line for people
     */
    public record Failure(String stage, String syscall, int errno, String subject, String message) {
        /** Checks that nothing is missing. */
        public Failure {
            Objects.requireNonNull(stage, "stage");
            Objects.requireNonNull(syscall, "syscall");
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * Why something failed.
     *
     * @param code a stable word, such as {@code apparmor-restricts-user-namespaces}; {@code unknown} where nothing that is known
     *     to do this was found
     * @param text one line for people
     * @param command a command for a shell that mends it; empty where no command on this machine can
     * @param hint what to know about the command, or what to do in its place; may be empty
     */
    public record Cause(String code, String text, Optional<String> command, String hint) {
        /** Checks that nothing is missing. */
        public Cause {
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(command, "command");
            Objects.requireNonNull(hint, "hint");
        }
    }
}
