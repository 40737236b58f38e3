package io.nsjob.internal.run;

import io.nsjob.Collected;
import io.nsjob.IoPriority;
import io.nsjob.JobCredentials;
import io.nsjob.JobHardening;
import io.nsjob.JobLimits;
import io.nsjob.JobReport;
import io.nsjob.JobResources;
import io.nsjob.JobResult;
import io.nsjob.JobTerminal;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.ResourceLimit;
import io.nsjob.Scheduling;
import io.nsjob.StageTiming;
import io.nsjob.Statistics;
import io.nsjob.Usage;
import io.nsjob.internal.wire.Json;
import io.nsjob.internal.wire.ResourceFields;
import io.nsjob.internal.wire.SpecJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reports and results as JSON. Every document has the same fields: what is not known is null. */
final class ReportJson {
    private ReportJson() {
    }

    static String write(JobResult result) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("nsjob", 1);
        tree.put("job", result.name());
        tree.put("outcome", outcome(result));
        tree.put("usage", usage(result.usage()));
        tree.put("output", output(result));
        tree.put("collected", result.collected().<Object>map(ReportJson::collected).orElse(Json.NULL));
        report(result.report()).forEach(tree::putIfAbsent);
        return Json.write(tree);
    }

    static Map<String, Object> report(JobReport report) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("nsjob", 1);
        tree.put("job", report.name());
        tree.put("profile", report.profile().jsonName());
        Map<String, Object> pid = new LinkedHashMap<>();
        pid.put("host", report.hostPid());
        pid.put("inside", report.insidePid());
        pid.put("init", report.initPid().isPresent() ? report.initPid().getAsLong() : Json.NULL);
        tree.put("pid", pid);
        Map<String, Object> namespaces = new LinkedHashMap<>();
        report.namespaces().all().forEach(entry -> namespaces.put(entry.kind().kernelName(), namespace(entry)));
        tree.put("namespaces", namespaces);
        Map<String, Object> maps = new LinkedHashMap<>();
        maps.put("uid", SpecJson.ranges(report.uidMap()));
        maps.put("gid", SpecJson.ranges(report.gidMap()));
        maps.put("setgroups", report.setgroups().isEmpty() ? Json.NULL : report.setgroups());
        tree.put("idMaps", maps);
        tree.put("credentials", credentials(report.credentials()));
        tree.put("terminal", report.terminal().isPresent() ? terminal(report.terminal().get()) : Json.NULL);
        tree.putAll(hardening(report.hardening()));
        tree.put("limits", limits(report.limits()));
        tree.put("cgroups", cgroups(report.cgroups()));
        tree.put("weakened", report.weakened());
        tree.put("stages", stages(report.stages()));
        return tree;
    }

    private static Map<String, Object> outcome(JobResult result) {
        Outcome outcome = result.outcome();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("kind", outcome.kind().jsonName());
        tree.put("exitCode", outcome.exitCode().isPresent() ? outcome.exitCode().getAsInt() : Json.NULL);
        tree.put("signal", outcome.signal().isPresent() ? outcome.signal().getAsInt() : Json.NULL);
        tree.put("core", outcome instanceof Outcome.Signaled signaled && signaled.core());
        tree.put("clock", outcome instanceof Outcome.TimedOut timedOut ? timedOut.clock().jsonName() : Json.NULL);
        tree.put("lost", outcome instanceof Outcome.Lost lost ? lost.who() : Json.NULL);
        tree.put("limits", result.limitsHit());
        tree.put("exitStatus", result.exitStatus());
        tree.put("text", outcome.describe());
        return tree;
    }

    private static Map<String, Object> usage(Usage usage) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("wallMillis", usage.wall().toMillis());
        tree.put("userMicros", usage.user().toNanos() / 1000);
        tree.put("systemMicros", usage.system().toNanos() / 1000);
        tree.put("maxRssBytes", usage.maxRssBytes());
        tree.put("minorFaults", usage.minorFaults());
        tree.put("majorFaults", usage.majorFaults());
        tree.put("cgroup", usage.cgroup().isPresent() ? statistics(usage.cgroup().get()) : Json.NULL);
        return tree;
    }

    private static Map<String, Object> statistics(Statistics figures) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("cpuMicros", micros(figures.cpu()));
        tree.put("userMicros", micros(figures.user()));
        tree.put("systemMicros", micros(figures.system()));
        tree.put("memoryPeakBytes", number(figures.memoryPeakBytes()));
        tree.put("memoryLimitHits", number(figures.memoryLimitHits()));
        tree.put("oomKills", number(figures.oomKills()));
        tree.put("pidsPeak", number(figures.pidsPeak()));
        tree.put("pidsRefused", number(figures.pidsRefused()));
        tree.put("throttledPeriods", number(figures.throttledPeriods()));
        tree.put("throttledMicros", micros(figures.throttled()));
        Map<String, Object> pressure = new LinkedHashMap<>();
        for (String what : List.of("cpu", "memory", "io")) {
            pressure.put(what + "Micros", micros(Optional.ofNullable(figures.pressure().get(what))));
        }
        tree.put("pressure", pressure);
        return tree;
    }

    private static Object micros(Optional<Duration> time) {
        return time.isPresent() ? (Object) (time.get().toNanos() / 1000) : Json.NULL;
    }

    private static Object number(OptionalLong value) {
        return value.isPresent() ? (Object) value.getAsLong() : Json.NULL;
    }

    private static List<Map<String, Object>> cgroups(Map<String, Map<String, String>> cgroups) {
        List<Map<String, Object>> list = new ArrayList<>();
        cgroups.forEach((directory, values) -> {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("directory", directory);
            tree.put("values", values);
            list.add(tree);
        });
        return list;
    }

    private static Map<String, Object> output(JobResult result) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("stdoutBytes", result.usage().stdoutBytes());
        tree.put("stderrBytes", result.usage().stderrBytes());
        tree.put("truncated", result.truncated());
        return tree;
    }

    private static Map<String, Object> collected(Collected collected) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("files", collected.files());
        tree.put("bytes", collected.bytes());
        tree.put("skipped", collected.skipped().stream().map(one -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("path", one.path());
            entry.put("reason", one.reason());
            return entry;
        }).toList());
        return tree;
    }

    private static Map<String, Object> namespace(NamespaceReport.Entry entry) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("inode", entry.inode());
        tree.put("device", entry.device());
        tree.put("host", entry.hostInode());
        tree.put("hostDevice", entry.hostDevice());
        tree.put("mode", entry.mode().jsonName());
        tree.put("isolated", entry.isolated());
        return tree;
    }

    private static Map<String, Object> credentials(JobCredentials credentials) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("uid", id(credentials.uid()));
        tree.put("gid", id(credentials.gid()));
        tree.put("groups", credentials.groups());
        tree.put("capabilities", credentials.capabilities());
        tree.put("noNewPrivileges", credentials.noNewPrivileges());
        tree.put("seccomp", credentials.seccomp());
        return tree;
    }

    private static Map<String, Object> terminal(JobTerminal terminal) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("rows", terminal.size().rows());
        tree.put("columns", terminal.size().columns());
        tree.put("pts", terminal.pts());
        return tree;
    }

    private static Map<String, Object> hardening(JobHardening hardening) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("keyring", hardening.keyring().jsonName());
        Map<String, Object> landlock = new LinkedHashMap<>();
        boolean asked = hardening.landlockAbi().isPresent();
        landlock.put("state", !asked ? "off" : hardening.landlockAbi().getAsInt() == 0 ? "unavailable" : "enforced");
        landlock.put("abi", asked ? hardening.landlockAbi().getAsInt() : Json.NULL);
        tree.put("landlock", landlock);
        boolean limited = hardening.maxUserNamespaces().isPresent();
        tree.put("nestedUserNamespaces", limited ? "none" : "unlimited");
        tree.put("lockedMounts", hardening.lockedMounts());
        return tree;
    }

    private static Map<String, Object> id(JobCredentials.Id id) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("inside", id.inside().isPresent() ? id.inside().getAsLong() : Json.NULL);
        tree.put("outside", id.outside());
        return tree;
    }

    private static Map<String, Object> limits(JobLimits limits) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("wallMillis", limits.wallTime().isPresent() ? limits.wallTime().get().toMillis() : Json.NULL);
        tree.put("cpuMillis", limits.cpuTime().isPresent() ? limits.cpuTime().get().toMillis() : Json.NULL);
        tree.put("graceMillis", limits.killGrace().toMillis());
        tree.put("setupMillis", limits.setupTime().toMillis());
        tree.put("outputBytes", limits.outputBytes());
        tree.put("outputAction", limits.outputAction().jsonName());
        Map<String, Object> rlimits = new LinkedHashMap<>();
        limits.rlimits().forEach((name, limit) -> rlimits.put(name.jsonName(), rlimit(limit)));
        tree.put("rlimits", rlimits);
        Scheduling scheduling = limits.scheduling();
        tree.put("nice", scheduling.nice().isPresent() ? scheduling.nice().getAsInt() : Json.NULL);
        tree.put("ionice", scheduling.ionice().isPresent() ? ionice(scheduling.ionice().get()) : Json.NULL);
        tree.put("cpuAffinity", scheduling.cpus().isEmpty() ? Json.NULL : Scheduling.formatCpus(scheduling.cpus()));
        tree.put("oomScoreAdj", scheduling.oomScoreAdj().isPresent() ? scheduling.oomScoreAdj().getAsInt() : Json.NULL);
        resources(limits.resources(), tree);
        tree.put("enforcement", limits.enforcement());
        return tree;
    }

    private static void resources(JobResources resources, Map<String, Object> tree) {
        tree.put("memoryBytes", limit(resources.memory()));
        tree.put("swapBytes", limit(resources.swap()));
        tree.put("pids", limit(resources.pids()));
        tree.put("cpus", resources.cpus().isPresent() ? (Object) resources.cpus().getAsDouble() : Json.NULL);
        tree.put("cpuWeight", resources.cpuWeight().isPresent() ? (Object) resources.cpuWeight().getAsInt() : Json.NULL);
        Map<String, Object> cpuset = new LinkedHashMap<>();
        cpuset.put("cpus", resources.cpusetCpus().isEmpty() ? Json.NULL : Scheduling.formatCpus(resources.cpusetCpus()));
        cpuset.put("mems", resources.cpusetMems().isEmpty() ? Json.NULL : Scheduling.formatCpus(resources.cpusetMems()));
        tree.put("cpuset", cpuset);
        tree.put("ioWeight", resources.ioWeight().isPresent() ? (Object) resources.ioWeight().getAsInt() : Json.NULL);
        tree.put("io", ResourceFields.io(resources.io()));
        tree.put("strict", resources.strict());
    }

    private static Object limit(OptionalLong limit) {
        return limit.isPresent() && limit.getAsLong() != ResourceLimit.UNLIMITED ? (Object) limit.getAsLong() : Json.NULL;
    }

    private static Map<String, Object> rlimit(ResourceLimit limit) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("soft", limit.soft() == ResourceLimit.UNLIMITED ? Json.NULL : limit.soft());
        tree.put("hard", limit.hard() == ResourceLimit.UNLIMITED ? Json.NULL : limit.hard());
        return tree;
    }

    private static Map<String, Object> ionice(IoPriority priority) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("class", priority.type().jsonName());
        tree.put("level", priority.level());
        return tree;
    }

    private static List<Map<String, Object>> stages(List<StageTiming> stages) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (StageTiming stage : stages) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("name", stage.name());
            tree.put("micros", stage.micros());
            list.add(tree);
        }
        return list;
    }
}
