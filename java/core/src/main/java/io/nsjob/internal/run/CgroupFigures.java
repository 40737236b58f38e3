package io.nsjob.internal.run;

import io.nsjob.Statistics;
import io.nsjob.internal.os.CgroupFiles;
import io.nsjob.internal.os.ProcText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The files of a job's cgroups as figures; cgroup-v1/*.rst and cgroup-v2.rst of the kernel say what is in them. */
final class CgroupFigures {
    /** What a running job is asked for: the files that exist in either version, present values and those that only grow. */
    private static final List<String> LIVE = List.of("memory.usage_in_bytes", "memory.current", "memory.max_usage_in_bytes",
        "memory.peak", "memory.failcnt", "memory.events", "memory.oom_control", "pids.current", "pids.peak", "pids.events",
        "cpu.stat", "cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys", "cpu.pressure", "memory.pressure", "io.pressure");
    private static final String TOTAL = "total=";

    private final Collection<Map<String, String>> cgroups;

    private CgroupFigures(Collection<Map<String, String>> cgroups) {
        this.cgroups = cgroups;
    }

    /** From what the supervisor read at the end; empty for a job without cgroups. */
    static Optional<Statistics> of(Map<String, Map<String, String>> cgroups) {
        return cgroups.isEmpty() ? Optional.empty() : Optional.of(new CgroupFigures(cgroups.values()).statistics());
    }

    /** Of a job that runs; empty when its cgroups are gone. */
    static Optional<Statistics> read(List<Path> directories, CgroupFiles files) {
        List<Map<String, String>> cgroups = new ArrayList<>();
        for (Path directory : directories) {
            Map<String, String> texts = new LinkedHashMap<>();
            for (String name : LIVE) {
                try {
                    texts.put(name, files.read(directory.resolve(name)));
                } catch (IOException e) {
                    // Of another controller or version, or the job has just ended.
                    continue;
                }
            }
            if (!texts.isEmpty()) {
                cgroups.add(texts);
            }
        }
        return cgroups.isEmpty() ? Optional.empty() : Optional.of(new CgroupFigures(cgroups).statistics());
    }

    private Statistics statistics() {
        return new Statistics("cgroup",
            or(nanos("cpuacct.usage", ""), micros("cpu.stat", "usage_usec")),
            or(nanos("cpuacct.usage_user", ""), micros("cpu.stat", "user_usec")),
            or(nanos("cpuacct.usage_sys", ""), micros("cpu.stat", "system_usec")),
            first("memory.usage_in_bytes", "memory.current"), first("memory.max_usage_in_bytes", "memory.peak"),
            or(number("memory.failcnt", ""), number("memory.events", "max")),
            or(number("memory.oom_control", "oom_kill"), number("memory.events", "oom_kill")),
            withoutInit(number("pids.current", "")), withoutInit(number("pids.peak", "")), number("pids.events", "max"),
            number("cpu.stat", "nr_throttled"),
            or(nanos("cpu.stat", "throttled_time"), micros("cpu.stat", "throttled_usec")), pressure());
    }

    private static OptionalLong or(OptionalLong one, OptionalLong other) {
        return one.isPresent() ? one : other;
    }

    private static Optional<Duration> or(Optional<Duration> one, Optional<Duration> other) {
        return one.isPresent() ? one : other;
    }

    private OptionalLong first(String one, String other) {
        return or(number(one, ""), number(other, ""));
    }

    private static OptionalLong withoutInit(OptionalLong count) {
        return count.isPresent() ? OptionalLong.of(Math.max(0, count.getAsLong() - 1)) : count;
    }

    private Optional<Duration> nanos(String file, String key) {
        OptionalLong value = number(file, key);
        return value.isPresent() ? Optional.of(Duration.ofNanos(value.getAsLong())) : Optional.empty();
    }

    private Optional<Duration> micros(String file, String key) {
        OptionalLong value = number(file, key);
        return value.isPresent() ? Optional.of(Duration.of(value.getAsLong(), ChronoUnit.MICROS)) : Optional.empty();
    }

    /** The number after a key, or the one that is all of the file. */
    private OptionalLong number(String file, String key) {
        for (Map<String, String> cgroup : cgroups) {
            for (String line : cgroup.getOrDefault(file, "").split("\n")) {
                String digits = key.isEmpty() ? line.trim()
                    : line.startsWith(key + " ") ? line.substring(key.length() + 1).trim() : "";
                if (ProcText.isNumber(digits, 18)) {
                    return OptionalLong.of(Long.parseLong(digits));
                }
            }
        }
        return OptionalLong.empty();
    }

    /** "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234", in microseconds. */
    private Map<String, Duration> pressure() {
        Map<String, Duration> pressure = new LinkedHashMap<>();
        for (String what : List.of("cpu", "memory", "io")) {
            for (Map<String, String> cgroup : cgroups) {
                for (String word : ProcText.words(cgroup.getOrDefault(what + ".pressure", "").split("\n")[0])) {
                    if (word.startsWith(TOTAL) && ProcText.isNumber(word.substring(TOTAL.length()), 18)) {
                        pressure.putIfAbsent(what, Duration.of(Long.parseLong(word.substring(TOTAL.length())), ChronoUnit.MICROS));
                    }
                }
            }
        }
        return pressure;
    }
}
