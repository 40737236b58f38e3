package io.nsjob.internal.plan;

import io.nsjob.JobLimits;
import io.nsjob.JobResources;
import io.nsjob.JobSpec;
import io.nsjob.Profile;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a profile says about the limits of a whole job, and what is said where they are not enforced. */
final class ResourceDefaults {
    private static final long ISOLATED_MEMORY = 256L << 20;
    private static final long ISOLATED_PIDS = 64;
    /** A parallel build has a few hundred; a fork bomb has all there are. Memory is the machine's: links and tests need much. */
    private static final long BUILD_PIDS = 4096;
    /** Half of what others get: whoever starts the next job is not outvoted by this one. */
    private static final int WEIGHT = 50;

    private ResourceDefaults() {
    }

    private static JobResources of(Profile profile) {
        switch (profile) {
            case ISOLATED:
                return JobResources.UNSAID.withMemory(ISOLATED_MEMORY).withSwap(0).withPids(ISOLATED_PIDS).withCpuWeight(WEIGHT);
            case BUILD:
                return JobResources.UNSAID.withPids(BUILD_PIDS).withCpuWeight(WEIGHT);
            default:
                return JobResources.UNSAID;
        }
    }

    /** What was asked for, else what the profile says. */
    static JobResources resolve(JobSpec spec) {
        JobResources asked = spec.resources();
        JobResources usual = of(spec.profile());
        // Without a limit of memory there is nothing that swap would add to.
        boolean unlimited = asked.memory().isPresent() && asked.memory().getAsLong() == ResourceLimit.UNLIMITED;
        OptionalLong swap = unlimited ? OptionalLong.empty() : usual.swap();
        return new JobResources(or(asked.memory(), usual.memory()), or(asked.swap(), swap), or(asked.pids(), usual.pids()), asked.cpus(),
            or(asked.cpuWeight(), usual.cpuWeight()), asked.cpusetCpus(), asked.cpusetMems(), asked.ioWeight(), asked.io(),
            asked.strict());
    }

    private static OptionalLong or(OptionalLong asked, OptionalLong usual) {
        return asked.isPresent() ? asked : usual;
    }

    private static OptionalInt or(OptionalInt asked, OptionalInt usual) {
        return asked.isPresent() ? asked : usual;
    }

    /** Strict: a limit that no cgroup enforces is refused. */
    static void requireAll(Map<String, String> enforcement, long uid, List<String> violations) {
        for (Map.Entry<String, String> limit : enforcement.entrySet()) {
            if (limit.getValue().equals("none")) {
                violations.add("$.limits." + limit.getKey() + ": cannot be enforced here for all processes together, and limits are"
                    + " strict; " + hint(uid));
            }
        }
    }

    private static String hint(long uid) {
        return uid == 0 ? "no such controller where this process may make cgroups (see /proc/self/cgroup and /proc/self/mountinfo)"
            : "this user needs a cgroup of its own: start it with systemd-run --user --scope -p Delegate=yes, or be root";
    }

    static List<String> weakened(JobSpec spec, JobResources limits, JobLimits all) {
        Map<String, String> enforcement = all.enforcement();
        List<String> lines = new ArrayList<>();
        String memory = enforcement.get("memory");
        if ("rlimit".equals(memory) && limits.memory().isPresent()) {
            lines.add("limits.memory: " + Rlimit.DATA.format(all.rlimits().get(Rlimit.DATA).hard())
                + " of private memory for each process; not limited are all together, shared memory and pipes");
        }
        if ("affinity".equals(enforcement.get("cpuset"))) {
            lines.add("limits.cpuset: the processors that the job starts on; it can change that");
        }
        for (Map.Entry<String, String> limit : enforcement.entrySet()) {
            if (limit.getValue().equals("none") && isLimited(limit.getKey(), limits)) {
                lines.add("limits." + limit.getKey() + ": not enforced, there is no cgroup for it here");
            }
        }
        JobResources usual = of(spec.profile());
        more("memory", limits.memory(), usual.memory(), true, lines);
        more("swap", limits.swap(), usual.swap(), true, lines);
        more("pids", limits.pids(), usual.pids(), false, lines);
        return lines;
    }

    private static boolean isLimited(String limit, JobResources limits) {
        switch (limit) {
            case "memory":
                return isLimited(limits.memory());
            case "swap":
                return isLimited(limits.swap());
            case "pids":
                return isLimited(limits.pids());
            case "cpus":
                return limits.cpus().isPresent();
            case "cpuWeight":
                return limits.cpuWeight().isPresent();
            case "cpuset":
            case "io":
            case "ioWeight":
                return true;
            default:
                return false;
        }
    }

    private static boolean isLimited(OptionalLong limit) {
        return limit.isPresent() && limit.getAsLong() != ResourceLimit.UNLIMITED;
    }

    private static void more(String name, OptionalLong limit, OptionalLong usual, boolean bytes, List<String> lines) {
        if (usual.isPresent() && limit.isPresent() && limit.getAsLong() > usual.getAsLong()) {
            lines.add("limits." + name + ": " + text(limit.getAsLong(), bytes) + " instead of " + text(usual.getAsLong(), bytes));
        }
    }

    private static String text(long value, boolean bytes) {
        return value == ResourceLimit.UNLIMITED ? "unlimited" : bytes ? Sizes.format(value) : Long.toString(value);
    }
}
