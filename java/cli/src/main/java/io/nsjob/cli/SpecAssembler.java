package io.nsjob.cli;

import io.nsjob.Capabilities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From a command line to a job spec document. It only writes down what was asked for: defaults, profiles and checks
 * belong to {@link io.nsjob.JobSpec}, so that the command line and the library cannot differ.
 */
final class SpecAssembler {
    private static final List<String> NETWORKS = List.of("none", "host");
    private static final List<String> PROFILES = List.of("isolated", "bare", "build");
    private static final List<String> LANDLOCK = List.of("auto", "off", "required");
    private static final List<String> PROPAGATIONS = List.of("private", "slave", "shared", "unchanged");
    /** Any of these makes the profile {@code bare}, as unshare(1) does exactly what is named and nothing else. */
    private static final List<RunOption> UNSHARE_OPTIONS = List.of(
        RunOption.MOUNT, RunOption.UTS, RunOption.IPC, RunOption.NET, RunOption.PID, RunOption.USER, RunOption.CGROUP,
        RunOption.TIME, RunOption.JOIN, RunOption.PERSIST, RunOption.MAP_ROOT, RunOption.MAP_CURRENT, RunOption.MAP_USERS,
        RunOption.MAP_GROUPS, RunOption.MAP_USER, RunOption.MAP_GROUP, RunOption.MAP_AUTO, RunOption.SETGROUPS,
        RunOption.MOUNT_PROC, RunOption.MOUNT_SYS);
    private static final Map<RunOption, String> LETTERS = letters();

    private final RunLine line;
    private final Map<String, Object> spec;

    private SpecAssembler(RunLine line, Map<String, Object> spec) {
        this.line = line;
        this.spec = spec;
    }

    /**
     * @param base the spec file's document, or null
     * @param shell the command of a run that names namespaces and no command, as unshare(1) starts one
     */
    static Map<String, Object> assemble(RunLine line, Map<String, Object> base, IdMapOptions.Caller caller, String shell)
        throws UsageException {
        return assemble(line, base, caller, shell, base == null && hasAny(line, UNSHARE_OPTIONS));
    }

    /** @param likeUnshare whether the profile is bare unless it is named, and the command a shell unless there is one */
    static Map<String, Object> assemble(RunLine line, Map<String, Object> base, IdMapOptions.Caller caller, String shell,
        boolean likeUnshare) throws UsageException {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("nsjob", 1);
        if (base != null) {
            spec.putAll(base);
        }
        SpecAssembler assembler = new SpecAssembler(line, spec);
        assembler.profile(likeUnshare);
        assembler.command(likeUnshare, shell);
        assembler.namespaces();
        assembler.pins();
        IdMapOptions.apply(line, caller, spec);
        assembler.world();
        FileOptions.apply(line, spec);
        assembler.environment();
        assembler.process();
        assembler.limits();
        LimitOptions.apply(line, spec);
        TerminalOptions.apply(line, spec);
        CollectOption.apply(line, spec);
        return spec;
    }

    private static boolean hasAny(RunLine line, List<RunOption> options) {
        for (RunOption option : options) {
            if (line.has(option)) {
                return true;
            }
        }
        return false;
    }

    private static Map<RunOption, String> letters() {
        Map<RunOption, String> letters = new LinkedHashMap<>();
        letters.put(RunOption.USER, "user");
        letters.put(RunOption.MOUNT, "mnt");
        letters.put(RunOption.PID, "pid");
        letters.put(RunOption.NET, "net");
        letters.put(RunOption.IPC, "ipc");
        letters.put(RunOption.UTS, "uts");
        letters.put(RunOption.CGROUP, "cgroup");
        letters.put(RunOption.TIME, "time");
        letters.put(RunOption.MOUNT_PROC, "mnt");
        letters.put(RunOption.MOUNT_SYS, "mnt");
        return letters;
    }

    private void profile(boolean likeUnshare) throws UsageException {
        if (line.value(RunOption.PROFILE).isPresent()) {
            spec.put("profile", Values.word(RunOption.PROFILE, line.value(RunOption.PROFILE).get(), PROFILES));
        } else if (likeUnshare) {
            spec.put("profile", "bare");
        }
        text(RunOption.NAME, "name");
    }

