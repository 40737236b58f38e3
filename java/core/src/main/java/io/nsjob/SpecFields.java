package io.nsjob;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields behind a spec and its builder; {@code null} means "as the profile says". */
final class SpecFields {
    Profile profile = Profile.ISOLATED;
    String name;
    List<String> command = List.of();
    Map<NamespaceKind, NamespaceMode> namespaces = new EnumMap<>(NamespaceKind.class);
    List<NamespacePin> pins = new ArrayList<>();
    Duration monotonicOffset;
    Duration boottimeOffset;
    IdMaps idMaps;
    JobUser user;
    String hostname;
    String domainname;
    Propagation propagation;
    Boolean freshProc;
    Boolean freshSys;
    RootKind root;
    String workspace;
    List<Bind> binds = new ArrayList<>();
    List<Tmpfs> tmpfs = new ArrayList<>();
    List<Overlay> overlays = new ArrayList<>();
    List<JobFile> files = new ArrayList<>();
    List<String> directories = new ArrayList<>();
    Map<String, String> symlinks = new LinkedHashMap<>();
    boolean allowSuidInWorkspace;
    Rootfs rootfs;
    String chroot;
    Boolean loopback;
    Boolean clearEnvironment;
    Map<String, String> environment = new LinkedHashMap<>();
    List<String> passEnvironment = new ArrayList<>();
    String cwd;
    Integer umask;
    Boolean noNewPrivileges;
    Boolean newSession;
    Capabilities capabilities;
    Boolean newKeyring;
    LandlockMode landlock;
    Boolean allowNestedUserNamespaces;
    Seccomp seccomp;
    Boolean seccompLog;
    boolean asPid1;
    Boolean terminal;
    TerminalSize terminalSize;
    Duration wallTime;
    Duration killGrace;
    Duration setupTime;
    Long outputLimit;
    Duration cpuTime;
    OutputAction outputAction;
    Map<Rlimit, ResourceLimit> rlimits = new EnumMap<>(Rlimit.class);
    Scheduling scheduling = Scheduling.INHERITED;
    JobResources resources = JobResources.UNSAID;
    List<Collect> collect = new ArrayList<>();

    SpecFields copy() {
        SpecFields to = new SpecFields();
        to.profile = profile;
        to.name = name;
        to.command = List.copyOf(command);
        to.namespaces = new EnumMap<>(namespaces);
        to.pins = new ArrayList<>(pins);
        to.monotonicOffset = monotonicOffset;
        to.boottimeOffset = boottimeOffset;
        to.idMaps = idMaps;
        to.user = user;
        to.hostname = hostname;
        to.domainname = domainname;
        to.propagation = propagation;
        to.freshProc = freshProc;
        to.freshSys = freshSys;
        to.root = root;
        to.workspace = workspace;
        to.binds = new ArrayList<>(binds);
        to.tmpfs = new ArrayList<>(tmpfs);
        to.overlays = new ArrayList<>(overlays);
        to.files = new ArrayList<>(files);
        to.directories = new ArrayList<>(directories);
        to.symlinks = new LinkedHashMap<>(symlinks);
        to.allowSuidInWorkspace = allowSuidInWorkspace;
        to.rootfs = rootfs;
        to.chroot = chroot;
        to.loopback = loopback;
        to.clearEnvironment = clearEnvironment;
        to.environment = new LinkedHashMap<>(environment);
        to.passEnvironment = new ArrayList<>(passEnvironment);
        to.cwd = cwd;
        to.umask = umask;
        to.noNewPrivileges = noNewPrivileges;
        to.newSession = newSession;
        to.capabilities = capabilities;
        to.newKeyring = newKeyring;
        to.landlock = landlock;
        to.allowNestedUserNamespaces = allowNestedUserNamespaces;
        to.seccomp = seccomp;
        to.seccompLog = seccompLog;
        to.asPid1 = asPid1;
        to.terminal = terminal;
        to.terminalSize = terminalSize;
        to.wallTime = wallTime;
        to.killGrace = killGrace;
        to.setupTime = setupTime;
        to.outputLimit = outputLimit;
        to.cpuTime = cpuTime;
        to.outputAction = outputAction;
        to.rlimits = new EnumMap<>(rlimits);
        to.scheduling = scheduling;
        to.resources = resources;
        to.collect = new ArrayList<>(collect);
        return to;
    }

    /** How a kind is treated: what was named, else what the profile says. */
    NamespaceMode mode(NamespaceKind kind) {
        NamespaceMode named = namespaces.get(kind);
        if (named != null) {
            return named;
        }
        return profile != Profile.BARE && kind != NamespaceKind.TIME ? NamespaceMode.fresh() : NamespaceMode.inherit();
    }

    /** What is at /: what was named, else what the profile says. In a mount namespace of somebody else's nothing is built. */
    RootKind rootKind() {
        if (root != null) {
            return root;
        }
        if (profile == Profile.BARE || !isNew(NamespaceKind.MNT)) {
            return RootKind.HOST;
        }
        return profile == Profile.BUILD ? RootKind.READONLY_HOST : RootKind.MINIMAL;
    }

    boolean isNew(NamespaceKind kind) {
        return mode(kind) instanceof NamespaceMode.New;
    }
}
