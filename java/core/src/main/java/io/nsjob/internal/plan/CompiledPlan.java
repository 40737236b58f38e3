package io.nsjob.internal.plan;

import io.nsjob.JobLimits;
import io.nsjob.Profile;
import io.nsjob.internal.wire.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A job spec made ready for one start. */
public final class CompiledPlan {
    private final String job;
    private final Profile profile;
    private final List<String> weakened;
    private final JobLimits limits;
    private final List<Path> cgroups;
    /** Where this one is an earlier one with other names in it: what was put in, and then the tree only when somebody asks. */
    private final PlanTemplate template;
    private final List<?> values;
    private Map<String, Object> plan;

    /**
     * A plan of its own.
     *
     * @param job the job's name
     * @param profile what it was compiled from
     * @param plan the launch plan
     * @param weakened what this job does not have of what its profile stands for
     * @param limits the limits in force
     * @param cgroups the directories of the job's cgroups
     */
    public CompiledPlan(String job, Profile profile, Map<String, Object> plan, List<String> weakened, JobLimits limits,
            List<Path> cgroups) {
        this.job = job;
        this.profile = profile;
        this.plan = plan;
        this.weakened = List.copyOf(weakened);
        this.limits = limits;
        this.cgroups = List.copyOf(cgroups);
        template = null;
        values = List.of();
    }

    /** The same as another, but for the names. */
    CompiledPlan(CompiledPlan other, PlanTemplate template, String job, List<Path> cgroups, List<?> values) {
        this.job = job;
        profile = other.profile;
        weakened = other.weakened;
        limits = other.limits;
        this.cgroups = List.copyOf(cgroups);
        this.template = template;
        this.values = values;
    }

    /** {@return the job's name} */
    public String job() {
        return job;
    }

    /** {@return what it was compiled from} */
    public Profile profile() {
        return profile;
    }

    /** {@return the launch plan, not to be changed} */
    public synchronized Map<String, Object> plan() {
        if (plan == null) {
            plan = template.tree(values);
        }
        return plan;
    }

    /**
     * Whether the plan has a field.
     *
     * @param field of its outermost object
     * @return whether it is there
     */
    public boolean has(String field) {
        return template != null ? template.has(field) : plan.containsKey(field);
    }

    /** {@return what this job does not have of what its profile stands for} */
    public List<String> weakened() {
        return weakened;
    }

    /** {@return the limits in force} */
    public JobLimits limits() {
        return limits;
    }

    /** {@return the directories of the job's cgroups} */
    public List<Path> cgroups() {
        return cgroups;
    }

    /** {@return the plan as it travels, UTF-8} */
    public byte[] wireBytes() {
        return template != null ? template.bytes(values) : wire().getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the plan as it travels, JSON in one line} */
    public String wire() {
        return Json.writeCompact(plan());
    }

    /** {@return the plan for people, JSON, indented} */
    public String pretty() {
        return Json.write(plan());
    }

    /** Nothing of the environment. */
    @Override
    public String toString() {
        return "CompiledPlan[" + job + "]";
    }
}
