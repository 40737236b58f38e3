package io.nsjob;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The rules of a job spec that need no machine to be checked. Each violation begins with the path of its field. */
final class SpecRules implements BiConsumer<String, String> {
    /** Entries of argv and of env in one plan; the helper's own limit. */
    private static final int MAX_ENTRIES = 4096;
    /** Pins of one job; the helper's own limit. */
    private static final int MAX_PINS = 16;
    /** Lines of one id map that the kernel takes, user_namespaces(7). */
    private static final int MAX_MAP_LINES = 340;
    /** Bytes of a host name, __NEW_UTS_LEN. */
    private static final int MAX_NODE_NAME = 64;
    /** The largest byte array that the JDK allocates. */
    private static final long MAX_OUTPUT = Integer.MAX_VALUE - 8L;
    /** A hundred years: far from the end of every clock and counter on the way. */
    private static final Duration MAX_DURATION = Duration.ofDays(36525);

    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private final SpecFields spec;
    private final List<String> violations = new ArrayList<>();

    private SpecRules(SpecFields spec) {
        this.spec = spec;
    }

    static List<String> violations(SpecFields spec) {
        SpecRules rules = new SpecRules(spec);
        rules.profileAndName();
        rules.command();
        rules.namespaces();
        rules.pins();
        rules.timeOffsets();
        rules.ids();
        rules.names();
        rules.needs();
        FilesystemRules.check(spec, rules);
        rules.environment();
        rules.process();
        rules.limits();
        LimitRules.check(spec, rules);
        CollectRules.check(spec, rules);
        return rules.violations;
    }

    @Override
    public void accept(String path, String problem) {
        violations.add(path + ": " + problem);
    }

    private void require(boolean holds, String path, String problem) {
        if (!holds) {
            accept(path, problem);
        }
    }

    private void profileAndName() {
        require(spec.name == null || spec.name.matches(NAME), "$.name",
            "must be 1 to 64 of letters, digits, dot, underscore and hyphen, and begin with a letter or digit");
    }

    private void command() {
        require(spec.command.size() <= MAX_ENTRIES, "$.command", "has more than " + MAX_ENTRIES + " entries");
        for (int i = 0; i < spec.command.size(); i++) {
            text("$.command[" + i + "]", spec.command.get(i));
        }
        require(spec.command.isEmpty() || !spec.command.get(0).isEmpty(), "$.command[0]", "must not be empty");
    }

    private void pins() {
        require(spec.pins.size() <= MAX_PINS, "$.pins", "has more than " + MAX_PINS + " entries");
        for (int i = 0; i < spec.pins.size(); i++) {
            NamespacePin pin = spec.pins.get(i);
            String path = "$.pins[" + i + "]";
            TextRules.place(path + ".path", pin.path(), this);
            require(!(spec.mode(pin.kind()) instanceof NamespaceMode.Inherit), path + ".kind", "the job has no " + pin.kind().kernelName()
                + " namespace of its own that could be pinned");
            require(!pin.inside() || !(spec.mode(NamespaceKind.MNT) instanceof NamespaceMode.Inherit), path + ".inside",
                "needs a mount namespace, new or joined");
            require(spec.pins.stream().limit(i).noneMatch(other -> other.path().equals(pin.path())), path + ".path", "is there twice");
        }
    }

