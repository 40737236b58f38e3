package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.JobFile;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Propagation;
import io.nsjob.RootKind;
import io.nsjob.Tmpfs;
import io.nsjob.internal.os.HostTree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** Symlinks into /usr on a merged system, directories elsewhere. */
    private static final List<String> TOP = List.of("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");
    /** Settings that programs in /usr need and that say nothing about the host's users. */
    private static final List<String> SETTINGS = List.of("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf",
        "/etc/ld.so.conf.d", "/etc/localtime", "/etc/mime.types", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted",
        "/etc/protocols", "/etc/services", "/etc/ssl/certs", "/etc/ssl/openssl.cnf");
    /** For a job in a network that has names. */
    private static final List<String> NETWORK_SETTINGS = List.of("/etc/hosts", "/etc/resolv.conf");
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
    private final DiskMaps maps;
    private final MountSteps steps = new MountSteps();

    RootPlan(JobSpec spec, HostTree host, DiskMaps maps) {
        this.spec = spec;
        this.host = host;
        this.maps = maps;
    }

    static boolean isMinimal(JobSpec spec) {
        return spec.rootKind() == RootKind.MINIMAL;
    }

    List<Map<String, Object>> steps(OptionalLong uid, OptionalLong gid, String hostname, List<String> violations) {
        if (!isNew(NamespaceKind.MNT)) {
            return steps.list();
        }
        for (int i = 0; i < spec.binds().size(); i++) {
            Bind bind = spec.binds().get(i);
            if (!bind.optional() && host.isMissing(bind.source())) {
                violations.add("$.filesystem.binds[" + i + "].source: there is no " + bind.source());
            }
        }
        steps.propagation(spec.propagation().orElse(Propagation.PRIVATE).jsonName());
        if (isMinimal(spec)) {
            minimal(uid, gid, hostname);
        } else {
            proc();
            userMounts();
        }
        return steps.list();
    }

    private boolean isNew(NamespaceKind kind) {
        return spec.namespace(kind) instanceof NamespaceMode.New;
    }

    private void proc() {
        if (isNew(NamespaceKind.PID) && spec.freshProc().orElse(true)) {
            steps.filesystem("proc", "/proc");
        }
    }

    private void minimal(OptionalLong uid, OptionalLong gid, String hostname) {
        long bytes = spec.files().stream().mapToLong(file -> (file.size() / PAGE + 1) * PAGE).sum();
        steps.root(ROOT_SIZE + bytes, ROOT_INODES);
        steps.bind(Bind.readOnly("/usr"));
        for (String path : TOP) {
            if (host.link(path).isPresent()) {
                steps.symlink(path, host.link(path).get());
            } else if (host.exists(path)) {
                steps.bind(Bind.readOnly(path));
            }
        }
        settings(uid, gid, hostname);
        proc();
        steps.dev(SHM_SIZE, SHM_INODES);
        if (isNew(NamespaceKind.IPC)) {
            steps.filesystem("mqueue", "/dev/mqueue");
        }
        writable();
        userMounts();
        userContents();
        steps.paths("mask", MASKED);
        steps.paths("readOnly", READ_ONLY);
        steps.pivot(true);
    }

    /** An /etc that names the job's ids and nobody of the host. */
    private void settings(OptionalLong uid, OptionalLong gid, String hostname) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("/etc/passwd", "root:x:0:0:root:/:/bin/sh\n"
            + (named(uid) ? "job:x:" + uid.getAsLong() + ":" + gid.orElse(uid.getAsLong()) + ":job:" + HOME + ":/bin/sh\n" : "")
            + "nobody:x:65534:65534:nobody:/:/bin/false\n");
        files.put("/etc/group", "root:x:0:\n" + (named(gid) ? "job:x:" + gid.getAsLong() + ":\n" : "") + "nogroup:x:65534:\n");
        if (isNew(NamespaceKind.NET)) {
            files.put("/etc/hosts", "127.0.0.1 localhost " + hostname + "\n::1 localhost " + hostname + "\n");
            files.put("/etc/resolv.conf", "");
        }
        files.put("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        Set<String> users = new HashSet<>(spec.files().stream().map(JobFile::path).toList());
        spec.binds().forEach(bind -> users.add(bind.target()));
        files.forEach((path, text) -> {
            if (!users.contains(path)) {
                steps.file(path, text.getBytes(StandardCharsets.UTF_8));
            }
        });
        List<String> settings = new ArrayList<>(SETTINGS);
        settings.addAll(host.entries("/etc", JAVA_SETTINGS));
        if (!isNew(NamespaceKind.NET)) {
            settings.addAll(NETWORK_SETTINGS);
        }
        for (String path : settings) {
            if (!users.contains(path)) {
                steps.bind(new Bind(path, path, true, true));
            }
        }
    }

    private static boolean named(OptionalLong id) {
        return id.isPresent() && id.getAsLong() != 0 && id.getAsLong() != 65534;
    }

    private void writable() {
        Set<String> users = new HashSet<>(spec.tmpfs().stream().map(Tmpfs::target).toList());
        spec.binds().forEach(bind -> users.add(bind.target()));
        List<Tmpfs> ours = List.of(new Tmpfs("/tmp", Tmpfs.DEFAULT_SIZE), new Tmpfs(HOME, Tmpfs.DEFAULT_SIZE),
            new Tmpfs("/run", SMALL_SIZE), new Tmpfs("/var/tmp", SMALL_SIZE));
        ours.stream().filter(tmpfs -> !users.contains(tmpfs.target())).forEach(steps::tmpfs);
        steps.symlink("/var/run", "/run");
    }

    /** What lies above comes first, whichever was named first: it would hide what lies below. */
    private void userMounts() {
        Map<String, Runnable> mounts = new LinkedHashMap<>();
        spec.tmpfs().forEach(tmpfs -> mounts.put(tmpfs.target(), () -> steps.tmpfs(tmpfs)));
        spec.binds().forEach(bind -> mounts.put(bind.target(), () -> steps.bind(bind, maps.of(bind))));
        mounts.entrySet().stream()
            .sorted(Comparator.comparingLong(mount -> mount.getKey().chars().filter(c -> c == '/').count()))
            .forEach(mount -> mount.getValue().run());
    }

    private void userContents() {
        spec.directories().forEach(steps::directory);
        spec.files().forEach(file -> steps.file(file.path(), file.content()));
        spec.symlinks().forEach(steps::symlink);
    }
}
