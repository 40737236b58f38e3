package io.nsjob.internal.os;

import io.nsjob.IdRange;
import io.nsjob.NamespaceKind;
import io.nsjob.SandboxException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A running process, as a command that joins it must know it: proc(5). Read once; who acts on it later compares the start time.
 */
public final class TargetProcess {
    private static final int ESRCH = 3;
    private static final int EACCES = 13;
    private static final String STAGE = "open-namespaces";

    private final long pid;
    private final long startTime;
    private final Path directory;
    private final Map<NamespaceKind, String> namespaces = new EnumMap<>(NamespaceKind.class);
    private final Map<String, String> status = new LinkedHashMap<>();
    private final Identity identity;

    private TargetProcess(long pid, long startTime) throws IOException {
        this.pid = pid;
        this.startTime = startTime;
        directory = Path.of("/proc", Long.toString(pid));
        for (NamespaceKind kind : NamespaceKind.values()) {
            namespace(directory, kind).ifPresent(link -> namespaces.put(kind, link));
        }
        for (String line : ProcText.lines(directory.resolve("status"))) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                status.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        }
        identity = Identity.read(directory);
    }

    /**
     * Looks at a process.
     *
     * @param pid as this JVM sees it
     * @return what it is
     * @throws SandboxException when there is none, or it is closed to this user
     */
    public static TargetProcess read(long pid) throws SandboxException {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        OptionalLong before = ProcStat.startTime(stat);
        try {
            if (before.isPresent()) {
                TargetProcess process = new TargetProcess(pid, before.getAsLong());
                if (ProcStat.startTime(stat).equals(before)) {
                    return process;
                }
            }
        } catch (AccessDeniedException e) {
            throw new SandboxException(STAGE, "readlink", EACCES, String.valueOf(e.getFile()), "process " + pid + " is closed to this user",
                "only its own user may look into it, and only while it may be traced (ptrace(2), \"ptrace access mode checking\"): "
                    + "name a job's main process or its name, or run as root");
        } catch (IOException | IllegalStateException e) {
            Log.debug(TargetProcess.class, "process " + pid + " went while it was looked at", e);
        }
        throw new SandboxException(STAGE, "", ESRCH, stat.getParent().toString(), "there is no process " + pid, "");
    }

    private static Optional<String> namespace(Path process, NamespaceKind kind) throws IOException {
        Path link = process.resolve("ns").resolve(kind.kernelName());
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (java.nio.file.NoSuchFileException e) {
            // Of a kernel without this kind, or gone: the start time tells.
            return Optional.empty();
        }
    }

    /** {@return its pid} */
    public long pid() {
        return pid;
    }

    /** {@return clock ticks from boot to its start} */
    public long startTime() {
        return startTime;
    }

    /** {@return ids as this JVM's user namespace sees them, and its maps} */
    public Identity identity() {
        return identity;
    }

    /**
     * Whether one of its namespaces is another than ours.
     *
     * @param kind which
     * @return false where the kernel has no such kind
     */
    public boolean differs(NamespaceKind kind) {
        try {
            Optional<String> own = namespace(Path.of("/proc/self"), kind);
            return namespaces.containsKey(kind) && !own.equals(Optional.of(namespaces.get(kind)));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read /proc/self/ns", e);
        }
    }

    /**
     * The number of a namespace.
     *
     * @param kind which
     * @return the inode; 0 where the kernel has no such kind
     */
    public long inode(NamespaceKind kind) {
        String digits = namespaces.getOrDefault(kind, "").replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    /** {@return whether its root directory has another path than ours; within one mount namespace that is another one} */
    public boolean hasOtherRoot() {
        try {
            return !Files.readSymbolicLink(directory.resolve("root")).equals(Files.readSymbolicLink(Path.of("/proc/self/root")));
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * A set of capabilities.
     *
     * @param field as in status: CapPrm
     * @return a mask
     */
    public long capabilities(String field) {
        return Long.parseUnsignedLong(status.getOrDefault(field, "0"), 16);
    }

    /**
     * A small number of its status.
     *
     * @param field such as Seccomp
     * @return 0 where the kernel does not say
     */
    public int number(String field) {
        String text = status.getOrDefault(field, "");
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }

    /** {@return its umask; empty before Linux 4.7} */
    public Optional<Integer> umask() {
        return Optional.ofNullable(status.get("Umask")).map(octal -> Integer.parseInt(octal, 8));
    }

    /** {@return its variables as exec left them, empty when they cannot be read; what is not UTF-8 is left out} */
    public Optional<Map<String, String>> environment() {
        return Environ.of(directory.resolve("environ"));
    }

    /**
     * A resource limit.
     *
     * @param resource number of RLIMIT_*
     * @return soft and hard, {@code Long.MAX_VALUE} for none; empty when it is not known
     */
    public Optional<long[]> limit(int resource) {
        return ProcText.limit(ProcText.lines(directory.resolve("limits")), resource);
    }

    /** {@return the security label that an LSM gives it; empty where there is none} */
    public String label() {
        return label(directory);
    }

    /** {@return that of this JVM} */
    public static String ownLabel() {
        return label(Path.of("/proc/self"));
    }

    private static String label(Path process) {
        return String.join("", ProcText.lines(process.resolve("attr/current"))).replace("\0", "");
    }

    /** {@return the control groups that it is in and this JVM is not, as far as they can be seen} */
    public List<CgroupHierarchy> cgroups() {
        Path self = Path.of("/proc/self");
        List<CgroupHierarchy> own = CgroupHierarchy.read(self);
        List<CgroupHierarchy> others = new ArrayList<>(CgroupHierarchy.read(directory.resolve("cgroup"), self.resolve("mountinfo")));
        others.removeAll(own);
        return others;
    }

    /**
     * What an id of ours is inside of its user namespace.
     *
     * @param map {@link Identity#uidMap} or {@link Identity#gidMap} of it
     * @param id as we see it
     * @return empty when it is not mapped
     */
    public static OptionalLong inside(List<IdRange> map, long id) {
        return map.stream().filter(line -> line.containsOutside(id)).mapToLong(line -> line.inside() + id - line.outside()).findFirst();
    }
}