    private void command(boolean likeUnshare, String shell) throws UsageException {
        if (!line.command().isEmpty()) {
            spec.put("command", line.command());
        } else if (!line.has(RunOption.SPEC)) {
            if (!likeUnshare) {
                throw new UsageException("run: no command given; see 'nsjob run --help'");
            }
            spec.put("command", List.of(shell));
        }
    }

    private void namespaces() throws UsageException {
        for (Map.Entry<RunOption, String> letter : LETTERS.entrySet()) {
            if (line.has(letter.getKey())) {
                object(spec, "namespaces").put(letter.getValue(), "new");
            }
        }
        if (line.has(RunOption.NETWORK)) {
            String network = Values.word(RunOption.NETWORK, line.value(RunOption.NETWORK).orElseThrow(), NETWORKS);
            if (line.has(RunOption.NET)) {
                throw new UsageException("run: --network and --net exclude each other");
            }
            object(spec, "namespaces").put("net", network.equals("host") ? "inherit" : "new");
        }
        for (String join : line.values(RunOption.JOIN)) {
            Map.Entry<String, Map<String, Object>> joined = Values.join(join);
            for (Map.Entry<RunOption, String> letter : LETTERS.entrySet()) {
                if (letter.getValue().equals(joined.getKey()) && line.has(letter.getKey())) {
                    throw new UsageException("run: namespace " + joined.getKey() + " cannot be both new and joined");
                }
            }
            object(spec, "namespaces").put(joined.getKey(), joined.getValue());
        }
    }

    private void pins() throws UsageException {
        for (String typed : line.values(RunOption.PERSIST)) {
            Map.Entry<String, String> pin = Values.pin(typed);
            object(spec, "namespaces").putIfAbsent(pin.getKey(), "new");
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("kind", pin.getKey());
            tree.put("path", pin.getValue());
            list(spec, "pins").add(tree);
        }
    }

    private void world() throws UsageException {
        text(RunOption.HOSTNAME, "hostname");
        text(RunOption.DOMAINNAME, "domainname");
        if (line.has(RunOption.PROPAGATION)) {
            String kind = Values.word(RunOption.PROPAGATION, line.value(RunOption.PROPAGATION).orElseThrow(), PROPAGATIONS);
            object(spec, "filesystem").put("propagation", kind);
        }
        if (line.has(RunOption.NO_PROC)) {
            object(spec, "filesystem").put("proc", false);
        }
        if (line.has(RunOption.MOUNT_PROC)) {
            object(spec, "filesystem").put("proc", true);
        }
        if (line.has(RunOption.MOUNT_SYS)) {
            object(spec, "filesystem").put("sys", true);
        }
        offset(RunOption.MONOTONIC, "monotonic");
        offset(RunOption.BOOTTIME, "boottime");
    }

    private void offset(RunOption option, String field) throws UsageException {
        if (line.has(option)) {
            String offset = Values.duration(option, line.value(option).orElseThrow(), true);
            object(spec, "timeOffsets").put(field, offset);
        }
    }

    private void environment() throws UsageException {
        if (line.has(RunOption.CLEAR_ENV)) {
            object(spec, "environment").put("clear", true);
        }
        for (String entry : line.values(RunOption.ENV)) {
            int equals = entry.indexOf('=');
            String name = equals < 0 ? entry : entry.substring(0, equals);
            if (name.isEmpty()) {
                throw new UsageException("run: --env: a variable needs a name"); // the value may be a secret: not shown
            }
            Map<String, Object> environment = object(spec, "environment");
            Map<String, Object> set = object(environment, "set");
            List<Object> pass = list(environment, "pass");
            set.remove(name);
            pass.remove(name);
            if (equals < 0) {
                pass.add(name);
            } else {
                set.put(name, entry.substring(equals + 1));
            }
        }
    }

