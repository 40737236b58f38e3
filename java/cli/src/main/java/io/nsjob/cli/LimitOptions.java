package io.nsjob.cli;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of resource limits, priorities and processors. */
final class LimitOptions {
    private static final List<String> RESOURCES = List.of("as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
        "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");
    private static final List<String> CLASSES = List.of("idle", "best-effort", "realtime");
    private static final List<String> ACTIONS = List.of("truncate", "kill");
    private static final Map<String, String> DISK_KEYS =
        Map.of("read-bps", "readBps", "write-bps", "writeBps", "read-iops", "readIops", "write-iops", "writeIops");
    private static final String UNLIMITED = "unlimited";
    /** The kernel has no more, PID_MAX_LIMIT. */
    private static final long MOST_PIDS = 4_194_304;
    private static final long MOST_WEIGHT = 10_000;

    private LimitOptions() {}

    static void apply(RunLine line, Map<String, Object> spec) throws UsageException {
        resources(line, spec);
        for (String typed : line.values(RunOption.RLIMIT)) {
            rlimit(typed, SpecAssembler.object(spec, "rlimits"));
        }
        if (line.has(RunOption.NICE)) {
            spec.put("nice", number(line, RunOption.NICE, -20, 19));
        }
        if (line.has(RunOption.IONICE)) {
            spec.put("ionice", ionice(line.value(RunOption.IONICE).orElseThrow()));
        }
        if (line.has(RunOption.CPU_AFFINITY)) {
            spec.put("cpuAffinity", line.value(RunOption.CPU_AFFINITY).orElseThrow());
        }
        if (line.has(RunOption.OOM_SCORE_ADJ)) {
            spec.put("oomScoreAdj", number(line, RunOption.OOM_SCORE_ADJ, -1000, 1000));
        }
        if (line.has(RunOption.OUTPUT_ACTION)) {
            String action = Values.word(RunOption.OUTPUT_ACTION, line.value(RunOption.OUTPUT_ACTION).orElseThrow(), ACTIONS);
            SpecAssembler.object(spec, "limits").put("outputAction", action);
        }
    }

    private static void resources(RunLine line, Map<String, Object> spec) throws UsageException {
        Map<String, Object> limits = new LinkedHashMap<>();
        for (Map.Entry<RunOption, String> option : Map.of(RunOption.MEMORY, "memory", RunOption.SWAP, "swap").entrySet()) {
            if (line.has(option.getKey())) {
                String typed = line.value(option.getKey()).orElseThrow();
                limits.put(option.getValue(), typed.equals(UNLIMITED) ? typed : Long.toString(Values.size(option.getKey(), typed)));
            }
        }
        if (line.has(RunOption.PIDS)) {
            boolean unlimited = line.value(RunOption.PIDS).orElseThrow().equals(UNLIMITED);
            limits.put("pids", unlimited ? (Object) UNLIMITED : (Object) count(line, RunOption.PIDS, MOST_PIDS));
        }
        if (line.has(RunOption.CPUS)) {
            String typed = line.value(RunOption.CPUS).orElseThrow();
            if (!typed.matches("[0-9]{1,4}(\\.[0-9]{1,3})?")) {
                throw Values.bad(RunOption.CPUS, typed, "a number of processors such as 2 or 1.5");
            }
            limits.put("cpus", new BigDecimal(typed));
        }
        if (line.has(RunOption.CPU_WEIGHT)) {
            limits.put("cpuWeight", count(line, RunOption.CPU_WEIGHT, MOST_WEIGHT));
        }
        if (line.has(RunOption.IO_WEIGHT)) {
            limits.put("ioWeight", count(line, RunOption.IO_WEIGHT, MOST_WEIGHT));
        }
        if (line.has(RunOption.STRICT)) {
            limits.put("strict", true);
        }
        if (!limits.isEmpty()) {
            SpecAssembler.object(spec, "limits").putAll(limits);
        }
        listed(line, spec);
    }

    private static void listed(RunLine line, Map<String, Object> spec) throws UsageException {
        if (line.has(RunOption.CPUSET_CPUS)) {
            SpecAssembler.object(SpecAssembler.object(spec, "limits"), "cpuset").put("cpus", line.value(RunOption.CPUSET_CPUS).orElseThrow());
        }
        if (line.has(RunOption.CPUSET_MEMS)) {
            SpecAssembler.object(SpecAssembler.object(spec, "limits"), "cpuset").put("mems", line.value(RunOption.CPUSET_MEMS).orElseThrow());
        }
        for (String typed : line.values(RunOption.IO)) {
            SpecAssembler.list(SpecAssembler.object(spec, "limits"), "io").add(disk(typed));
        }
    }

    private static Map<String, Object> disk(String typed) throws UsageException {
        String[] parts = typed.split(",", -1);
        Map<String, Object> disk = new LinkedHashMap<>();
        disk.put("device", parts[0]);
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String key = equals < 0 ? "" : DISK_KEYS.getOrDefault(parts[i].substring(0, equals), "");
            if (key.isEmpty()) {
                throw Values.bad(RunOption.IO, typed, "DISK,KEY=N with the keys read-bps, write-bps, read-iops or write-iops");
            }
            disk.put(key, Long.toString(Values.size(RunOption.IO, parts[i].substring(equals + 1))));
        }
        return disk;
    }

    private static long count(RunLine line, RunOption option, long most) throws UsageException {
        String typed = line.value(option).orElseThrow();
        if (!typed.matches("[0-9]{1,9}") || Long.parseLong(typed) < 1 || Long.parseLong(typed) > most) {
            throw Values.bad(option, typed, "a number from 1 to " + most);
        }
        return Long.parseLong(typed);
    }

    private static void rlimit(String typed, Map<String, Object> rlimits) throws UsageException {
        int equals = typed.indexOf('=');
        if (equals < 0 || equals == typed.length() - 1) {
            throw Values.bad(RunOption.RLIMIT, typed, "NAME=SOFT or NAME=SOFT:HARD");
        }
        rlimits.put(Values.word(RunOption.RLIMIT, typed.substring(0, equals), RESOURCES), typed.substring(equals + 1));
    }

    private static long number(RunLine line, RunOption option, int least, int most) throws UsageException {
        String typed = line.value(option).orElseThrow();
        if (!typed.matches("[+-]?[0-9]{1,4}") || Integer.parseInt(typed) < least || Integer.parseInt(typed) > most) {
            throw Values.bad(option, typed, "a number from " + least + " to " + most);
        }
        return Integer.parseInt(typed);
    }

    private static Map<String, Object> ionice(String typed) throws UsageException {
        int colon = typed.indexOf(':');
        Map<String, Object> ionice = new LinkedHashMap<>();
        ionice.put("class", Values.word(RunOption.IONICE, colon < 0 ? typed : typed.substring(0, colon), CLASSES));
        if (colon >= 0) {
            if (!typed.substring(colon + 1).matches("[0-7]")) {
                throw Values.bad(RunOption.IONICE, typed, "CLASS or CLASS:LEVEL, a level from 0 to 7");
            }
            ionice.put("level", Long.parseLong(typed.substring(colon + 1)));
        }
        return ionice;
    }
}
