package io.nsjob.internal.plan;

import io.nsjob.JobLimits;
import io.nsjob.JobResources;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.OutputAction;
import io.nsjob.Profile;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.Scheduling;
import io.nsjob.internal.os.HostFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The limits of a job: what was asked for, else what the profile says. */
final class LimitPlan {
    private static final Duration ISOLATED_WALL_TIME = Duration.ofSeconds(60);
    private static final Duration ISOLATED_CPU_TIME = Duration.ofSeconds(30);
    /** A step of a build takes minutes, and one that hangs is to be known within the hour. */
    private static final Duration BUILD_WALL_TIME = Duration.ofMinutes(30);
    private static final Duration BUILD_CPU_TIME = Duration.ofHours(2);
    private static final Duration SETUP_TIME = Duration.ofSeconds(10);
    private static final long OUTPUT_BYTES = 8L << 20;
    private static final long BUILD_OUTPUT_BYTES = 64L << 20;
    /** How long after its whole tree should have been ended one process alone is: the supervisor goes first. */
    private static final long CPU_BACKSTOP_SECONDS = 2;
    /** A JVM and a compiler have about 40 threads each; a fork bomb has all there are. */
    private static final long ISOLATED_PROCESSES = 256;
    private static final long BUILD_PROCESSES = 4096;
    private static final String NONE = "none";
    private static final String RLIMIT = "rlimit";
    /** Readier to be killed than init, which is in the same cgroup and is small, but without which nobody can tell the end. */
    private static final int OOM_SCORE_ABOVE_INIT = 500;
    private static final int MOST_OOM_SCORE = 1000;
    private static final String SUPERVISOR = "supervisor";
    /** What keeps a world, what starts commands there, and the parent of one of them: beside init. */
    private static final int HOLDERS = 3;

    private final JobSpec spec;
    private final HostFacts facts;
    private final boolean isolated;
    private final boolean build;
    private final int holders;
    private final Map<Rlimit, ResourceLimit> defaults = new EnumMap<>(Rlimit.class);
    private final Map<Rlimit, ResourceLimit> rlimits;
    private final JobLimits limits;
    private final JobResources resources;
    private final CgroupPlan cgroups;

    /**
     * @param limitsOutput whether this JVM limits all output of the job
     * @param holds whether the job only holds a world for others: then the limits of time are theirs
     * @param violations receives what cannot be enforced though it must
     */
    LimitPlan(JobSpec spec, HostFacts facts, IdPlan ids, boolean limitsOutput, boolean holds, List<String> violations) {
        this.spec = spec;
        this.facts = facts;
        isolated = spec.profile() != Profile.BARE;
        build = spec.profile() == Profile.BUILD;
        Optional<Duration> wall = holds ? Optional.empty() : wallTime(spec);
        Optional<Duration> cpu = holds ? Optional.empty() : cpuTime(spec);
        holders = holds ? HOLDERS : 0;
        resources = ResourceDefaults.resolve(spec);
        cgroups = new CgroupPlan(resources, facts.cgroups(), spec.namespace(NamespaceKind.PID) instanceof NamespaceMode.New,
            1 + holders, violations);
        if (isolated) {
            isolatedDefaults(ids);
        }
        Map<String, String> instead = fallbacks(ids);
        if (cpu.isPresent()) {
            addDefault(Rlimit.CPU, cpu.get().plusNanos(999_999_999).getSeconds() + CPU_BACKSTOP_SECONDS);
        }
        rlimits = new EnumMap<>(defaults);
        rlimits.putAll(spec.rlimits());
        limits = new JobLimits(wall, cpu, spec.killGrace().orElse(Duration.ZERO), spec.setupTime().orElse(SETUP_TIME),
            spec.outputLimit().orElse(build ? BUILD_OUTPUT_BYTES : OUTPUT_BYTES), spec.outputAction().orElse(OutputAction.TRUNCATE),
            rlimits, spec.scheduling(), resources, enforcement(wall, cpu, limitsOutput, instead));
        if (resources.strict()) {
            ResourceDefaults.requireAll(cgroups.enforcement(), facts.identity().uid(), violations);
        }
    }

