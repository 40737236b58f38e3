package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobResources;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Profile;
import io.nsjob.Rlimit;
import io.nsjob.internal.os.CgroupHierarchy;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.TargetProcess;
import io.nsjob.internal.wire.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compiles a command that joins what is there already: everything comes from the target, but for what the spec says. */
public final class JoinCompiler {
    /** What a command can be given beside the place where it runs: fields of the spec's document. */
    private static final Set<String> FIELDS = Set.of("nsjob", "profile", "name", "command", "environment", "cwd", "umask", "user",
        "noNewPrivileges", "newSession", "capabilities", "seccomp", "seccompLog", "terminal", "limits", "rlimits", "nice", "ionice",
        "cpuAffinity");

    private final JobSpec spec;
    private final HostFacts facts;
    private final PlanCompiler.Start start;
    private final JoinPlace place;
    private final List<String> violations = new ArrayList<>();
    private final List<String> weakened = new ArrayList<>();
    private final Map<String, Object> plan = new LinkedHashMap<>();

    private JoinCompiler(JobSpec spec, HostFacts facts, PlanCompiler.Start start, JoinPlace place) {
        this.spec = spec;
        this.facts = facts;
        this.start = start;
        this.place = place;
    }

    /**
     * Compiles.
     *
     * @param spec the command: profile bare, and nothing about namespaces, ids maps, files and cgroups
     * @param facts about the caller and the machine
     * @param start what belongs to this start
     * @param place what to join
     * @return the plan
     * @throws InvalidSpecException when this command cannot join that for this caller
     */
    public static CompiledPlan compile(JobSpec spec, HostFacts facts, PlanCompiler.Start start, JoinPlace place) {
        return new JoinCompiler(spec, facts, start, place).compile();
    }

    private CompiledPlan compile() {
        check();
        String job = spec.name().orElse(start.defaultName());
        plan.put("protocol", PlanCompiler.PROTOCOL);
        plan.put("job", job);
        boolean joinsUser = namespaces();
        IdPlan ids = new JoinIds(spec, facts, place, joinsUser, violations, weakened).plan();
        plan.put("dropGroups", ids.dropGroups());
        ids.init().ifPresent(init -> plan.put("init", PlanCompiler.idPair(init)));
        plan.put("mounts", List.of());
        plan.put("loopback", false);
        cgroups();
        LimitPlan limits = new LimitPlan(spec, facts, ids, start.limitsOutput(), false, violations);
        plan.put("process", process(ids, limits, joinsUser));
        plan.put("limits", limits.tree());
        plan.put("hold", start.hold());
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        return new CompiledPlan(job, spec.profile(), plan, weakened, limits.limits(), List.of());
    }

    private void check() {
        if (spec.command().isEmpty()) {
            violations.add("$.command: is required to start a job");
        }
        Set<String> others = new TreeSet<>(SpecJson.tree(spec, false).keySet());
        others.removeAll(FIELDS);
        others.forEach(field -> violations.add("$." + field + ": is settled by what is joined"));
        if (!spec.resources().equals(JobResources.UNSAID)) {
            violations.add("$.limits: those by cgroup are settled by what is joined");
        }
        if (spec.profile() != Profile.BARE) {
            violations.add("$.profile: must be bare to join what is there");
        }
    }

    /** Whether a user namespace is joined. */
    private boolean namespaces() {
        Map<String, Object> namespaces = new LinkedHashMap<>();
        boolean joinsUser = false;
        for (NamespaceKind kind : NamespaceKind.values()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            String file = place.target().files().get(kind);
            boolean differs = place.process().map(process -> process.differs(kind) && place.takes(kind)).orElse(false);
            if (file != null && !isOwn(kind, file)) {
                tree.put("mode", "join");
                tree.put("path", file);
            } else if (differs) {
                tree.put("mode", "join");
                tree.putAll(pinned(place.process().get()));
            } else {
                tree.put("mode", "inherit");
            }
            joinsUser |= kind == NamespaceKind.USER && !"inherit".equals(tree.get("mode"));
            namespaces.put(kind.kernelName(), tree);
        }
        plan.put("namespaces", namespaces);
        return joinsUser;
    }

