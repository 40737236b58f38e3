package io.nsjob;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The limits of one job.
 *
 * @param wallTime how long it may run
 * @param killGrace how long it may clean up between TERM and KILL
 * @param setupTime how long its sandbox may take to come up
 * @param outputBytes how much of each captured stream is kept
 */
public record JobLimits(Optional<Duration> wallTime, Duration killGrace, Duration setupTime, long outputBytes) {
    /** Checks that nothing is missing. */
    public JobLimits {
        Objects.requireNonNull(wallTime, "wallTime");
        Objects.requireNonNull(killGrace, "killGrace");
        Objects.requireNonNull(setupTime, "setupTime");
    }
}
