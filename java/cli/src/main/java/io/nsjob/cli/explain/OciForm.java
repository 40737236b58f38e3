package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.Seccomp;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** The same as the config.json of an OCI bundle, runtime specification 1.1. */
final class OciForm {
    static final Map<NamespaceKind, String> TYPES = Map.of(NamespaceKind.USER, "user", NamespaceKind.MNT, "mount",
        NamespaceKind.PID, "pid",
        NamespaceKind.NET, "network", NamespaceKind.IPC, "ipc", NamespaceKind.UTS, "uts", NamespaceKind.CGROUP, "cgroup",
        NamespaceKind.TIME, "time");
    private static final long FIRST_ID = 100_000;

    private final Work work;
    private final List<String> misses = new ArrayList<>();
    private final Set<Aspect> can = EnumSet.of(Aspect.ROOT, Aspect.FILES, Aspect.SYS, Aspect.CWD, Aspect.IDS,
        Aspect.HOST_ROOT_UNMAPPED,
        Aspect.CAPABILITIES,
        Aspect.NO_NEW_PRIVILEGES, Aspect.ENVIRONMENT, Aspect.TERMINAL, Aspect.UMASK, Aspect.HOSTNAME, Aspect.DOMAINNAME,
        Aspect.LOOPBACK, Aspect.PROPAGATION,
        Aspect.OFFSETS, Aspect.RLIMITS, Aspect.CGROUPS, Aspect.OOM_SCORE, Aspect.SESSION, Aspect.KEYRING);

    OciForm(Work work) {
        this.work = work;
    }

    Equivalent equivalent() {
        if (!work.isNew(NamespaceKind.MNT)) {
            return Equivalent.none("oci", "a container always has a mount namespace and a root of its own");
        }
        if (work.spec().chroot().isPresent()) {
            return Equivalent.none("oci", "it has no chroot(2)");
        }
        work.copied().ifPresent(pid -> misses.add("the mounts of process " + pid));
        Map<String, Object> document = Tree.of("ociVersion", "1.1.0", "process", process(), "root", root());
        for (String name : List.of("hostname", "domainname")) {
            if (work.plan().containsKey(name)) {
                document.put(name, work.plan().get(name));
            }
        }
        document.put("mounts", new OciMounts(work, misses).list());
        document.put("linux", linux());
        misses.addAll(Aspect.missing(work, can));
        return new Equivalent("oci", List.of(), document, misses);
    }

    private Map<String, Object> process() {
        Map<String, Object> from = work.process();
        Map<String, Object> user = Tree.of("uid", Tree.number(from, "uid"), "gid", Tree.number(from, "gid"));
        if (from.containsKey("umask")) {
            user.put("umask", Tree.number(from, "umask"));
        }
        Map<String, Object> process = Tree.of("terminal", from.containsKey("terminal"), "user", user, "args", work.spec()
            .command(), "env",
            environment(), "cwd", from.containsKey("cwd") ? Tree.text(from, "cwd") : "/");
        if (Tree.is(from, "dropCapabilities")) {
            List<String> names = ProcessStages.names(Tree.list(from, "capabilities")).stream().map(name -> "CAP_" + name)
                .toList();
            process.put("capabilities", Tree.of("bounding", names, "effective", names, "permitted", names, "inheritable", names,
                "ambient", names));
        } else {
            misses.add("capabilities as they are: the runtime gives those that are listed, here none");
        }
        process.put("noNewPrivileges", Tree.is(from, "noNewPrivs"));
        List<Object> limits = new ArrayList<>();
        for (Map<String, Object> limit : Tree.maps(from, "rlimits")) {
            Rlimit name = List.of(Rlimit.values()).stream().filter(one -> one.number() == Tree.number(limit, "resource"))
                .findFirst().orElseThrow();
            limits.add(Tree.of("type", "RLIMIT_" + name.name(), "soft", amount(limit, "soft"), "hard", amount(limit, "hard")));
        }
        if (!limits.isEmpty()) {
            process.put("rlimits", limits);
        }
        if (from.containsKey("oomScoreAdj")) {
            process.put("oomScoreAdj", Tree.number(from, "oomScoreAdj"));
        }
        return process;
    }

    /** RLIM_INFINITY is the largest number of 64 bits, without a sign. */
    private static Object amount(Map<String, Object> limit, String which) {
        long value = Tree.number(limit, which);
        return value < 0 ? new java.math.BigDecimal("18446744073709551615") : (Object) value;
    }

    private List<String> environment() {
        List<String> shown = new ArrayList<>();
        List<String> hidden = new ArrayList<>();
        for (String entry : Tree.texts(work.process(), "env")) {
            String name = entry.substring(0, Math.max(0, entry.indexOf('=')));
            boolean made = !work.isBare() && List.of("PATH", "HOME", "TMPDIR").contains(name) && !work.spec().environment()
                .containsKey(name)
                && !work.spec().passEnvironment().contains(name);
            if (made) {
                shown.add(entry);
            } else if (!work.isBare() || work.spec().environment().containsKey(name)) {
                hidden.add(name);
            }
        }
        if (!hidden.isEmpty()) {
            misses.add("values of variables are not shown, add them to process.env: " + String.join(" ", hidden));
        }
        if (work.isBare()) {
            shown.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
            misses.add("the caller's environment");
        }
        return shown;
    }

