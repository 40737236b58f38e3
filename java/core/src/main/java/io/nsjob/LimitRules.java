package io.nsjob;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;

/** The rules of resource limits, priorities and processors. */
final class LimitRules {
    private static final int LOWEST_NICE = -20;
    private static final int HIGHEST_NICE = 19;
    private static final int MAX_IO_LEVEL = 7;
    private static final int MAX_OOM_SCORE = 1000;
    /** Page tables, stacks and the memory of init; with 2 MiB some jobs do not come up. */
    private static final long LEAST_MEMORY = 4L << 20;
    /** The kernel's least quota is a millisecond in a period of a hundred. */
    private static final double LEAST_CPUS = 0.01;
    private static final int MAX_WEIGHT = 10_000;
    /** Four files of a cgroup for each; the helper takes 64. */
    private static final int MAX_DISKS = 12;

    private LimitRules() {
    }

    static void check(SpecFields spec, BiConsumer<String, String> add) {
        for (Map.Entry<Rlimit, ResourceLimit> entry : spec.rlimits.entrySet()) {
            Rlimit name = entry.getKey();
            ResourceLimit limit = entry.getValue();
            String path = "$.rlimits." + name.jsonName();
            if (limit.soft() < 0 || limit.hard() < 0) {
                add.accept(path, "must not be negative");
            } else if (limit.soft() > limit.hard()) {
                add.accept(path, "the soft limit, " + name.format(limit.soft()) + ", is above the hard one, "
                    + name.format(limit.hard()));
            } else if (name == Rlimit.CPU && limit.soft() == 0) {
                add.accept(path, "must be at least 1 second");
            }
        }
        scheduling(spec.scheduling, add);
        resources(spec.resources, add);
    }

    private static void resources(JobResources resources, BiConsumer<String, String> add) {
        if (resources.memory().orElse(LEAST_MEMORY) < LEAST_MEMORY) {
            add.accept("$.limits.memory", "must be at least " + Sizes.format(LEAST_MEMORY) + ": less does not hold the first process");
        }
        if (resources.swap().orElse(0) < 0) {
            add.accept("$.limits.swap", "must not be negative");
        }
        if (resources.pids().orElse(1) < 1) {
            add.accept("$.limits.pids", "must be at least 1");
        }
        double cpus = resources.cpus().orElse(1);
        // Written so that "not a number" is refused as well.
        if (!(cpus >= LEAST_CPUS && cpus <= Scheduling.MAX_CPUS)) {
            add.accept("$.limits.cpus", "must be " + LEAST_CPUS + " to " + Scheduling.MAX_CPUS);
        }
        weight("$.limits.cpuWeight", resources.cpuWeight().orElse(1), add);
        weight("$.limits.ioWeight", resources.ioWeight().orElse(1), add);
        for (int number : resources.cpusetCpus()) {
            if (number < 0 || number >= Scheduling.MAX_CPUS) {
                add.accept("$.limits.cpuset.cpus", "processors are numbered 0 to " + (Scheduling.MAX_CPUS - 1));
            }
        }
        for (int number : resources.cpusetMems()) {
            if (number < 0 || number >= Scheduling.MAX_CPUS) {
                add.accept("$.limits.cpuset.mems", "memory nodes are numbered 0 to " + (Scheduling.MAX_CPUS - 1));
            }
        }
        disks(resources.io(), add);
    }

    private static void weight(String path, int weight, BiConsumer<String, String> add) {
        if (weight < 1 || weight > MAX_WEIGHT) {
            add.accept(path, "must be 1 to " + MAX_WEIGHT + "; others have 100");
        }
    }

    private static void disks(List<IoLimit> limits, BiConsumer<String, String> add) {
        Set<String> devices = new HashSet<>();
        for (int i = 0; i < limits.size(); i++) {
            String path = "$.limits.io[" + i + "]";
            IoLimit limit = limits.get(i);
            if (i >= MAX_DISKS) {
                add.accept(path, "more than " + MAX_DISKS + " disks");
                return;
            }
            if (!limit.device().matches("/.*|[0-9]{1,4}:[0-9]{1,7}")) {
                add.accept(path + ".device", "must be the path of a block device, or its numbers, such as 254:0");
            } else if (!devices.add(limit.device())) {
                add.accept(path + ".device", "is limited twice");
            }
            List<OptionalLong> values = List.of(limit.readBps(), limit.writeBps(), limit.readIops(), limit.writeIops());
            if (values.stream().noneMatch(OptionalLong::isPresent)) {
                add.accept(path, "limits nothing");
            } else if (values.stream().anyMatch(value -> value.orElse(1) < 1)) {
                add.accept(path, "what is limited must be at least 1 in a second");
            }
        }
    }

    private static void scheduling(Scheduling scheduling, BiConsumer<String, String> add) {
        int nice = scheduling.nice().orElse(0);
        if (nice < LOWEST_NICE || nice > HIGHEST_NICE) {
            add.accept("$.nice", "must be " + LOWEST_NICE + " to " + HIGHEST_NICE);
        }
        if (scheduling.ionice().isPresent()) {
            IoPriority priority = scheduling.ionice().get();
            if (priority.level() < 0 || priority.level() > MAX_IO_LEVEL) {
                add.accept("$.ionice.level", "must be 0 to " + MAX_IO_LEVEL);
            } else if (priority.type() == IoPriority.Type.IDLE && priority.level() != 0) {
                add.accept("$.ionice.level", "the class idle has no levels");
            }
        }
        for (int cpu : scheduling.cpus()) {
            if (cpu < 0 || cpu >= Scheduling.MAX_CPUS) {
                add.accept("$.cpuAffinity", "processors are numbered 0 to " + (Scheduling.MAX_CPUS - 1));
            }
        }
        int score = scheduling.oomScoreAdj().orElse(0);
        if (score < -MAX_OOM_SCORE || score > MAX_OOM_SCORE) {
            add.accept("$.oomScoreAdj", "must be " + -MAX_OOM_SCORE + " to " + MAX_OOM_SCORE);
        }
    }
}
