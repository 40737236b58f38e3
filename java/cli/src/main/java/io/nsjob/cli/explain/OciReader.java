package io.nsjob.cli.explain;

import io.nsjob.Capabilities;
import io.nsjob.cli.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The config.json of an OCI bundle: what a job can say of it, and a note for the rest. */
final class OciReader {
    private static final Set<String> TOP = Set.of("ociVersion", "process", "root", "hostname", "domainname", "mounts", "linux");
    private static final Set<String> PROCESS = Set.of("terminal", "user", "args", "env", "cwd", "rlimits", "capabilities",
        "noNewPrivileges",
        "oomScoreAdj");
    private static final Set<String> LINUX = Set.of("namespaces", "uidMappings", "gidMappings", "resources", "seccomp",
        "maskedPaths", "readonlyPaths",
        "rootfsPropagation", "timeOffsets", "cgroupsPath");
    /** What nsjob mounts by itself where the root is a directory. */
    private static final Set<String> MADE = Set.of("/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys/fs/cgroup");

    private final Map<String, Object> document;
    private final Map<String, Object> spec = Tree.of("nsjob", 1, "profile", "bare");
    private final Set<String> notes = new LinkedHashSet<>();

    OciReader(Map<String, Object> document) {
        this.document = document;
    }

    Reading read() throws UsageException {
        warn("", document, TOP);
        process();
        for (String name : List.of("hostname", "domainname")) {
            Tree.at(document, name).ifPresent(value -> spec.put(name, value));
        }
        root();
        mounts();
        linux();
        return new Reading(List.of(), spec, List.copyOf(notes));
    }

    private void warn(String path, Map<String, Object> tree, Set<String> known) {
        tree.keySet().stream().filter(field -> !known.contains(field)).forEach(field ->
            notes.add(path + field + ": is not read"));
    }

    private void process() throws UsageException {
        Map<String, Object> process = Tree.map(document, "process");
        List<String> args = Tree.texts(process, "args");
        if (args.isEmpty()) {
            throw new UsageException("explain: process.args: there is no command in this config.json");
        }
        warn("process.", process, PROCESS);
        spec.put("command", args);
        List<String> names = new ArrayList<>();
        for (String entry : Tree.texts(process, "env")) {
            names.add(entry.substring(0, Math.max(0, entry.indexOf('='))));
        }
        spec.put("environment", Tree.of("clear", true, "pass", names));
        if (!names.isEmpty()) {
            notes.add("process.env: values are not shown; those of the environment here are passed on, or write them under"
                + " environment.set");
        }
        Tree.at(process, "cwd").ifPresent(cwd -> spec.put("cwd", cwd));
        if (Tree.is(process, "terminal")) {
            spec.put("terminal", true);
        }
        spec.put("noNewPrivileges", Tree.is(process, "noNewPrivileges"));
        if (Tree.at(process, "oomScoreAdj").isPresent()) {
            spec.put("oomScoreAdj", Tree.number(process, "oomScoreAdj"));
        }
        Map<String, Object> user = Tree.of("uid", Tree.number(process, "user", "uid"), "gid", Tree.number(process, "user",
            "gid"));
        List<Object> groups = Tree.list(process, "user", "additionalGids");
        if (!groups.isEmpty()) {
            user.put("groups", groups);
        }
        spec.put("user", user);
        Tree.at(process, "user", "umask").ifPresent(mask -> spec.put("umask", String.format("%03o",
            Tree.number(process, "user", "umask"))));
        capabilities(process);
        for (Map<String, Object> limit : Tree.maps(process, "rlimits")) {
            String name = Tree.text(limit, "type").replace("RLIMIT_", "").toLowerCase(Locale.ROOT);
            Tree.object(spec, "rlimits").put(name, Tree.of("soft", amount(limit, "soft"), "hard", amount(limit, "hard")));
        }
    }

    private static Object amount(Map<String, Object> limit, String which) {
        String digits = Tree.text(limit, which);
        return digits.length() > 18 ? "unlimited" : (Object) Tree.number(limit, which);
    }

    private void capabilities(Map<String, Object> process) {
        List<String> known = new ArrayList<>();
        for (String name : Tree.texts(process, "capabilities", "bounding")) {
            String plain = name.replaceFirst("^CAP_", "");
            if (Capabilities.names().contains(plain)) {
                known.add(plain);
            } else {
                notes.add("process.capabilities: there is no " + name);
            }
        }
        spec.put("capabilities", known.isEmpty() ? "none" : Tree.of("drop", List.of(Capabilities.ALL), "add", known));
        if (!known.isEmpty()) {
            notes.add("process.capabilities: the bounding set is taken for all five sets");
        }
    }

    private void root() {
        Map<String, Object> filesystem = Tree.object(spec, "filesystem");
        String path = Tree.text(document, "root", "path");
        boolean readOnly = Tree.is(document, "root", "readonly");
        if (path.equals("/")) {
            filesystem.put("root", readOnly ? "readonly-host" : "host");
            return;
        }
        filesystem.put("root", "directory");
        filesystem.put("rootfs", Tree.of("directory", path.startsWith("/") ? path : "/" + path, "access", readOnly ? "readOnly"
            : "writable"));
        if (!path.startsWith("/")) {
            notes.add("root.path: '" + path + "' is relative to the bundle; write its absolute path into"
                + " filesystem.rootfs.directory");
        }
    }