    private Map<String, Object> root() {
        if (work.has("root")) {
            misses.add("an empty directory named rootfs beside this file is needed");
            return Tree.of("path", "rootfs", "readonly", Tree.is(work.mounts("pivot").get(0), "readOnly"));
        }
        if (work.has("rootBind")) {
            Map<String, Object> step = work.mounts("rootBind").get(0);
            return Tree.of("path", Tree.text(step, "source"), "readonly", Tree.is(step, "readOnly"));
        }
        if (work.has("rootOverlay")) {
            misses.add("the changes over its root in memory: the root is read-only here");
            return Tree.of("path", work.spec().rootfs().map(rootfs -> rootfs.directory()).orElse("rootfs"), "readonly", true);
        }
        return Tree.of("path", "/", "readonly", false);
    }

    private Map<String, Object> linux() {
        Map<String, Object> linux = new LinkedHashMap<>();
        List<Object> namespaces = new ArrayList<>();
        work.fresh().forEach(kind -> namespaces.add(Tree.of("type", TYPES.get(kind))));
        work.joined().forEach(kind -> namespaces.add(Tree.of("type", TYPES.get(kind), "path", work.joined(kind).orElseThrow())));
        linux.put("namespaces", namespaces);
        if (work.isNew(NamespaceKind.USER)) {
            linux.put("uidMappings", map("uid"));
            linux.put("gidMappings", map("gid"));
            if (work.hasBlock()) {
                misses.add("ids that nobody else has: those from " + FIRST_ID + " on are an example, see /etc/subuid");
            }
        }
        if (work.plan().containsKey("timeOffsets")) {
            Map<String, Object> offsets = new LinkedHashMap<>();
            Tree.map(work.plan(), "timeOffsets").forEach((clock, offset) ->
                offsets.put(clock, Tree.of("secs", Tree.number(offset, "seconds"), "nanosecs", Tree.number(offset, "nanos"))));
            linux.put("timeOffsets", offsets);
        }
        Map<String, Object> resources = resources();
        if (!resources.isEmpty()) {
            linux.put("resources", resources);
        }
        work.spec().propagation().ifPresent(kind -> linux.put("rootfsPropagation", kind.jsonName()));
        List<String> masked = work.mounts("mask").stream().flatMap(step -> Tree.texts(step, "paths").stream()).toList();
        List<String> readOnly = work.mounts("readOnly").stream().flatMap(step -> Tree.texts(step, "paths").stream()).toList();
        if (!masked.isEmpty()) {
            linux.put("maskedPaths", masked);
        }
        if (!readOnly.isEmpty()) {
            linux.put("readonlyPaths", readOnly);
        }
        seccomp(linux);
        return linux;
    }

    private List<Object> map(String which) {
        List<Object> lines = new ArrayList<>();
        for (Map<String, Object> line : Tree.maps(work.plan(), "idMaps", which)) {
            lines.add(Tree.of("containerID", Tree.number(line, "inside"), "hostID", Tree.number(line, "outside")
                + (work.hasBlock() ? FIRST_ID : 0),
                "size", Tree.number(line, "count")));
        }
        return lines;
    }

    private Map<String, Object> resources() {
        Map<String, Object> resources = new LinkedHashMap<>();
        Map<String, Object> memory = new LinkedHashMap<>();
        limited(work.spec().resources().memory()).ifPresent(bytes -> memory.put("limit", bytes));
        if (!memory.isEmpty()) {
            resources.put("memory", memory);
        }
        limited(work.spec().resources().pids()).ifPresent(count -> resources.put("pids", Tree.of("limit", count)));
        Map<String, Object> cpu = new LinkedHashMap<>();
        work.spec().resources().cpuWeight().ifPresent(weight -> cpu.put("shares", Math.max(2L, weight * 1024L / 100)));
        work.spec().resources().cpus().ifPresent(cpus -> {
            cpu.put("quota", Math.round(cpus * 100_000));
            cpu.put("period", 100_000);
        });
        if (!cpu.isEmpty()) {
            resources.put("cpu", cpu);
        }
        return resources;
    }

    private static OptionalLong limited(OptionalLong limit) {
        return limit.isPresent() && limit.getAsLong() != ResourceLimit.UNLIMITED ? limit : OptionalLong.empty();
    }

    private void seccomp(Map<String, Object> linux) {
        if (!work.process().containsKey("seccomp")) {
            return;
        }
        can.add(Aspect.SECCOMP);
        String profile = work.spec().seccomp().flatMap(Seccomp::profileJson).orElseGet(OciSeccomp::defaultList);
        linux.put("seccomp", OciSeccomp.of(profile, FilterSummary.isArm(Tree.text(work.process(), "seccomp", "filter"))));
    }
}
