package io.nsjob.internal.plan;

import io.nsjob.JobLimits;
import io.nsjob.JobSpec;
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

/** The limits of a job: what was asked for, else what the profile says. */
final class LimitPlan {
    private static final Duration ISOLATED_WALL_TIME = Duration.ofSeconds(60);
    private static final Duration ISOLATED_CPU_TIME = Duration.ofSeconds(30);
    private static final Duration SETUP_TIME = Duration.ofSeconds(10);
    private static final long OUTPUT_BYTES = 8L << 20;
    /** How long after its whole tree should have been ended one process alone is: the supervisor goes first. */
    private static final long CPU_BACKSTOP_SECONDS = 2;
    /** A JVM and a compiler have about 40 threads each; a fork bomb has all there are. */
    private static final long ISOLATED_PROCESSES = 256;
    private static final String NONE = "none";
    private static final String SUPERVISOR = "supervisor";

    private final JobSpec spec;
    private final HostFacts facts;
    private final boolean isolated;
    private final Map<Rlimit, ResourceLimit> defaults = new EnumMap<>(Rlimit.class);
    private final Map<Rlimit, ResourceLimit> rlimits;
    private final JobLimits limits;

    /** @param piped whether both outputs of the job go through this JVM */
    LimitPlan(JobSpec spec, HostFacts facts, IdPlan ids, boolean piped) {
        this.spec = spec;
        this.facts = facts;
        isolated = spec.profile() != Profile.BARE;
        Optional<Duration> wall = spec.wallTime().or(() -> ifIsolated(ISOLATED_WALL_TIME));
        Optional<Duration> cpu = spec.cpuTime().or(() -> ifIsolated(ISOLATED_CPU_TIME));
        if (isolated) {
            isolatedDefaults(ids);
        }
        cpu.ifPresent(limit -> addDefault(Rlimit.CPU, limit.plusNanos(999_999_999).getSeconds() + CPU_BACKSTOP_SECONDS));
        rlimits = new EnumMap<>(defaults);
        rlimits.putAll(spec.rlimits());
        limits = new JobLimits(wall, cpu, spec.killGrace().orElse(Duration.ZERO), spec.setupTime().orElse(SETUP_TIME),
            spec.outputLimit().orElse(OUTPUT_BYTES), spec.outputAction().orElse(OutputAction.TRUNCATE), rlimits,
            spec.scheduling(), enforcement(wall, cpu, piped));
    }

    private Optional<Duration> ifIsolated(Duration limit) {
        return isolated ? Optional.of(limit) : Optional.empty();
    }

    private void isolatedDefaults(IdPlan ids) {
        addDefault(Rlimit.CORE, 0);
        addDefault(Rlimit.NOFILE, 256);
        addDefault(Rlimit.FSIZE, 1L << 30);
        addDefault(Rlimit.MEMLOCK, 64L << 10);
        addDefault(Rlimit.MSGQUEUE, 0);
        addDefault(Rlimit.NICE, 0);
        addDefault(Rlimit.RTPRIO, 0);
        addDefault(Rlimit.RTTIME, 200_000);
        if (hasIdsOfItsOwn(ids)) {
            addDefault(Rlimit.NPROC, ISOLATED_PROCESSES);
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

    private Map<String, String> enforcement(Optional<Duration> wall, Optional<Duration> cpu, boolean piped) {
        Map<String, String> by = new LinkedHashMap<>();
        by.put("wallTime", wall.isPresent() ? SUPERVISOR : NONE);
        by.put("cpuTime", cpu.isPresent() ? SUPERVISOR : NONE);
        by.put("setupTime", SUPERVISOR);
        by.put("output", piped ? "jvm" : NONE);
        by.put("memory", NONE);
        by.put("pids", rlimits.containsKey(Rlimit.NPROC) ? "rlimit" : NONE);
        by.put("cpuShare", NONE);
        rlimits.keySet().forEach(name -> by.put("rlimits." + name.jsonName(), "rlimit"));
        return by;
    }

    JobLimits limits() {
        return limits;
    }

    /** The fields of the plan's process. */
    void addTo(Map<String, Object> process) {
        if (!rlimits.isEmpty()) {
            List<Map<String, Object>> list = new ArrayList<>();
            rlimits.forEach((name, limit) -> {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put("resource", name.number());
                tree.put("soft", onWire(limit.soft()));
                tree.put("hard", onWire(limit.hard()));
                list.add(tree);
            });
            process.put("rlimits", list);
        }
        Scheduling scheduling = spec.scheduling();
        scheduling.nice().ifPresent(nice -> process.put("nice", nice));
        scheduling.ionice().ifPresent(priority -> {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("class", priority.type().number());
            tree.put("level", priority.level());
            process.put("ionice", tree);
        });
        if (!scheduling.cpus().isEmpty()) {
            process.put("cpuAffinity", scheduling.cpus());
        }
        scheduling.oomScoreAdj().ifPresent(score -> process.put("oomScoreAdj", score));
    }

    private static long onWire(long value) {
        return value == ResourceLimit.UNLIMITED ? -1 : value;
    }

    /** The plan's limits. */
    Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("setupMillis", millisRoundedUp(limits.setupTime()));
        limits.wallTime().ifPresent(wall -> tree.put("wallMillis", millisRoundedUp(wall)));
        limits.cpuTime().ifPresent(cpu -> tree.put("cpuMillis", millisRoundedUp(cpu)));
        tree.put("graceMillis", millisRoundedUp(limits.killGrace()));
        return tree;
    }

    /** Rounded up, so that a limit is never shorter than asked for and never 0 by rounding. */
    private static long millisRoundedUp(Duration duration) {
        return duration.plusNanos(999_999).toMillis();
    }

    /** What is not limited, and what is limited less than the profile would. */
    List<String> weakened() {
        List<String> lines = new ArrayList<>();
        if (!isolated) {
            return lines;
        }
        lines.add("limits: not limited are the memory of all processes together and their share of the processors"
            + (rlimits.containsKey(Rlimit.NPROC) ? ""
                : ", nor is the number of processes: the kernel would count all those of this user"));
        spec.rlimits().forEach((name, limit) -> {
            ResourceLimit usual = defaults.get(name);
            if (usual != null && limit.hard() > usual.hard()) {
                lines.add("rlimits." + name.jsonName() + ": " + name.format(limit.hard()) + " instead of "
                    + name.format(usual.hard()));
            }
        });
        return lines;
    }
}
