package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespacePin;
import io.nsjob.Profile;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.RootKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Compiles a job spec to a launch plan: every default of the profile, every name and every id resolved. */
public final class PlanCompiler {
    /** The version of the wire that the plan is written for. */
    public static final int PROTOCOL = 1;

    private static final int ISOLATED_UMASK = 077;
    /** What is built is for others too. */
    private static final int BUILD_UMASK = 022;

    /** Three streams, those of a command, a socket and a process: twice as many, to be sure. */
    private static final int DESCRIPTORS_TO_START = 16;

    private final JobSpec spec;
    private final HostFacts facts;
    private final HostTree host = HostTree.real();
    private final Start start;
    private final boolean isolated;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Object> plan = new LinkedHashMap<>();

    /**
     * What belongs to one start and not to the spec.
     *
     * @param hold whether the job waits for a release
     * @param ownedStdio which of its standard streams are pipes made by this JVM
     * @param limitsOutput whether this JVM limits both outputs
     * @param idDirectory where blocks of ids are locked
     * @param defaultName the job's name where the spec has none
     * @param helper arguments of the helper, which then is the job's program; empty for the spec's command
     * @param commands whether commands will be run beside it, where nothing in the spec forbids what starts them
     */
    public record Start(boolean hold, List<Integer> ownedStdio, boolean limitsOutput, String idDirectory, String defaultName,
            List<String> helper, boolean commands) {
        /** Copies the lists. */
        public Start {
            ownedStdio = List.copyOf(ownedStdio);
            helper = List.copyOf(helper);
        }

        /** Whether the same spec makes the same plan for that one, but for the name. */
        boolean isLike(Start other) {
            return hold == other.hold && limitsOutput == other.limitsOutput && ownedStdio.equals(other.ownedStdio)
                && idDirectory.equals(other.idDirectory) && helper.equals(other.helper) && commands == other.commands;
        }

        /** With the spec's command. */
        public Start(boolean hold, List<Integer> ownedStdio, boolean limitsOutput, String idDirectory, String defaultName) {
            this(hold, ownedStdio, limitsOutput, idDirectory, defaultName, List.of(), false);
        }
    }

    private PlanCompiler(JobSpec spec, HostFacts facts, Start start) {
        this.spec = spec;
        this.facts = facts;
        this.start = start;
        isolated = spec.profile() != Profile.BARE;
    }

    /**
     * Compiles.
     *
     * @param spec what to run
     * @param facts about the caller and the machine
     * @param start what belongs to this start
     * @return the plan
     * @throws InvalidSpecException when this spec cannot run for this caller here
     */
    public static CompiledPlan compile(JobSpec spec, HostFacts facts, Start start) {
        return new PlanCompiler(spec, facts, start).compile();
    }

