package io.nsjob;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The limits of one job.
 *
 * @param wallTime how long it may run
 * @param cpuTime how much processor time all its processes together may use
 * @param killGrace how long it may clean up between TERM and KILL
 * @param setupTime how long its sandbox may take to come up
 * @param outputBytes how much of each captured stream is kept
 * @param outputAction what becomes of a job that writes more
 * @param rlimits limits of each process that differ from the caller's
 * @param scheduling priorities and processors
 * @param resources what all processes together may use
 * @param enforcement who sees to a limit, by its name: {@code cgroup1}, {@code cgroup2} (all processes together) and
 *     {@code rlimit} (each process, or those of the job's user namespace) are the kernel, {@code affinity} is the kernel
 *     until the job changes it, {@code supervisor} and {@code jvm} are nsjob, {@code none} is nobody
 */
public record JobLimits(Optional<Duration> wallTime, Optional<Duration> cpuTime, Duration killGrace, Duration setupTime,
        long outputBytes, OutputAction outputAction, Map<Rlimit, ResourceLimit> rlimits, Scheduling scheduling,
        JobResources resources, Map<String, String> enforcement) {
    /** Copies the maps, in their order. */
    public JobLimits {
        Objects.requireNonNull(wallTime, "wallTime");
        Objects.requireNonNull(cpuTime, "cpuTime");
        Objects.requireNonNull(killGrace, "killGrace");
        Objects.requireNonNull(setupTime, "setupTime");
        Objects.requireNonNull(outputAction, "outputAction");
        rlimits = Collections.unmodifiableMap(new LinkedHashMap<>(rlimits));
        Objects.requireNonNull(scheduling, "scheduling");
        Objects.requireNonNull(resources, "resources");
        enforcement = Collections.unmodifiableMap(new LinkedHashMap<>(enforcement));
    }
}
