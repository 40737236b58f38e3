package io.nsjob;

import java.util.Objects;

/**
 * How long one stage of a launch took.
 *
 * @param name the helper's name for it
 * @param micros microseconds
 */
public record StageTiming(String name, long micros) {
    /** Checks that there is a name. */
    public StageTiming {
        Objects.requireNonNull(name, "name");
    }
}