    private void namespaces() {
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : spec.namespaces.entrySet()) {
            NamespaceKind kind = entry.getKey();
            NamespaceMode mode = entry.getValue();
            String path = "$.namespaces." + kind.kernelName();
            if (mode instanceof NamespaceMode.JoinPath join) {
                absolutePath(path + ".join", join.path());
            } else if (mode instanceof NamespaceMode.JoinPid join) {
                require(join.pid() >= 1 && join.pid() <= Integer.MAX_VALUE, path + ".joinPid", "must be a pid, 1 or more");
            } else if (mode instanceof NamespaceMode.New fresh && fresh.copyOf().isPresent()) {
                long pid = fresh.copyOf().getAsLong();
                require(kind == NamespaceKind.MNT, path + ".copyPid", "only mounts can be copied");
                require(pid >= 1 && pid <= Integer.MAX_VALUE, path + ".copyPid", "must be a pid, 1 or more");
            }
        }
    }

    private void timeOffsets() {
        timeOffset("$.timeOffsets.monotonic", spec.monotonicOffset);
        timeOffset("$.timeOffsets.boottime", spec.boottimeOffset);
    }

    private void timeOffset(String path, Duration offset) {
        if (offset != null) {
            require(offset.abs().compareTo(MAX_DURATION) <= 0, path, "must be within 36525 days");
            require(spec.isNew(NamespaceKind.TIME), path, "needs \"namespaces\": {\"time\": \"new\"}");
        }
    }

    private void ids() {
        if (spec.idMaps == null) {
            return;
        }
        require(spec.isNew(NamespaceKind.USER), "$.idMap", "needs a new user namespace");
        boolean ranges = !spec.idMaps.users().isEmpty() || !spec.idMaps.groups().isEmpty();
        require(!ranges || spec.idMaps.preset() == IdMaps.Preset.DEFAULT, "$.idMap.preset",
            "cannot be combined with users and groups");
        ranges("$.idMap.users", spec.idMaps.users());
        ranges("$.idMap.groups", spec.idMaps.groups());
    }

    private void ranges(String path, List<IdRange> ranges) {
        require(ranges.size() <= MAX_MAP_LINES, path, "has more than " + MAX_MAP_LINES + " lines");
        for (int i = 0; i < ranges.size() && i < MAX_MAP_LINES; i++) {
            for (int k = 0; k < i; k++) {
                IdRange one = ranges.get(i);
                IdRange other = ranges.get(k);
                boolean clash = overlap(one.inside(), other.inside(), one.count(), other.count())
                    || overlap(one.outside(), other.outside(), one.count(), other.count());
                require(!clash, path + "[" + i + "]", "overlaps line " + k);
            }
        }
    }

    private static boolean overlap(long one, long other, long oneCount, long otherCount) {
        return one < other + otherCount && other < one + oneCount;
    }

    private void names() {
        nodeName("$.hostname", spec.hostname);
        nodeName("$.domainname", spec.domainname);
    }

    private void nodeName(String path, String name) {
        if (name == null) {
            return;
        }
        text(path, name);
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        require(length >= 1 && length <= MAX_NODE_NAME, path, "must be 1 to " + MAX_NODE_NAME + " bytes");
        require(spec.isNew(NamespaceKind.UTS), path, "needs a new uts namespace");
    }

    private void needs() {
        require(spec.propagation == null || spec.isNew(NamespaceKind.MNT), "$.filesystem.propagation",
            "needs a new mnt namespace");
        require(!Boolean.TRUE.equals(spec.freshProc) || spec.isNew(NamespaceKind.MNT) && spec.isNew(NamespaceKind.PID),
            "$.filesystem.proc", "needs a new mnt and a new pid namespace");
        boolean otherNet = !(spec.mode(NamespaceKind.NET) instanceof NamespaceMode.Inherit);
        require(!Boolean.TRUE.equals(spec.freshSys) || spec.isNew(NamespaceKind.MNT) && otherNet && spec.rootKind() == RootKind.HOST,
            "$.filesystem.sys", "needs a new mnt namespace, a net namespace that is not the caller's, and the host's root");
        require(!Boolean.TRUE.equals(spec.loopback) || spec.isNew(NamespaceKind.NET), "$.network.loopback",
            "needs a new net namespace");
        boolean filtered = spec.seccomp == null ? spec.profile != Profile.BARE : spec.seccomp != Seccomp.NONE;
        boolean dropped = spec.capabilities == null ? spec.profile != Profile.BARE : spec.capabilities != Capabilities.KEEP
            && !spec.capabilities.added().contains("SYS_ADMIN");
        require(!filtered || !dropped || !Boolean.FALSE.equals(spec.noNewPrivileges), "$.seccomp",
            "a filter needs noNewPrivileges, or capabilities that are kept");
        require(!Boolean.TRUE.equals(spec.seccompLog) || filtered, "$.seccompLog", "needs a filter to log for");
        require(!Boolean.TRUE.equals(spec.terminal) || !Boolean.FALSE.equals(spec.newSession), "$.terminal",
            "needs a session of the job's own, but newSession is false");
        boolean noNewPrivileges = spec.noNewPrivileges == null ? spec.profile != Profile.BARE || filtered : spec.noNewPrivileges;
        require(spec.landlock != LandlockMode.REQUIRED || noNewPrivileges, "$.landlock", "needs noNewPrivileges");
        boolean added = spec.capabilities != null && !spec.capabilities.added().isEmpty();
        require(!added || spec.profile == Profile.BARE || spec.isNew(NamespaceKind.USER), "$.capabilities.add",
            "needs a new user namespace: it would be a capability over the host");
        require(!spec.asPid1 || spec.isNew(NamespaceKind.PID), "$.asPid1", "needs a new pid namespace");
    }

    private void environment() {
        require(spec.environment.size() + spec.passEnvironment.size() <= MAX_ENTRIES, "$.environment",
            "has more than " + MAX_ENTRIES + " variables");
        for (Map.Entry<String, String> variable : spec.environment.entrySet()) {
            variableName("$.environment.set", variable.getKey());
            // The message must not show the value, not even a part of it.
            text("$.environment.set." + variable.getKey(), variable.getValue());
        }
        for (int i = 0; i < spec.passEnvironment.size(); i++) {
            variableName("$.environment.pass[" + i + "]", spec.passEnvironment.get(i));
        }
    }

    private void variableName(String path, String name) {
        text(path, name);
        require(!name.isEmpty() && name.indexOf('=') < 0, path, "a variable's name is not empty and has no equals sign");
    }

    private void process() {
        if (spec.cwd != null) {
            absolutePath("$.cwd", spec.cwd);
        }
        require(spec.umask == null || spec.umask >= 0 && spec.umask <= 0777, "$.umask", "must be 0 to 0777, octal");
    }

    private void limits() {
        duration("$.limits.wallTime", spec.wallTime, true);
        duration("$.limits.cpuTime", spec.cpuTime, true);
        duration("$.limits.killGrace", spec.killGrace, false);
        duration("$.limits.setupTime", spec.setupTime, true);
        require(spec.outputLimit == null || spec.outputLimit >= 0 && spec.outputLimit <= MAX_OUTPUT, "$.limits.output",
            "must be 0 to " + MAX_OUTPUT + " bytes");
    }

    private void duration(String path, Duration duration, boolean positive) {
        if (duration != null) {
            require(!duration.isNegative() && duration.compareTo(MAX_DURATION) <= 0, path, "must be 0s to 36525d");
            require(!positive || !duration.isZero(), path, "must be more than zero");
        }
    }

    private void absolutePath(String path, String value) {
        TextRules.absolute(path, value, this);
    }

    private void text(String path, String value) {
        TextRules.text(path, value, this);
    }
}
