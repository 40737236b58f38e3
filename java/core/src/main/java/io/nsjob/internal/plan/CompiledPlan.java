package io.nsjob.internal.plan;

import io.nsjob.JobLimits;
import io.nsjob.Profile;
import io.nsjob.internal.wire.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A job spec made ready for one start.
 *
 * @param job the job's name
 * @param profile what it was compiled from
 * @param plan the launch plan
 * @param weakened what this job does not have of what its profile stands for
 * @param limits the limits in force
 * @param cgroups the directories of the job's cgroups
 */
public record CompiledPlan(String job, Profile profile, Map<String, Object> plan, List<String> weakened, JobLimits limits,
        List<Path> cgroups) {
    /** Copies the lists. */
    public CompiledPlan {
        weakened = List.copyOf(weakened);
        cgroups = List.copyOf(cgroups);
    }

    /**
     * The plan as it travels.
     *
     * @return JSON in one line
     */
    public String wire() {
        return Json.writeCompact(plan);
    }

    /**
     * The plan for people.
     *
     * @return JSON, indented
     */
    public String pretty() {
        return Json.write(plan);
    }

    /** Nothing of the environment. */
    @Override
    public String toString() {
        return "CompiledPlan[" + job + "]";
    }
}
