package io.nsjob.internal.wire;

import io.nsjob.Durations;
import io.nsjob.JobRecord;
import io.nsjob.Profile;
import io.nsjob.Sizes;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the records of running jobs. Fields that this version does not know are ignored: another one may have written it. */
public final class JobRecordReader {
    private JobRecordReader() {
    }

    /**
     * Reads one.
     *
     * @param json its text
     * @return the record
     * @throws IOException when it is none
     */
    public static JobRecord read(String json) throws IOException {
        List<String> problems = new ArrayList<>();
        try {
            Fields root = Fields.root(Json.parse(json, problems), problems);
            JobRecord record = record(root, json);
            if (problems.isEmpty()) {
                return record;
            }
        } catch (JsonSyntaxException | IllegalArgumentException | NullPointerException | DateTimeException e) {
            // A field that is missing or out of range; the list says which.
            problems.add(String.valueOf(e.getMessage()));
        }
        throw new IOException("not a record of a job: " + String.join("; ", problems));
    }

    /**
     * All that is in one.
     *
     * @param json its text
     * @return its fields; none when it cannot be read
     */
    public static Map<?, ?> tree(String json) {
        try {
            return Json.parse(json, new ArrayList<>()) instanceof Map<?, ?> tree ? tree : Map.of();
        } catch (JsonSyntaxException e) {
            return Map.of();
        }
    }

    private static JobRecord record(Fields root, String json) {
        Fields spec = root.object("spec");
        Fields maps = root.object("idMaps");
        List<String> cgroups = new ArrayList<>();
        root.objects("cgroups").forEach(cgroup -> cgroups.add(cgroup.string("directory")));
        // A sandbox has no command of its own.
        List<String> command = spec.has("command") ? spec.strings("command") : List.of();
        boolean init = root.any("init") != null && root.any("init") != Json.NULL;
        return new JobRecord(root.string("job"), Instant.parse(root.string("created")),
            Profile.valueOf(root.string("profile").toUpperCase(Locale.ROOT)), command, process(root.object("supervisor")),
            init ? Optional.of(process(root.object("init"))) : Optional.empty(), process(root.object("main")),
            EventReader.namespaces(root.object("namespaces")), EventReader.ranges(maps, "uid"), EventReader.ranges(maps, "gid"), cgroups,
            root.strings("weakened"), limits(root.object("limits")), EventReader.stages(root), json);
    }

    /** Those that hold for the job as a whole, each with who enforces it. */
    private static List<String> limits(Fields limits) {
        Fields by = limits.object("enforcement");
        List<String> lines = new ArrayList<>();
        number(limits, "memoryBytes").ifPresent(bytes -> lines.add("memory " + Sizes.format(bytes) + by(by, "memory")));
        number(limits, "pids").ifPresent(pids -> lines.add("pids " + pids + by(by, "pids")));
        Object cpus = limits.any("cpus");
        if (cpus != null && cpus != Json.NULL) {
            lines.add("cpus " + cpus + by(by, "cpus"));
        }
        number(limits, "wallMillis").ifPresent(millis -> lines.add("wall " + time(millis) + by(by, "wallTime")));
        number(limits, "cpuMillis").ifPresent(millis -> lines.add("cpu time " + time(millis) + by(by, "cpuTime")));
        return lines;
    }

    private static String time(long millis) {
        return Durations.format(Duration.ofMillis(millis));
    }

    private static Optional<Long> number(Fields fields, String name) {
        return fields.any(name) instanceof Long number ? Optional.of(number) : Optional.empty();
    }

    private static String by(Fields enforcement, String limit) {
        return enforcement != null && enforcement.any(limit) instanceof String who ? " (" + who + ")" : "";
    }

    private static JobRecord.ProcessId process(Fields fields) {
        return new JobRecord.ProcessId(fields.required("pid", Long.MAX_VALUE), fields.required("startTime", Long.MAX_VALUE));
    }
}
