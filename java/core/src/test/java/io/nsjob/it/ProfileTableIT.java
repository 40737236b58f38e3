package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Durations;
import io.nsjob.JobLimits;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Profile;
import io.nsjob.Rlimit;
import io.nsjob.Sizes;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's table of profiles: our columns say what a job of each finds, and what its report says. */
@JobTest
class ProfileTableIT {
    private static final String MARK = "<!-- profile table -->";
    /** One line for each thing that is looked at: a word and what was found. */
    private static final String LOOK = "f=; for n in 0 1 2 3 4 5 6 7 8 9 63 255; do [ -e /proc/$$/fd/$n ] && f=\"$f $n\"; done; echo fds $f;"
        + " for w in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp; do"
        + " echo $w $(sed -n \"s/^$w:[[:space:]]*//p\" /proc/self/status); done; echo uid $(id -u);"
        + " read -r p c s pp g sid rest </proc/$$/stat; [ $sid = $$ ] && echo session own || echo session other;"
        + " echo init $(cat /proc/1/comm); echo proc $(grep -c ' /proc/sys ro' /proc/self/mountinfo);"
        + " echo dev $(grep -c ' /dev ro' /proc/self/mountinfo) $(ls /dev | wc -l); [ -e /sys ] && echo sys there || echo sys absent;"
        + " echo sysfs $(grep -c ' /sys ro,nosuid,nodev,noexec' /proc/self/mountinfo) $(ls /sys/class/net 2>/dev/null);"
        + " w=; for d in / /usr /etc /tmp /var/tmp /run /dev/shm; do (: >$d/nsjob-w) 2>/dev/null && w=\"$w $d\" && rm $d/nsjob-w; done;"
        + " (: >\"$HOME/nsjob-w\") 2>/dev/null && rm \"$HOME/nsjob-w\" && w=\"$w HOME\";"
        + " (: >nsjob-w) 2>/dev/null && rm nsjob-w && [ \"$PWD\" != \"$HOME\" ] && w=\"$w workspace\"; echo writable $w; echo home $HOME;"
        + " echo net $(sed -n 's/^ *\\([^ :]*\\):.*/\\1/p' /proc/net/dev); echo env $(env | sed 's/=.*//' | sort)";

    @TempDir
    Path workspace;

    @Test
    void ourColumnsAreTrue() throws Exception {
        Map<String, List<String>> table = table();
        Map<String, List<String>> found = new LinkedHashMap<>();
        table.keySet().forEach(row -> found.put(row, new ArrayList<>()));
        try (Launcher launcher = Launcher.open()) {
            for (JobSpec.Builder spec : List.of(JobSpec.isolated(), JobSpec.buildStep(workspace.toString()), JobSpec.bare())) {
                JobResult result = launcher.run(spec.command("/bin/sh", "-c", LOOK).build());
                assertTrue(result.outcome().success(), () -> result + result.stderrText());
                column(result).forEach((row, cell) -> found.computeIfAbsent(row, none -> new ArrayList<>()).add(cell));
            }
        }
        table.forEach((row, cells) -> assertEquals(cells.subList(0, 3), found.get(row), row));
        assertEquals(table.keySet(), found.keySet());
    }