    /** A user namespace can be entered only from outside of it, setns(2). What cannot be looked at is for the helper to refuse. */
    private static boolean isOwn(NamespaceKind kind, String file) {
        try {
            Path own = Path.of("/proc/self/ns", kind.kernelName());
            return Files.getAttribute(Path.of(file), "unix:ino").equals(Files.getAttribute(own, "unix:ino"))
                && Files.getAttribute(Path.of(file), "unix:dev").equals(Files.getAttribute(own, "unix:dev"));
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    private static Map<String, Object> pinned(TargetProcess process) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("pid", process.pid());
        tree.put("startTime", process.startTime());
        return tree;
    }

    private void cgroups() {
        if (place.process().isEmpty() || !place.takes(NamespaceKind.CGROUP)) {
            return;
        }
        List<Map<String, Object>> list = new ArrayList<>();
        Set<String> closed = new TreeSet<>();
        for (CgroupHierarchy cgroup : place.process().get().cgroups()) {
            Path door = cgroup.own().resolve(cgroup.version() == 1 ? "tasks" : "cgroup.procs");
            if (!facts.cgroups().files().isWritable(door)) {
                closed.add(cgroup.version() == 2 ? "unified" : String.join(",", new TreeSet<>(cgroup.controllers())));
                continue;
            }
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("version", cgroup.version());
            tree.put("directory", cgroup.own().toString());
            tree.put("enter", true);
            List.of("write", "atKill", "read").forEach(field -> tree.put(field, List.of()));
            list.add(tree);
        }
        if (!closed.isEmpty()) {
            weakened.add("cgroups: the caller's, and the limits of those, not the target's: " + String.join(" ", closed));
        }
        if (!list.isEmpty()) {
            plan.put("cgroups", list);
        }
    }

    private Map<String, Object> process(IdPlan ids, LimitPlan limits, boolean joinsUser) {
        Map<String, String> environment = environment();
        Map<String, Object> process = new LinkedHashMap<>();
        process.put("argv", spec.command());
        process.put("searchPath", EnvironmentPlan.searchPath(environment));
        process.put("env", environment.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()).toList());
        directories(process);
        ids.uid().ifPresent(uid -> process.put("uid", uid));
        ids.gid().ifPresent(gid -> process.put("gid", gid));
        ids.groups().ifPresent(groups -> process.put("groups", groups));
        Optional<Integer> umask = spec.umask().isPresent() ? Optional.of(spec.umask().getAsInt())
            : place.process().flatMap(TargetProcess::umask);
        umask.ifPresent(mask -> process.put("umask", mask));
        JoinPrivileges privileges = new JoinPrivileges(spec, facts, place, joinsUser, violations, weakened);
        privileges.addTo(process, ids.uid());
        weakened.addAll(privileges.others());
        // In the caller's session the command could answer, or type, on the caller's terminal.
        process.put("newSession", spec.newSession().orElse(true));
        if (spec.terminal().orElse(false)) {
            process.put("terminal", PlanCompiler.terminalSize(spec));
        } else if (!start.ownedStdio().isEmpty()) {
            process.put("ownedStdio", start.ownedStdio());
        }
        limits.addTo(process);
        rlimits(process);
        process.put("asPid1", false);
        return process;
    }

    /** Root and working directory of the target; a directory that is named is one in that root. */
    private void directories(Map<String, Object> process) {
        boolean joinsMounts = place.target().files().containsKey(NamespaceKind.MNT);
        spec.cwd().or(() -> joinsMounts ? Optional.of("/") : Optional.empty()).ifPresent(directory -> process.put("cwd", directory));
        if (place.process().isEmpty() || !place.takes(NamespaceKind.MNT)) {
            return;
        }
        TargetProcess target = place.process().get();
        boolean root = target.differs(NamespaceKind.MNT) || target.hasOtherRoot();
        if (root || spec.cwd().isEmpty()) {
            Map<String, Object> enter = pinned(target);
            enter.put("root", root);
            enter.put("cwd", spec.cwd().isEmpty());
            process.put("enter", enter);
        }
    }

    /** The target's variables: the caller's are none of its business. */
    private Map<String, String> environment() {
        EnvironmentPlan callers = new EnvironmentPlan(spec, HostTree.real(), facts);
        Map<String, String> variables = new LinkedHashMap<>();
        if (!spec.clearEnvironment().orElse(true) || spec.clearEnvironment().isEmpty() && place.process().isEmpty()) {
            variables.putAll(callers.callers());
        } else if (spec.clearEnvironment().isEmpty()) {
            variables.putAll(place.process().flatMap(TargetProcess::environment).orElse(Map.of("PATH", EnvironmentPlan.DEFAULT_PATH)));
        }
        callers.pass(spec.passEnvironment(), variables);
        if (spec.terminal().orElse(false)) {
            variables.put("TERM", facts.environment().getOrDefault("TERM", "dumb"));
        }
        variables.putAll(spec.environment());
        return variables;
    }

    /** The target's resource limits, where they are lower than the caller's; raising one takes privileges. */
    private void rlimits(Map<String, Object> process) {
        if (place.process().isEmpty()) {
            return;
        }
        List<Object> list = new ArrayList<>(process.get("rlimits") instanceof List<?> said ? said : List.of());
        for (Rlimit name : Rlimit.values()) {
            Optional<long[]> limit = place.process().get().limit(name.number());
            if (spec.rlimits().containsKey(name) || limit.isEmpty() || hasOne(list, name)) {
                continue;
            }
            long hard = Math.min(limit.get()[1], facts.hardLimit(name.number()));
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("resource", name.number());
            tree.put("soft", onWire(Math.min(limit.get()[0], hard)));
            tree.put("hard", onWire(hard));
            list.add(tree);
        }
        if (!list.isEmpty()) {
            process.put("rlimits", list);
        }
    }

    private static boolean hasOne(List<Object> list, Rlimit name) {
        return list.stream().anyMatch(entry -> entry instanceof Map<?, ?> tree && Integer.valueOf(name.number()).equals(tree.get("resource")));
    }

    private static long onWire(long value) {
        return value == Long.MAX_VALUE ? -1 : value;
    }
}