    private void process() throws UsageException {
        text(RunOption.CWD, "cwd");
        if (line.has(RunOption.UMASK)) {
            String umask = line.value(RunOption.UMASK).orElseThrow();
            if (!umask.matches("0?[0-7]{1,3}")) {
                throw Values.bad(RunOption.UMASK, umask, "an octal number from 0 to 777");
            }
            spec.put("umask", "000".substring(Math.min(3, umask.length())) + umask);
        }
        flag(RunOption.AS_PID_1, "asPid1", true);
        flag(RunOption.NEW_SESSION, "newSession", true);
        flag(RunOption.NO_NEW_PRIVS, "noNewPrivileges", true);
        flag(RunOption.KEEP_CAPS, "capabilities", "keep");
        capabilities();
        flag(RunOption.NEW_KEYRING, "newKeyring", true);
        flag(RunOption.ALLOW_NESTING, "allowNestedUserNamespaces", true);
        if (line.has(RunOption.LANDLOCK)) {
            spec.put("landlock", Values.word(RunOption.LANDLOCK, line.value(RunOption.LANDLOCK).orElseThrow(), LANDLOCK));
        }
        if (line.has(RunOption.SECCOMP)) {
            spec.put("seccomp", SeccompOption.value(line.value(RunOption.SECCOMP).orElseThrow()));
        }
        flag(RunOption.SECCOMP_LOG, "seccompLog", true);
    }

    private void capabilities() throws UsageException {
        if (!line.has(RunOption.CAP_ADD) && !line.has(RunOption.CAP_DROP)) {
            return;
        }
        Object before = spec.get("capabilities");
        Map<String, Object> changes = object(spec, "capabilities");
        if ("keep".equals(before) || "none".equals(before)) {
            list(changes, "keep".equals(before) ? "add" : "drop").add(Capabilities.ALL);
        }
        names(RunOption.CAP_ADD, changes, "add");
        names(RunOption.CAP_DROP, changes, "drop");
    }

    private void names(RunOption option, Map<String, Object> changes, String field) throws UsageException {
        for (String names : line.values(option)) {
            for (String name : names.split(",")) {
                try {
                    list(changes, field).add(Capabilities.name(name));
                } catch (IllegalArgumentException e) {
                    throw new UsageException("run: " + option.longName() + ": " + e.getMessage());
                }
            }
        }
    }

    private void text(RunOption option, String field) {
        if (line.has(option)) {
            spec.put(field, line.value(option).orElseThrow());
        }
    }

    private void flag(RunOption option, String field, Object value) {
        if (line.has(option)) {
            spec.put(field, value);
        }
    }

    private void limits() throws UsageException {
        if (line.has(RunOption.TIMEOUT)) {
            String time = Values.duration(RunOption.TIMEOUT, line.value(RunOption.TIMEOUT).orElseThrow(), false);
            object(spec, "limits").put("wallTime", time);
        }
        if (line.has(RunOption.KILL_GRACE)) {
            String time = Values.duration(RunOption.KILL_GRACE, line.value(RunOption.KILL_GRACE).orElseThrow(), false);
            object(spec, "limits").put("killGrace", time);
        }
        if (line.has(RunOption.CPU_TIME)) {
            String time = Values.duration(RunOption.CPU_TIME, line.value(RunOption.CPU_TIME).orElseThrow(), false);
            object(spec, "limits").put("cpuTime", time);
        }
        if (line.has(RunOption.OUTPUT_LIMIT)) {
            long bytes = Values.size(RunOption.OUTPUT_LIMIT, line.value(RunOption.OUTPUT_LIMIT).orElseThrow());
            object(spec, "limits").put("output", Long.toString(bytes));
        }
    }

    /** The object in this field, made when it is not there. What a spec file holds there is copied, never changed. */
    static Map<String, Object> object(Map<String, Object> parent, String field) {
        Object there = parent.get(field);
        Map<String, Object> object = there instanceof Map<?, ?> ? new LinkedHashMap<>(Redaction.cast(there)) : new LinkedHashMap<>();
        parent.put(field, object);
        return object;
    }

    static List<Object> list(Map<String, Object> parent, String field) {
        Object there = parent.get(field);
        List<Object> list = there instanceof List<?> values ? new ArrayList<>(values) : new ArrayList<>();
        parent.put(field, list);
        return list;
    }
}
