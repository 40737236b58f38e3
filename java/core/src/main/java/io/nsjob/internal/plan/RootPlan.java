package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobFile;
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
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

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
        if (workspace.isPresent()) {
            mounted.add(workspace.get().target());
        }
        for (Bind bind : spec.binds()) {
            mounted.add(bind.target());
        }
        for (Tmpfs tmpfs : spec.tmpfs()) {
            mounted.add(tmpfs.target());
        }
        for (Overlay overlay : spec.overlays()) {
            mounted.add(overlay.target());
        }
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
                return new HostCover(host, facts).home().isPresent() ? facts.home().orElse("/tmp") : "/tmp";
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
            Optional<String> ofChroot = hasProc() ? Chroot.proc(spec, host) : Optional.empty();
            if (ofChroot.isPresent()) {
                steps.filesystem("proc", ofChroot.get());
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
        long bytes = ROOT_SIZE;
        for (JobFile file : spec.files()) {
            bytes += (file.size() / PAGE + 1) * PAGE;
        }
        long inodes = ROOT_INODES;
        for (Tmpfs part : writable()) {
            bytes += part.size();
            inodes += part.inodes();
        }
        steps.root(bytes, inodes);
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
        for (Tmpfs part : writable()) {
            steps.writable(part.target());
        }
        steps.symlink("/var/run", "/run");
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
        for (Map.Entry<String, String> file : etc.files().entrySet()) {
            unlessNamed(file.getKey(), file.getValue());
        }
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.addAll(host.entries("/etc", JAVA_SETTINGS));
        for (String path : settings) {
            if (!isNamed(path)) {
                steps.bind(new Bind(path, path, true, true));
            }
        }
    }

    private void unlessNamed(String path, String text) {
        if (!isNamed(path)) {
            steps.file(path, text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private boolean isNamed(String path) {
        boolean named = mounted.contains(path);
        for (JobFile file : spec.files()) {
            named |= file.path().equals(path);
        }
        return named;
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
        for (String path : cover.closed()) {
            if (!mounted.contains(path)) {
                steps.closedDirectory(path);
            }
        }
        unlessMounted(cover.directories());
        boolean unprivileged = facts.identity().caller() == Identity.Caller.USER;
        List<List<String>> hidden = cover.hidden(!unprivileged);
        if (hidden.size() > MAX_HIDDEN_PARTS) {
            violations.add("$.filesystem.root: too many sockets of the host would have to be hidden; use \"minimal\" and binds");
        }
        for (List<String> part : hidden) {
            steps.paths("mask", part);
        }
        EtcFiles etc = new EtcFiles(host);
        OptionalLong uid = ids.uid().isEmpty() && unprivileged ? OptionalLong.of(facts.identity().uid()) : ids.uid();
        OptionalLong gid = ids.gid().isEmpty() && unprivileged ? OptionalLong.of(facts.identity().gid()) : ids.gid();
        etc.hostUsers(unprivileged ? facts.userName().orElse("job") : "job", uid, gid, home(spec, host, facts));
        etc.network(hostname, isNew(NamespaceKind.NET));
        for (Map.Entry<String, String> file : etc.files().entrySet()) {
            Optional<String> place = cover.place(file.getKey());
            if (place.isPresent()) {
                unlessNamed(place.get(), file.getValue());
            }
        }
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
        if (rootfs.upper().isPresent() && !host.isDirectory(rootfs.upper().get())) {
            violations.add("$.filesystem.rootfs.upper: there is no directory " + rootfs.upper().get());
        }
        steps.rootfs(rootfs, maps.image(ids));
        proc();
        steps.dev(SHM_SIZE, SHM_INODES);
        mqueue();
        unlessMounted(List.of(new Tmpfs("/tmp", Tmpfs.DEFAULT_SIZE), new Tmpfs("/run", SMALL_SIZE)));
        EtcFiles etc = new EtcFiles(host);
        etc.network(hostname, isNew(NamespaceKind.NET));
        for (Map.Entry<String, String> file : etc.files().entrySet()) {
            if (host.isPlainFile(rootfs.directory() + file.getKey())) {
                unlessNamed(file.getKey(), file.getValue());
            }
        }
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

    /** Parts of the root, which is as large as they are together: the kernel's memory for a job grows with its filesystems. */
    private List<Tmpfs> writable() {
        return notMounted(List.of(new Tmpfs("/tmp", Tmpfs.DEFAULT_SIZE), new Tmpfs(HOME, Tmpfs.DEFAULT_SIZE),
            new Tmpfs("/run", SMALL_SIZE), new Tmpfs("/var/tmp", SMALL_SIZE)));
    }

    private void unlessMounted(List<Tmpfs> ours) {
        for (Tmpfs tmpfs : notMounted(ours)) {
            steps.tmpfs(tmpfs);
        }
    }

    private List<Tmpfs> notMounted(List<Tmpfs> ours) {
        List<Tmpfs> free = new ArrayList<>();
        for (Tmpfs tmpfs : ours) {
            if (!mounted.contains(tmpfs.target())) {
                free.add(tmpfs);
            }
        }
        return free;
    }

    /** What lies above comes first, whichever was named first: it would hide what lies below. */
    private void userMounts() {
        Map<String, Object> mounts = new LinkedHashMap<>();
        for (Tmpfs tmpfs : spec.tmpfs()) {
            mounts.put(tmpfs.target(), tmpfs);
        }
        if (workspace.isPresent()) {
            mounts.put(workspace.get().target(), workspace.get());
        }
        for (Bind bind : spec.binds()) {
            mounts.put(bind.target(), bind);
        }
        for (Overlay overlay : spec.overlays()) {
            mounts.put(overlay.target(), overlay);
        }
        for (int depth = 0; !mounts.isEmpty(); depth++) {
            userMounts(mounts, depth);
        }
    }

    /** Those with so many slashes in their target; they are taken out. */
    private void userMounts(Map<String, Object> mounts, int depth) {
        for (Iterator<Map.Entry<String, Object>> left = mounts.entrySet().iterator(); left.hasNext(); ) {
            Map.Entry<String, Object> mount = left.next();
            if (slashes(mount.getKey()) <= depth) {
                left.remove();
                userMount(mount.getValue());
            }
        }
    }

    private static int slashes(String path) {
        int slashes = 0;
        for (int i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) {
            slashes++;
        }
        return slashes;
    }

    private void userMount(Object mount) {
        if (mount instanceof Bind bind) {
            steps.bind(bind, maps.of(bind));
        } else if (mount instanceof Overlay overlay) {
            steps.overlay(overlay, this::layerMap);
        } else {
            steps.tmpfs((Tmpfs) mount);
        }
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
            if (overlay.upper().isPresent()) {
                directory(field + "upper", overlay.upper().get(), violations);
            }
        }
    }

    private void directory(String field, String path, List<String> violations) {
        if (!host.isDirectory(path)) {
            violations.add(field + ": there is no directory " + path);
        }
    }

    private void userContents() {
        for (String path : spec.directories()) {
            steps.directory(path);
        }
        for (JobFile file : spec.files()) {
            steps.file(file.path(), file.content());
        }
        for (Map.Entry<String, String> link : spec.symlinks().entrySet()) {
            steps.symlink(link.getKey(), link.getValue());
        }
    }
}