    private CompiledPlan compile() {
        if (spec.command().isEmpty() && start.helper().isEmpty()) {
            violations.add("$.command: is required to start a job");
        }
        String job = spec.name().orElse(start.defaultName());
        plan.put("protocol", PROTOCOL);
        plan.put("job", job);
        plan.put("namespaces", namespaces());
        timeOffsets();
        IdPlan ids = new IdPlanner(spec, facts, start.idDirectory(), job, violations).plan();
        PlanTree.put(plan, "idMaps", ids.idMaps());
        plan.put("dropGroups", ids.dropGroups());
        if (ids.init().isPresent()) {
            plan.put("init", idPair(ids.init().get()));
        }
        String hostname = spec.hostname().orElse(job);
        DiskMaps diskMaps = new DiskMaps(facts.identity(), ids.uid(), ids.gid(), host);
        diskMaps.check(spec, violations);
        SuidRules.check(spec, facts, host, violations);
        Chroot.check(spec, facts, violations);
        List<Map<String, Object>> mounts = new RootPlan(spec, host, facts, diskMaps).steps(ids, hostname, violations);
        plan.put("mounts", mounts);
        names(job);
        plan.put("loopback", isNew(NamespaceKind.NET) && spec.loopback().orElse(true));
        LimitPlan limits = new LimitPlan(spec, facts, ids, start.limitsOutput(), !start.helper().isEmpty(), violations);
        if (!limits.cgroups().directories().isEmpty()) {
            plan.put("cgroups", limits.cgroups().tree());
        }
        PlanTree.put(plan, "maxUserNamespaces", NestingPlan.maximum(spec, mounts, violations));
        plan.put("process", process(ids, limits, mounts));
        plan.put("limits", limits.tree());
        PlanTree.put(plan, "collect", CollectPlan.of(spec));
        plan.put("hold", start.hold());
        if (!spec.pins().isEmpty()) {
            plan.put("pins", spec.pins().stream().map(PlanCompiler::pin).toList());
        }
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        List<String> weakened = new ArrayList<>(Weakened.list(spec, facts, host, ids, limits));
        weakened.addAll(diskMaps.weakened(spec));
        Optional<String> foreign = diskMaps.foreign(spec, ids);
        if (foreign.isPresent()) {
            weakened.add(foreign.get());
        }
        SuidRules.weakened(spec, facts, weakened);
        return new CompiledPlan(job, spec.profile(), plan, weakened, limits.limits(), limits.cgroups().directories());
    }

    private boolean isNew(NamespaceKind kind) {
        return spec.namespace(kind) instanceof NamespaceMode.New;
    }

