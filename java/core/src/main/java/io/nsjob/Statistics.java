package io.nsjob;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel counts of a job as a whole: all its processes, also those that are gone, and its init. Empty is what the kernel does
 * not tell here.
 *
 * @param source where the figures are from: {@code cgroup}, or {@code proc} where the job has none (added up over the processes that
 *     are there)
 * @param cpu processor time
 * @param user of it, in user mode
 * @param system of it, in the kernel
 * @param memoryBytes memory in use now
 * @param memoryPeakBytes the most that was in use
 * @param memoryLimitHits how often the limit was reached, so that the kernel had to reclaim, or to kill
 * @param oomKills processes killed for want of memory
 * @param pids processes and threads now, without init
 * @param pidsPeak the most there were
 * @param pidsRefused how often a fork was refused
 * @param throttledPeriods periods in which the job had used up its quota of the processors
 * @param throttled how long it had to wait for that, summed over the processors
 * @param pressure how long some of its processes waited for {@code cpu}, {@code memory} or {@code io}; version 2 only
 */
public record Statistics(String source, Optional<Duration> cpu, Optional<Duration> user, Optional<Duration> system,
        OptionalLong memoryBytes, OptionalLong memoryPeakBytes, OptionalLong memoryLimitHits, OptionalLong oomKills,
        OptionalLong pids, OptionalLong pidsPeak, OptionalLong pidsRefused, OptionalLong throttledPeriods,
        Optional<Duration> throttled, Map<String, Duration> pressure) {
    /** Checks that nothing is missing. */
    public Statistics {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(cpu, "cpu");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(system, "system");
        Objects.requireNonNull(memoryBytes, "memoryBytes");
        Objects.requireNonNull(memoryPeakBytes, "memoryPeakBytes");
        Objects.requireNonNull(memoryLimitHits, "memoryLimitHits");
        Objects.requireNonNull(oomKills, "oomKills");
        Objects.requireNonNull(pids, "pids");
        Objects.requireNonNull(pidsPeak, "pidsPeak");
        Objects.requireNonNull(pidsRefused, "pidsRefused");
        Objects.requireNonNull(throttledPeriods, "throttledPeriods");
        Objects.requireNonNull(throttled, "throttled");
        pressure = Map.copyOf(pressure);
    }
}
