package io.nsjob;

import java.util.function.BiConsumer;

/** The rules of resource limits, priorities and processors. */
final class LimitRules {
    private static final int LOWEST_NICE = -20;
    private static final int HIGHEST_NICE = 19;
    private static final int MAX_IO_LEVEL = 7;
    private static final int MAX_OOM_SCORE = 1000;

    private LimitRules() {
    }

    static void check(SpecFields spec, BiConsumer<String, String> add) {
        spec.rlimits.forEach((name, limit) -> {
            String path = "$.rlimits." + name.jsonName();
            if (limit.soft() < 0 || limit.hard() < 0) {
                add.accept(path, "must not be negative");
            } else if (limit.soft() > limit.hard()) {
                add.accept(path, "the soft limit, " + name.format(limit.soft()) + ", is above the hard one, "
                    + name.format(limit.hard()));
            } else if (name == Rlimit.CPU && limit.soft() == 0) {
                add.accept(path, "must be at least 1 second");
            }
        });
        scheduling(spec.scheduling, add);
    }

    private static void scheduling(Scheduling scheduling, BiConsumer<String, String> add) {
        int nice = scheduling.nice().orElse(0);
        if (nice < LOWEST_NICE || nice > HIGHEST_NICE) {
            add.accept("$.nice", "must be " + LOWEST_NICE + " to " + HIGHEST_NICE);
        }
        scheduling.ionice().ifPresent(priority -> {
            if (priority.level() < 0 || priority.level() > MAX_IO_LEVEL) {
                add.accept("$.ionice.level", "must be 0 to " + MAX_IO_LEVEL);
            } else if (priority.type() == IoPriority.Type.IDLE && priority.level() != 0) {
                add.accept("$.ionice.level", "the class idle has no levels");
            }
        });
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