    private void mounts() {
        for (Map<String, Object> mount : Tree.maps(document, "mounts")) {
            String target = Tree.text(mount, "destination");
            List<String> options = Tree.texts(mount, "options");
            String type = Tree.text(mount, "type");
            boolean bind = options.contains("bind") || options.contains("rbind") || type.equals("bind");
            if (bind) {
                Map<String, Object> entry = Tree.of("source", Tree.text(mount, "source"), "target", target, "readOnly",
                    options.contains("ro"));
                Tree.array(Tree.object(spec, "filesystem"), "binds").add(entry);
            } else if (type.equals("tmpfs") && !MADE.contains(target)) {
                tmpfs(target, options);
            } else if (type.equals("proc") && !target.equals("/proc") || !MADE.contains(target)) {
                notes.add("mounts: " + type + " on " + target + " is not carried over");
            }
        }
    }

    private void tmpfs(String target, List<String> options) {
        Map<String, Object> entry = Tree.of("target", target);
        for (String option : options) {
            if (option.matches("size=[0-9]+[kmgKMG]?")) {
                entry.put("size", option.substring("size=".length()).toLowerCase(Locale.ROOT));
            }
        }
        Tree.array(Tree.object(spec, "filesystem"), "tmpfs").add(entry);
    }

    private void linux() {
        Map<String, Object> linux = Tree.map(document, "linux");
        warn("linux.", linux, LINUX);
        Map<String, Object> namespaces = new LinkedHashMap<>();
        for (Map<String, Object> namespace : Tree.maps(linux, "namespaces")) {
            String type = Tree.text(namespace, "type");
            OciForm.TYPES.entrySet().stream().filter(entry -> entry.getValue().equals(type)).findFirst().ifPresentOrElse(
                entry -> namespaces.put(entry.getKey().kernelName(), Tree.at(namespace, "path").isPresent()
                    ? Tree.of("join", Tree.text(namespace, "path")) : "new"),
                () -> notes.add("linux.namespaces: there is no " + type));
        }
        spec.put("namespaces", namespaces);
        if (namespaces.getOrDefault("user", "").equals("new")) {
            spec.put("idMap", Tree.of("users", map(linux, "uidMappings"), "groups", map(linux, "gidMappings")));
        } else if (!namespaces.containsKey("user")) {
            notes.add("there is no user namespace: uid " + Tree.number(spec, "user", "uid")
                + " inside is the same one outside, and it takes root");
        }
        resources(Tree.map(linux, "resources"));
        Tree.at(linux, "seccomp").ifPresent(seccomp -> spec.put("seccomp", OciSeccomp.toDocker(Tree.map(seccomp))));
        if (!Tree.list(linux, "maskedPaths").isEmpty() || !Tree.list(linux, "readonlyPaths").isEmpty()) {
            notes.add("linux.maskedPaths, readonlyPaths: a root of nsjob's hides a list of its own");
        }
        if (linux.containsKey("cgroupsPath")) {
            notes.add("linux.cgroupsPath: nsjob chooses the place");
        }
        Tree.map(linux, "timeOffsets").forEach((clock, offset) ->
            Tree.object(spec, "timeOffsets").put(clock, Tree.number(offset, "secs") + "s"));
        String propagation = Tree.text(linux, "rootfsPropagation").replaceFirst("^r", "");
        boolean own = !Tree.text(spec, "filesystem", "root").equals("host");
        if (own && !propagation.isEmpty() && !propagation.equals("private")) {
            notes.add("linux.rootfsPropagation: a root of the job's own is always private");
        } else if (!own && List.of("private", "slave", "shared").contains(propagation)) {
            Tree.object(spec, "filesystem").put("propagation", propagation);
        }
    }

    private static List<Object> map(Map<String, Object> linux, String which) {
        List<Object> lines = new ArrayList<>();
        for (Map<String, Object> line : Tree.maps(linux, which)) {
            lines.add(Tree.of("inside", Tree.number(line, "containerID"), "outside", Tree.number(line, "hostID"), "count",
                Tree.number(line, "size")));
        }
        return lines;
    }

    private void resources(Map<String, Object> resources) {
        Map<String, Object> limits = new LinkedHashMap<>();
        if (Tree.number(resources, "memory", "limit") > 0) {
            limits.put("memory", Long.toString(Tree.number(resources, "memory", "limit")));
        }
        if (Tree.number(resources, "pids", "limit") > 0) {
            limits.put("pids", Tree.number(resources, "pids", "limit"));
        }
        if (Tree.number(resources, "cpu", "quota") > 0) {
            limits.put("cpus", Tree.number(resources, "cpu", "quota") / (double) Math.max(1, Tree.number(resources, "cpu",
                "period")));
        }
        if (Tree.number(resources, "cpu", "shares") > 0) {
            limits.put("cpuWeight", Math.max(1, Math.min(10_000, Tree.number(resources, "cpu", "shares") * 100 / 1024)));
        }
        resources.keySet().stream().filter(field -> !List.of("memory", "pids", "cpu").contains(field))
            .forEach(field -> notes.add("linux.resources." + field + ": is not read"));
        if (!limits.isEmpty()) {
            Tree.object(spec, "limits").putAll(limits);
        }
    }
}