    private Map<String, Object> namespaces() {
        Map<String, Object> namespaces = new LinkedHashMap<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            namespaces.put(kind.kernelName(), namespace(kind, spec.namespace(kind)));
        }
        return namespaces;
    }

    private Map<String, Object> namespace(NamespaceKind kind, NamespaceMode mode) {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (mode instanceof NamespaceMode.JoinPath join) {
            tree.put("mode", "join");
            tree.put("path", join.path());
        } else if (mode instanceof NamespaceMode.JoinPid join) {
            tree.put("mode", "join");
            process(tree, kind, "joinPid", join.pid());
        } else {
            tree.put("mode", mode instanceof NamespaceMode.New ? "new" : "inherit");
            if (mode instanceof NamespaceMode.New fresh && fresh.copyOf().isPresent()) {
                process(tree, kind, "copyPid", fresh.copyOf().getAsLong());
            }
        }
        return tree;
    }

    private void process(Map<String, Object> tree, NamespaceKind kind, String field, long pid) {
        OptionalLong startTime = facts.startTime(pid);
        if (startTime.isEmpty()) {
            violations.add("$.namespaces." + kind.kernelName() + "." + field + ": there is no process " + pid);
        }
        tree.put("pid", pid);
        tree.put("startTime", startTime.orElse(0));
    }

    private void timeOffsets() {
        if (spec.monotonicOffset().isEmpty() && spec.boottimeOffset().isEmpty()) {
            return;
        }
        Map<String, Object> offsets = new LinkedHashMap<>();
        offsets.put("monotonic", offset(spec.monotonicOffset()));
        offsets.put("boottime", offset(spec.boottimeOffset()));
        plan.put("timeOffsets", offsets);
    }

    /** As in timens_offsets: seconds rounded down, nanoseconds never negative; so does Duration count. */
    private static Map<String, Object> offset(Optional<Duration> offset) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("seconds", offset.orElse(Duration.ZERO).getSeconds());
        tree.put("nanos", offset.orElse(Duration.ZERO).getNano());
        return tree;
    }

    private void names(String job) {
        Optional<String> hostname = spec.hostname();
        if (hostname.isEmpty() && isolated && isNew(NamespaceKind.UTS)) {
            hostname = Optional.of(job);
        }
        PlanTree.put(plan, "hostname", hostname);
        PlanTree.put(plan, "domainname", spec.domainname());
    }

    private Map<String, Object> process(IdPlan ids, LimitPlan limits, List<Map<String, Object>> mounts) {
        Map<String, String> environment = new EnvironmentPlan(spec, host, facts).variables();
        Map<String, Object> process = new LinkedHashMap<>();
        if (start.helper().isEmpty()) {
            process.put("argv", spec.command());
        } else {
            process.put("self", true);
            process.put("argv", Stream.concat(Stream.of("nsjob"), start.helper().stream()).toList());
        }
        process.put("searchPath", EnvironmentPlan.searchPath(environment));
        process.put("env", EnvironmentPlan.entries(environment));
        PlanTree.put(process, "cwd", spec.cwd().isPresent() ? spec.cwd() : usualCwd());
        PlanTree.put(process, "chroot", spec.chroot());
        PlanTree.put(process, "uid", ids.uid());
        PlanTree.put(process, "gid", ids.gid());
        PlanTree.put(process, "groups", ids.groups());
        if (spec.umask().isPresent() || isolated) {
            process.put("umask", spec.umask().orElse(spec.profile() == Profile.BUILD ? BUILD_UMASK : ISOLATED_UMASK));
        }
        Optional<List<Integer>> capabilities = CapabilityPlan.numbers(spec, facts, ids.uid(), mounts, violations);
        process.put("dropCapabilities", capabilities.isPresent());
        if (capabilities.isPresent() && !capabilities.get().isEmpty()) {
            process.put("capabilities", capabilities.get());
        }
        process.put("noNewPrivs", SeccompPlan.noNewPrivileges(spec));
        process.put("newSession", spec.newSession().orElse(isolated || hasTerminal()));
        if (hasTerminal()) {
            process.put("terminal", terminalSize(spec));
        } else if (!start.ownedStdio().isEmpty()) {
            process.put("ownedStdio", start.ownedStdio());
        }
        limits.addTo(process);
        process.put("asPid1", spec.asPid1());
        PlanTree.put(process, "seccomp", SeccompPlan.of(spec, !start.helper().isEmpty(), violations));
        if (spec.newKeyring().orElse(isolated)) {
            process.put("keyring", SeccompPlan.closesKeyrings(spec) ? "try" : "new");
        }
        PlanTree.put(process, "landlock", LandlockPlan.of(spec, mounts));
        if (NestingPlan.lockMounts(spec)) {
            process.put("lockMounts", true);
        }
        if (start.commands() && !start.helper().isEmpty() && takesCommands(limits, process.get("seccomp"))) {
            process.put("commands", true);
        }
        return process;
    }

    /** What starts them is a job's process in all but its program, with a few descriptors. */
    private boolean takesCommands(LimitPlan limits, Object filter) {
        ResourceLimit descriptors = limits.limits().rlimits().get(Rlimit.NOFILE);
        return isNew(NamespaceKind.PID) && !spec.asPid1() && !hasTerminal() && CommandCalls.areAllowed(filter)
            && (descriptors == null || descriptors.soft() >= DESCRIPTORS_TO_START);
    }

    private Optional<String> usualCwd() {
        if (spec.chroot().isPresent()) {
            return Optional.of("/");
        }
        Optional<String> workspace = Workspace.of(spec, facts);
        return workspace.isPresent() || !isolated && spec.rootKind() == RootKind.HOST ? workspace
            : Optional.of(RootPlan.home(spec, host, facts));
    }

    private boolean hasTerminal() {
        return spec.terminal().orElse(false);
    }

    static Map<String, Object> terminalSize(JobSpec spec) {
        Map<String, Object> tree = new LinkedHashMap<>();
        if (spec.terminalSize().isPresent()) {
            tree.put("rows", spec.terminalSize().get().rows());
            tree.put("columns", spec.terminalSize().get().columns());
        }
        return tree;
    }

    private static Map<String, Object> pin(NamespacePin pin) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("kind", pin.kind().kernelName());
        tree.put("path", pin.path());
        tree.put("inside", pin.inside());
        return tree;
    }

    static Map<String, Object> idPair(IdPlan.Pair pair) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("uid", pair.uid());
        tree.put("gid", pair.gid());
        return tree;
    }
}