    /** Rows between the marks: the first cell, and the rest. */
    private static Map<String, List<String>> table() throws IOException {
        String readme = Files.readString(Fixtures.directory("../README.md").normalize(), StandardCharsets.UTF_8);
        String[] parts = readme.split(MARK);
        assertEquals(3, parts.length, "two marks in README.md");
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String line : parts[1].strip().lines().skip(2).toList()) {
            List<String> cells = Stream.of(line.split("\\|")).skip(1).map(String::strip).toList();
            assertEquals(8, cells.size(), line);
            rows.put(cells.get(0), cells.subList(1, cells.size()));
        }
        return rows;
    }

    private Map<String, String> column(JobResult result) throws IOException {
        Map<String, String> seen = new LinkedHashMap<>();
        result.stdoutText().lines().forEach(line -> seen.put(line.split(" ", 2)[0], line.contains(" ") ? line.split(" ", 2)[1] : ""));
        boolean mounts = result.report().namespaces().get(NamespaceKind.MNT).isolated();
        Map<String, String> column = new LinkedHashMap<>();
        column.put("namespaces", namespaces(result));
        column.put("ids", ids(result.report().profile(), seen.get("uid")));
        column.put("capabilities", capabilities(seen));
        column.put("no_new_privs", seen.get("NoNewPrivs").equals("1") ? "yes" : "no");
        column.put("system calls", seen.get("Seccomp").equals("2") ? "allow-list" : "all");
        column.put("session", seen.get("session").equals("own") ? "its own" : "the caller's");
        column.put("inherited descriptors", seen.get("fds").replace(" ", ", "));
        column.put("`/proc`", seen.get("init").equals("nsjob-init") && seen.get("proc").equals("1") ? "its own, masked" : "the host's");
        column.put("`/dev`", seen.get("dev").startsWith("0 ") ? "the host's" : "minimal, own pts and shm");
        column.put("`/sys`", seen.get("sys").equals("absent") ? "absent" : seen.get("sysfs").equals("1 lo") ? "its own, read-only"
            : "the host's");
        column.put("writable", mounts ? writable(seen) : "as the ids may");
        column.put("network", seen.get("net").equals("lo") ? "lo" : "the host's");
        column.put("limits", limits(result.report().limits()));
        column.put("environment", environment(seen.get("env")));
        return column;
    }

    private static String namespaces(JobResult result) {
        List<String> without = Stream.of(NamespaceKind.values()).filter(kind -> !result.report().namespaces().get(kind).isolated())
            .map(NamespaceKind::kernelName).toList();
        return without.size() == NamespaceKind.values().length ? "those named" : "all but " + String.join(", ", without);
    }

    private static String ids(Profile profile, String uid) {
        boolean own = uid.equals(Long.toString(HostFacts.real().identity().uid()));
        boolean root = Jobs.isHostRoot();
        if (profile == Profile.BUILD) {
            return (root ? uid.equals("1000") : own) ? "the caller's; 1000 for root" : uid;
        }
        return profile == Profile.BARE && own ? "the caller's" : uid;
    }

    private static String capabilities(Map<String, String> seen) throws IOException {
        boolean none = Stream.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb").allMatch(set -> seen.get(set).matches("0+"));
        String own = Files.readString(Path.of("/proc/self/status")).lines().filter(line -> line.startsWith("CapEff:")).findFirst()
            .orElseThrow().replaceFirst("CapEff:\\s*", "");
        return none ? "none" : seen.get("CapEff").equals(own) ? "the caller's" : seen.get("CapEff");
    }

    private static String writable(Map<String, String> seen) {
        return Stream.of(seen.get("writable").split(" ")).map(place -> place.startsWith("/") ? "`" + place + "`" : place)
            .map(place -> place.equals("HOME") ? "home" : place).collect(Collectors.joining(" "));
    }

    private static String limits(JobLimits limits) {
        if (limits.wallTime().isEmpty()) {
            return "none";
        }
        List<String> words = new ArrayList<>();
        words.add("wall " + Durations.format(limits.wallTime().get()));
        words.add("cpu " + Durations.format(limits.cpuTime().orElseThrow()));
        limits.resources().memory().ifPresent(bytes -> words.add("memory " + Sizes.format(bytes)));
        limits.resources().pids().ifPresent(count -> words.add("pids " + count));
        words.add("nofile " + limits.rlimits().get(Rlimit.NOFILE).hard());
        words.add("fsize " + Sizes.format(limits.rlimits().get(Rlimit.FSIZE).hard()));
        words.add("output " + Sizes.format(limits.outputBytes()));
        return String.join(", ", words);
    }

    private static String environment(String names) {
        // The shell sets these itself.
        List<String> set = Stream.of(names.split(" ")).filter(name -> !List.of("PWD", "OLDPWD", "SHLVL", "_", "TERM").contains(name)).toList();
        boolean callers = System.getenv().keySet().stream().filter(name -> name.matches("[A-Z]+")).allMatch(names::contains);
        return set.equals(List.of("HOME", "LANG", "PATH", "TMPDIR")) ? "`HOME LANG PATH TMPDIR`" : callers ? "the caller's" : names;
    }
}