    /** How long a job, or each command in the world of that spec, may take. */
    static Optional<Duration> wallTime(JobSpec spec) {
        return spec.wallTime().isPresent() ? spec.wallTime() : usual(spec, ISOLATED_WALL_TIME, BUILD_WALL_TIME);
    }

    /** How much processor time. */
    static Optional<Duration> cpuTime(JobSpec spec) {
        return spec.cpuTime().isPresent() ? spec.cpuTime() : usual(spec, ISOLATED_CPU_TIME, BUILD_CPU_TIME);
    }

    private static Optional<Duration> usual(JobSpec spec, Duration isolated, Duration build) {
        return spec.profile() == Profile.BARE ? Optional.empty() : Optional.of(spec.profile() == Profile.BUILD ? build : isolated);
    }

    /** Where there is no cgroup: what the kernel can do about single processes, or about those of one user. */
    private Map<String, String> fallbacks(IdPlan ids) {
        Map<String, String> instead = new LinkedHashMap<>();
        if (NONE.equals(cgroups.enforcement().get("memory"))) {
            // A JVM commits a 64th of the machine's memory before it has run a line, and must start by default: then the limit is
            // only there for the one process that takes all there is. What was asked for is taken at its word.
            long usual = Math.max(resources.memory().getAsLong(), facts.memoryBytes() / 4);
            addDefault(Rlimit.DATA, spec.resources().memory().orElse(usual));
            instead.put("memory", RLIMIT);
        }
        boolean ownCount = hasIdsOfItsOwn(ids)
            // The host's root is never refused a fork.
            || ids.idMaps().isPresent() && !ids.keepsHostRoot() && facts.countsProcessesByNamespace();
        if (NONE.equals(cgroups.enforcement().get("pids")) && ownCount) {
            // Init counts too where it has the same id.
            boolean sameIds = ids.init().isEmpty() || ids.uid().orElse(0) == ids.init().get().uid();
            addDefault(Rlimit.NPROC, resources.pids().getAsLong() + (sameIds ? 1 : 0) + holders);
            instead.put("pids", RLIMIT);
        }
        if (NONE.equals(cgroups.enforcement().get("cpuset")) && spec.scheduling().cpus().isEmpty()
                && !resources.cpusetCpus().isEmpty()) {
            instead.put("cpuset", "affinity");
        }
        return instead;
    }

    private void isolatedDefaults(IdPlan ids) {
        addDefault(Rlimit.CORE, 0);
        addDefault(Rlimit.NOFILE, build ? 16_384 : 256);
        addDefault(Rlimit.FSIZE, build ? 16L << 30 : 1L << 30);
        addDefault(Rlimit.MEMLOCK, build ? 8L << 20 : 64L << 10);
        addDefault(Rlimit.MSGQUEUE, 0);
        addDefault(Rlimit.NICE, 0);
        addDefault(Rlimit.RTPRIO, 0);
        addDefault(Rlimit.RTTIME, 200_000);
        if (hasIdsOfItsOwn(ids) && resources.pids().isPresent()) {
            // A second line behind the cgroup.
            addDefault(Rlimit.NPROC, Math.max(build ? BUILD_PROCESSES : ISOLATED_PROCESSES, resources.pids().getAsLong()));
        }
    }

    /** The kernel counts processes by user: a limit is the job's only where nobody else has its ids. */
    private static boolean hasIdsOfItsOwn(IdPlan ids) {
        return ids.idMaps().isPresent() && ids.idMaps().get().containsKey("block");
    }

    /** A default asks for no more than the caller has: raising a hard limit takes privileges. */
    private void addDefault(Rlimit name, long value) {
        defaults.put(name, ResourceLimit.of(Math.min(value, facts.hardLimit(name.number()))));
    }

