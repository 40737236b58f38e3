package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Overlay;
import io.nsjob.Propagation;
import io.nsjob.RootKind;
import io.nsjob.Rootfs;
import io.nsjob.Tmpfs;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.Identity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** The mount steps of a job: those of the host's tree with something on top, or a root of its own from nothing. */
final class RootPlan {
    /** The job's home and working directory in a root of its own. */
    static final String HOME = "/work";

    /** Directories and empty files to mount on, and the generated files; what the user adds comes on top. */
    private static final long ROOT_SIZE = 1L << 20;
    private static final long ROOT_INODES = 1024;
    private static final long PAGE = 4096;
    private static final long SHM_SIZE = 16L << 20;
    private static final long SHM_INODES = 1024;
    private static final long SMALL_SIZE = 16L << 20;
    private static final long BUILD_SHM_SIZE = 256L << 20;
    private static final int MAX_HIDDEN_PARTS = 4;

    /** Symlinks into /usr on a merged system, directories elsewhere. */
    private static final List<String> TOP = List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");
    /** Settings that programs in /usr need and that say nothing about the host's users. */
    private static final List<String> SETTINGS = List.of("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf",
        "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted",
        "/etc/protocols", "/etc/services", "/etc/ssl/certs", "/etc/ssl/openssl.cnf");
    /** Debian keeps the settings of its JDKs there; without them no JVM starts. */
    private static final String JAVA_SETTINGS = "java-";

