package io.nsjob.internal.wire;

import io.nsjob.IoPriority;
import io.nsjob.JobSpec;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.Scheduling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resource limits, priorities and processors of a job spec, from and to JSON. */
final class LimitFields {
    private LimitFields() {
    }

    static void read(Fields root, JobSpec.Builder spec) {
        rlimits(root, spec);
        Integer nice = number(root, "nice");
        if (nice != null) {
            spec.nice(nice);
        }
        ionice(root, spec);
        String cpus = root.string("cpuAffinity");
        if (cpus != null) {
            try {
                List<Integer> parsed = Scheduling.parseCpus(cpus);
                spec.cpuAffinity(parsed);
            } catch (IllegalArgumentException e) {
                root.problem("cpuAffinity", e.getMessage());
            }
        }
        Integer score = number(root, "oomScoreAdj");
        if (score != null) {
            spec.oomScoreAdj(score);
        }
    }

    private static Integer number(Fields fields, String name) {
        Long value = fields.integer(name);
        // What does not fit is out of every range here, and stays so.
        return value == null ? null : (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }

    private static void rlimits(Fields root, JobSpec.Builder spec) {
        Fields fields = root.object("rlimits");
        if (fields == null) {
            return;
        }
        for (Rlimit name : Rlimit.values()) {
            ResourceLimit limit = rlimit(fields, name);
            if (limit != null) {
                spec.rlimit(name, limit);
            }
        }
        fields.refuseOthers();
    }

    private static ResourceLimit rlimit(Fields fields, Rlimit name) {
        if (fields.any(name.jsonName()) instanceof Map) {
            Fields both = fields.object(name.jsonName());
            ResourceLimit soft = value(both, "soft", name, false);
            ResourceLimit hard = value(both, "hard", name, false);
            both.refuseOthers();
            for (String part : List.of("soft", "hard")) {
                if (!both.has(part)) {
                    both.problem(part, "is required");
                }
            }
            return soft == null || hard == null ? null : new ResourceLimit(soft.soft(), hard.hard());
        }
        return value(fields, name.jsonName(), name, true);
    }

    private static ResourceLimit value(Fields fields, String field, Rlimit name, boolean pair) {
        Object value = fields.any(field);
        if (value instanceof Long number) {
            return ResourceLimit.of(number);
        }
        if (value instanceof String text && (pair || text.indexOf(':') < 0)) {
            try {
                return name.parseLimit(text);
            } catch (IllegalArgumentException | ArithmeticException e) {
                fields.problem(field, e.getMessage());
                return null;
            }
        }
        if (value != null) {
            fields.problem(field, "must be a number, \"unlimited\""
                + (pair ? ", \"SOFT:HARD\" or {\"soft\": ..., \"hard\": ...}" : ""));
        }
        return null;
    }

    private static void ionice(Fields root, JobSpec.Builder spec) {
        Fields fields = root.object("ionice");
        if (fields == null) {
            return;
        }
        if (!fields.has("class")) {
            fields.problem("class", "is required");
        }
        Optional<IoPriority.Type> type = fields.choice("class", IoPriority.Type.values(), IoPriority.Type::jsonName);
        Integer level = number(fields, "level");
        fields.refuseOthers();
        type.ifPresent(known -> spec.ionice(level == null ? IoPriority.of(known) : new IoPriority(known, level)));
    }

    static void write(JobSpec spec, Map<String, Object> tree) {
        if (!spec.rlimits().isEmpty()) {
            Map<String, Object> rlimits = new LinkedHashMap<>();
            spec.rlimits().forEach((name, limit) -> rlimits.put(name.jsonName(), limit(name, limit)));
            tree.put("rlimits", rlimits);
        }
        Scheduling scheduling = spec.scheduling();
        scheduling.nice().ifPresent(nice -> tree.put("nice", (long) nice));
        scheduling.ionice().ifPresent(priority -> tree.put("ionice", ionice(priority)));
        if (!scheduling.cpus().isEmpty()) {
            tree.put("cpuAffinity", Scheduling.formatCpus(scheduling.cpus()));
        }
        scheduling.oomScoreAdj().ifPresent(score -> tree.put("oomScoreAdj", (long) score));
    }

    private static Object limit(Rlimit name, ResourceLimit limit) {
        if (limit.soft() == limit.hard()) {
            return name.format(limit.soft());
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("soft", name.format(limit.soft()));
        tree.put("hard", name.format(limit.hard()));
        return tree;
    }

    private static Map<String, Object> ionice(IoPriority priority) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("class", priority.type().jsonName());
        if (priority.type() != IoPriority.Type.IDLE) {
            tree.put("level", (long) priority.level());
        }
        return tree;
    }
}
