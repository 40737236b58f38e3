package io.nsjob;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a job used: the whole tree of its processes, and the streams that went through the library.
 *
 * @param wall from start to the death of the last process
 * @param user processor time in user mode
 * @param system processor time in the kernel
 * @param maxRssBytes the largest resident set of any one process
 * @param minorFaults page faults without input or output
 * @param majorFaults page faults with it
 * @param stdoutBytes bytes read from its standard output, kept or not
 * @param stderrBytes bytes read from its standard error, kept or not
 * @param cgroup what the kernel counted of the job as a whole; empty for a job without cgroups
 */
public record Usage(Duration wall, Duration user, Duration system, long maxRssBytes, long minorFaults, long majorFaults,
        long stdoutBytes, long stderrBytes, Optional<Statistics> cgroup) {
    /** Checks that nothing is missing. */
    public Usage {
        Objects.requireNonNull(wall, "wall");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(system, "system");
        Objects.requireNonNull(cgroup, "cgroup");
    }
}