    private Map<String, String> enforcement(Optional<Duration> wall, Optional<Duration> cpu, boolean limitsOutput,
            Map<String, String> instead) {
        Map<String, String> by = new LinkedHashMap<>();
        by.put("wallTime", wall.isPresent() ? SUPERVISOR : NONE);
        by.put("cpuTime", cpu.isPresent() ? SUPERVISOR : NONE);
        by.put("setupTime", SUPERVISOR);
        by.put("output", limitsOutput ? "jvm" : NONE);
        by.put("memory", NONE);
        by.put("pids", rlimits.containsKey(Rlimit.NPROC) ? RLIMIT : NONE);
        by.put("cpuWeight", NONE);
        by.putAll(cgroups.enforcement());
        by.putAll(instead);
        for (Rlimit name : rlimits.keySet()) {
            by.put("rlimits." + name.jsonName(), RLIMIT);
        }
        return by;
    }

    JobLimits limits() {
        return limits;
    }

    /** The fields of the plan's process. */
    void addTo(Map<String, Object> process) {
        if (!rlimits.isEmpty()) {
            List<Map<String, Object>> list = new ArrayList<>();
            for (Map.Entry<Rlimit, ResourceLimit> limit : rlimits.entrySet()) {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put("resource", limit.getKey().number());
                tree.put("soft", onWire(limit.getValue().soft()));
                tree.put("hard", onWire(limit.getValue().hard()));
                list.add(tree);
            }
            process.put("rlimits", list);
        }
        Scheduling scheduling = spec.scheduling();
        PlanTree.put(process, "nice", scheduling.nice());
        if (scheduling.ionice().isPresent()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("class", scheduling.ionice().get().type().number());
            tree.put("level", scheduling.ionice().get().level());
            process.put("ionice", tree);
        }
        List<Integer> cpus = "affinity".equals(limits.enforcement().get("cpuset")) ? resources.cpusetCpus() : scheduling.cpus();
        if (!cpus.isEmpty()) {
            process.put("cpuAffinity", cpus);
        }
        OptionalInt score = scheduling.oomScoreAdj();
        if (score.isEmpty() && !cgroups.directories().isEmpty()) {
            score = OptionalInt.of(Math.min(MOST_OOM_SCORE, facts.oomScoreAdj() + OOM_SCORE_ABOVE_INIT));
        }
        PlanTree.put(process, "oomScoreAdj", score);
    }

    private static long onWire(long value) {
        return value == ResourceLimit.UNLIMITED ? -1 : value;
    }

    /** The plan's limits. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("setupMillis", millisRoundedUp(limits.setupTime()));
        if (limits.wallTime().isPresent()) {
            tree.put("wallMillis", millisRoundedUp(limits.wallTime().get()));
        }
        if (limits.cpuTime().isPresent()) {
            tree.put("cpuMillis", millisRoundedUp(limits.cpuTime().get()));
        }
        tree.put("graceMillis", millisRoundedUp(limits.killGrace()));
        PlanTree.put(tree, "cpuSource", cgroups.cpuSource());
        return tree;
    }

    /** Rounded up, so that a limit is never shorter than asked for and never 0 by rounding. */
    private static long millisRoundedUp(Duration duration) {
        return duration.plusNanos(999_999).toMillis();
    }

    CgroupPlan cgroups() {
        return cgroups;
    }

    /** What is not limited, and what is limited less than the profile would. */
    List<String> weakened() {
        List<String> lines = ResourceDefaults.weakened(spec, resources, limits);
        if (!isolated) {
            return lines;
        }
        for (Map.Entry<Rlimit, ResourceLimit> entry : spec.rlimits().entrySet()) {
            Rlimit name = entry.getKey();
            ResourceLimit limit = entry.getValue();
            ResourceLimit usual = defaults.get(name);
            if (usual != null && limit.hard() > usual.hard()) {
                lines.add("rlimits." + name.jsonName() + ": " + name.format(limit.hard()) + " instead of "
                    + name.format(usual.hard()));
            }
        }
        return lines;
    }
}
