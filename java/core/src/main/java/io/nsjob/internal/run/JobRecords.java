package io.nsjob.internal.run;

import io.nsjob.JobRecord;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.JobFiles;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.os.StateBase;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Json;
import io.nsjob.internal.wire.JobRecordReader;
import io.nsjob.internal.wire.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The records of running jobs with a name: what is in them, and who reads them. */
public final class JobRecords {
    /** Filters that are longer are in the record by their profile alone; ours have some 1,300 bytes. */
    private static final int MAX_FILTER = 16 << 10;

    private JobRecords() {
    }

    /**
     * Those of this user.
     *
     * @return by name, then the oldest first
     */
    public static List<JobRecord> list() {
        List<JobRecord> records = new ArrayList<>();
        for (JobFiles.Entry entry : JobFiles.list(StateBase.existing(HostFacts.real().identity()))) {
            try {
                records.add(JobRecordReader.read(entry.text()));
            } catch (IOException e) {
                Log.debug(JobRecords.class, "passed over " + entry.path(), e);
            }
        }
        records.sort(Comparator.comparing(JobRecord::name).thenComparing(JobRecord::created));
        return List.copyOf(records);
    }

    static Registration registration(Path base, long uid, JobSpec spec, CompiledPlan plan) {
        // Not waited for: it is about other jobs.
        Threads.starters().execute(() -> JobFiles.sweep(List.of(base)));
        return new OnDisk(base, uid, Instant.now(), spec, plan);
    }

    private static OptionalLong startTime(long pid) {
        return ProcStat.startTime(Path.of("/proc", Long.toString(pid), "stat"));
    }

    private static Map<String, Object> process(long pid, long startTime) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("pid", pid);
        tree.put("startTime", startTime);
        return tree;
    }

    private static final class OnDisk implements Registration {
        private final Path base;
        private final long uid;
        private final Instant created;
        private final JobSpec spec;
        private final CompiledPlan plan;
        private Path path;

        OnDisk(Path base, long uid, Instant created, JobSpec spec, CompiledPlan plan) {
            this.base = base;
            this.uid = uid;
            this.created = created;
            this.spec = spec;
            this.plan = plan;
        }

        @Override
        public void write(Report report, long supervisor) {
            OptionalLong of = startTime(supervisor);
            OptionalLong main = startTime(report.hostPid());
            if (of.isEmpty() || main.isEmpty()) {
                // It has ended already; that is told by who talks to it.
                return;
            }
            path = JobFiles.path(base, plan.job(), supervisor, of.getAsLong());
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("nsjob", 1);
            tree.put("job", plan.job());
            tree.put("created", created.toString());
            tree.put("pidNamespace", JobFiles.pidNamespace());
            tree.put("supervisor", process(supervisor, of.getAsLong()));
            OptionalLong init = report.initPid().isPresent() ? startTime(report.initPid().getAsLong()) : OptionalLong.empty();
            tree.put("init", init.isPresent() ? process(report.initPid().getAsLong(), init.getAsLong()) : Json.NULL);
            tree.put("main", process(report.hostPid(), main.getAsLong()));
            tree.put("spec", SpecJson.tree(spec, false));
            tree.put("seccompFilter", filter());
            tree.put("landlock", planned().getOrDefault("landlock", Json.NULL));
            ReportJson.report(report).forEach(tree::putIfAbsent);
            try {
                JobFiles.write(path, uid, Json.write(tree));
            } catch (IOException e) {
                Log.warning(JobRecords.class, "job " + plan.job() + " runs, and cannot be found by its name", e);
            }
        }

        @SuppressWarnings("unchecked")
        private Map<String, Object> planned() {
            return (Map<String, Object>) plan.plan().get("process");
        }

        /** The program that holds the job's system calls, for those who enter it later. */
        private Object filter() {
            Object filter = planned().get("seccomp") instanceof Map<?, ?> seccomp ? seccomp.get("filter") : null;
            return filter instanceof String text && text.length() <= MAX_FILTER ? text : Json.NULL;
        }

        @Override
        public void remove() {
            try {
                if (path != null) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException e) {
                Log.debug(JobRecords.class, "cannot remove " + path, e);
            }
        }
    }
}
