package io.nsjob.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of resource limits, priorities and processors. */
final class LimitOptions {
    private static final List<String> RESOURCES = List.of("as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
        "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");
    private static final List<String> CLASSES = List.of("idle", "best-effort", "realtime");
    private static final List<String> ACTIONS = List.of("truncate", "kill");

    private LimitOptions() {}

    static void apply(RunLine line, Map<String, Object> spec) throws UsageException {
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