    /** As other runtimes have it: the kernel's memory, keys and timers, and what differs from host to host. */
    private static final List<String> MASKED = List.of("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
        "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats");
    /** Settings of the whole machine. */
    private static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
        "/proc/sysrq-trigger");

    private final JobSpec spec;
    private final HostTree host;
    private final HostFacts facts;
    private final DiskMaps maps;
    private final Optional<Bind> workspace;
    /** Where the user has something put: nothing of ours is mounted there. */
    private final Set<String> mounted = new HashSet<>();
    private final MountSteps steps = new MountSteps();

    RootPlan(JobSpec spec, HostTree host, HostFacts facts, DiskMaps maps) {
        this.spec = spec;
        this.host = host;
        this.facts = facts;
        this.maps = maps;
        workspace = Workspace.bind(spec, facts);
        workspace.ifPresent(bind -> mounted.add(bind.target()));
        spec.binds().forEach(bind -> mounted.add(bind.target()));
        spec.tmpfs().forEach(tmpfs -> mounted.add(tmpfs.target()));
        spec.overlays().forEach(overlay -> mounted.add(overlay.target()));
    }

    static boolean isMinimal(JobSpec spec) {
        return spec.rootKind() == RootKind.MINIMAL;
    }

    /** The job's home. In the host's tree it is the caller's, with nothing of the caller's in it, or the directory for what goes away. */
    static String home(JobSpec spec, HostTree host, HostFacts facts) {
        switch (spec.rootKind()) {
            case MINIMAL:
                return HOME;
            case READONLY_HOST:
                return new HostCover(host, facts).home().flatMap(place -> facts.home()).orElse("/tmp");
            default:
                return "/";
        }
    }

    List<Map<String, Object>> steps(IdPlan ids, String hostname, List<String> violations) {
        if (!isNew(NamespaceKind.MNT)) {
            return steps.list();
        }
        Workspace.check(spec, facts, host, violations);
        for (int i = 0; i < spec.binds().size(); i++) {
            Bind bind = spec.binds().get(i);
            if (!bind.optional() && host.isMissing(bind.source())) {
                violations.add("$.filesystem.binds[" + i + "].source: there is no " + bind.source());
            }
        }
        overlays(violations);
        steps.propagation(spec.propagation().orElse(Propagation.PRIVATE).jsonName());
        if (isMinimal(spec)) {
            minimal(ids.uid(), ids.gid(), hostname);
        } else if (spec.rootKind() == RootKind.READONLY_HOST) {
            readOnlyHost(ids, hostname, violations);
        } else if (spec.rootfs().isPresent()) {
            directory(spec.rootfs().get(), ids, hostname, violations);
        } else {
            proc();
            if (spec.freshSys().orElse(false)) {
                steps.filesystem("sysfs", "/sys");
            }
            userMounts();
            if (hasProc()) {
                Chroot.proc(spec, host).ifPresent(path -> steps.filesystem("proc", path));
            }
        }
        return steps.list();
    }

    private boolean isNew(NamespaceKind kind) {
        return spec.namespace(kind) instanceof NamespaceMode.New;
    }

    private void proc() {
        if (hasProc()) {
            steps.filesystem("proc", "/proc");
        }
    }

    private boolean hasProc() {
        return isNew(NamespaceKind.PID) && spec.freshProc().orElse(true);
    }

    private void minimal(OptionalLong uid, OptionalLong gid, String hostname) {
        long bytes = spec.files().stream().mapToLong(file -> (file.size() / PAGE + 1) * PAGE).sum();
        steps.root(ROOT_SIZE + bytes, ROOT_INODES);
        steps.bind(Bind.readOnly("/usr"));
        for (String path : TOP) {
            Optional<String> link = host.link(path);
            if (link.isPresent()) {
                steps.symlink(path, link.get());
            } else if (host.exists(path)) {
                steps.bind(Bind.readOnly(path));
            }
        }
        settings(uid, gid, hostname);
        proc();
        steps.dev(SHM_SIZE, SHM_INODES);
        mqueue();
        writable();
        userMounts();
        userContents();
        steps.paths("mask", MASKED);
        steps.paths("readOnly", READ_ONLY);
        steps.pivot(true);
    }

    private void settings(OptionalLong uid, OptionalLong gid, String hostname) {
        EtcFiles etc = new EtcFiles(host);
        etc.ownUsers(uid, gid, HOME);
        etc.network(hostname, isNew(NamespaceKind.NET));
        etc.files().forEach(this::unlessNamed);
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.addAll(host.entries("/etc", JAVA_SETTINGS));
        settings.stream().filter(path -> !isNamed(path)).forEach(path -> steps.bind(new Bind(path, path, true, true)));
    }

    private void unlessNamed(String path, String text) {
        if (!isNamed(path)) {
            steps.file(path, text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private boolean isNamed(String path) {
        return mounted.contains(path) || spec.files().stream().anyMatch(file -> file.path().equals(path));
    }

    /** The host's tree read-only, and over what is somebody's there something that is the job's. */
    private void readOnlyHost(IdPlan ids, String hostname, List<String> violations) {
        steps.rootBind("/", true);
        proc();
        steps.dev(BUILD_SHM_SIZE, SHM_INODES);
        mqueue();
        if (isNew(NamespaceKind.NET)) {
            steps.filesystem("sysfs", "/sys");
            steps.paths("readOnly", List.of("/sys"));
        }
        HostCover cover = new HostCover(host, facts);
        cover.closed().stream().filter(path -> !mounted.contains(path)).forEach(steps::closedDirectory);
        cover.directories().stream().filter(tmpfs -> !mounted.contains(tmpfs.target())).forEach(steps::tmpfs);
        boolean unprivileged = facts.identity().caller() == Identity.Caller.USER;
        List<List<String>> hidden = cover.hidden(!unprivileged);
        if (hidden.size() > MAX_HIDDEN_PARTS) {
            violations.add("$.filesystem.root: too many sockets of the host would have to be hidden; use \"minimal\" and binds");
        }
        hidden.forEach(part -> steps.paths("mask", part));
        EtcFiles etc = new EtcFiles(host);
        OptionalLong uid = ids.uid().isEmpty() && unprivileged ? OptionalLong.of(facts.identity().uid()) : ids.uid();
        OptionalLong gid = ids.gid().isEmpty() && unprivileged ? OptionalLong.of(facts.identity().gid()) : ids.gid();
        etc.hostUsers(facts.userName().filter(name -> unprivileged).orElse("job"), uid, gid, home(spec, host, facts));
        etc.network(hostname, isNew(NamespaceKind.NET));
        etc.files().forEach((path, text) -> cover.place(path).ifPresent(place -> unlessNamed(place, text)));
        userMounts();
        userContents();
        steps.paths("mask", MASKED);
        steps.paths("mask", List.of("/sys/firmware", "/sys/devices/virtual/powercap"));
        steps.paths("readOnly", READ_ONLY);
        steps.pivot(true);
    }

    /** What the image says, with the job's own directories on it. Whatever is a link in it, to wherever, is walked inside it. */
    private void directory(Rootfs rootfs, IdPlan ids, String hostname, List<String> violations) {
        if (!host.isDirectory(rootfs.directory())) {
            violations.add("$.filesystem.rootfs.directory: there is no directory " + rootfs.directory());
        }
        if (rootfs.upper().filter(upper -> !host.isDirectory(upper)).isPresent()) {
            violations.add("$.filesystem.rootfs.upper: there is no directory " + rootfs.upper().get());
        }
        steps.rootfs(rootfs, maps.image(ids));
        proc();
        steps.dev(SHM_SIZE, SHM_INODES);
        mqueue();
        Stream.of(new Tmpfs("/tmp", Tmpfs.DEFAULT_SIZE), new Tmpfs("/run", SMALL_SIZE))
            .filter(tmpfs -> !mounted.contains(tmpfs.target())).forEach(steps::tmpfs);
        EtcFiles etc = new EtcFiles(host);
        etc.network(hostname, isNew(NamespaceKind.NET));
        etc.files().forEach((path, text) -> {
            if (host.isPlainFile(rootfs.directory() + path)) {
                unlessNamed(path, text);
            }
        });
        userMounts();
        userContents();
        steps.paths("mask", MASKED);
        steps.paths("readOnly", READ_ONLY);
        steps.pivot(rootfs.access() == Rootfs.Access.READ_ONLY);
    }

    private void mqueue() {
        if (isNew(NamespaceKind.IPC)) {
            steps.filesystem("mqueue", "/dev/mqueue");
        }
    }

    private void writable() {
        List<Tmpfs> ours = List.of(new Tmpfs("/tmp", Tmpfs.DEFAULT_SIZE), new Tmpfs(HOME, Tmpfs.DEFAULT_SIZE),
            new Tmpfs("/run", SMALL_SIZE), new Tmpfs("/var/tmp", SMALL_SIZE));
        ours.stream().filter(tmpfs -> !mounted.contains(tmpfs.target())).forEach(steps::tmpfs);
        steps.symlink("/var/run", "/run");
    }

    /** What lies above comes first, whichever was named first: it would hide what lies below. */
    private void userMounts() {
        Map<String, Runnable> mounts = new LinkedHashMap<>();
        spec.tmpfs().forEach(tmpfs -> mounts.put(tmpfs.target(), () -> steps.tmpfs(tmpfs)));
        workspace.ifPresent(bind -> mounts.put(bind.target(), () -> steps.bind(bind, maps.of(bind))));
        spec.binds().forEach(bind -> mounts.put(bind.target(), () -> steps.bind(bind, maps.of(bind))));
        spec.overlays().forEach(overlay -> mounts.put(overlay.target(), () -> steps.overlay(overlay, this::layerMap)));
        mounts.entrySet().stream()
            .sorted(Comparator.comparingLong(mount -> mount.getKey().chars().filter(c -> c == '/').count()))
            .forEach(mount -> mount.getValue().run());
    }

    /** Unlike with a bind nobody has to ask for it: without, the job could change nothing of root's. */
    private Optional<Map<String, Object>> layerMap(String source, IdMapping mapping) {
        return isNew(NamespaceKind.USER) ? maps.of(source, mapping) : Optional.empty();
    }

    private void overlays(List<String> violations) {
        for (int i = 0; i < spec.overlays().size(); i++) {
            Overlay overlay = spec.overlays().get(i);
            String field = "$.filesystem.overlays[" + i + "].";
            for (int k = 0; k < overlay.lower().size(); k++) {
                directory(field + "lower[" + k + "]", overlay.lower().get(k), violations);
            }
            overlay.upper().ifPresent(upper -> directory(field + "upper", upper, violations));
        }
    }

    private void directory(String field, String path, List<String> violations) {
        if (!host.isDirectory(path)) {
            violations.add(field + ": there is no directory " + path);
        }
    }

    private void userContents() {
        spec.directories().forEach(steps::directory);
        spec.files().forEach(file -> steps.file(file.path(), file.content()));
        spec.symlinks().forEach(steps::symlink);
    }
}
