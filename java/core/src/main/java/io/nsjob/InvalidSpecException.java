package io.nsjob;

import java.util.List;

/** A job spec breaks rules: all of them are listed. */
public final class InvalidSpecException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final List<String> violations;

    /**
     * Makes the exception.
     *
     * @param violations each begins with the path of the field, such as {@code $.limits.wallTime}
     */
    public InvalidSpecException(List<String> violations) {
        super("invalid job spec: " + String.join("; ", violations));
        this.violations = List.copyOf(violations);
    }

    /**
     * Every rule that was broken.
     *
     * @return each begins with the path of the field
     */
    public List<String> violations() {
        return violations;
    }
}
