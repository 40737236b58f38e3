package io.nsjob;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whose namespaces a command joins: those of a running job, of a process, or the ones behind files; see {@link Launcher#join}.
 * Immutable.
 *
 * <p>Of a job or a process everything is taken that differs from the caller's: all kinds of namespaces, root directory, working
 * directory, control groups, ids, capabilities, no_new_privs, system call filter, resource limits, environment and umask; never
 * more than the target has. {@link #only} takes some kinds of namespaces, and then the root and the working directory with mnt,
 * the control groups with cgroup. Of files only the namespaces are taken, and in a user namespace the ids 0, as nsenter(1) does.
 */
public final class JoinTarget {
    private final Optional<String> job;
    private final long pid;
    private final Map<NamespaceKind, String> files;
    private final Set<NamespaceKind> kinds;
    private final boolean callersCredentials;

    private JoinTarget(Optional<String> job, long pid, Map<NamespaceKind, String> files, Set<NamespaceKind> kinds,
            boolean callersCredentials) {
        this.job = job;
        this.pid = pid;
        this.files = files;
        this.kinds = kinds;
        this.callersCredentials = callersCredentials;
    }

    /**
     * A running job.
     *
     * @param name as {@link Jobs#find} takes it
     * @return the target
     */
    public static JoinTarget job(String name) {
        return new JoinTarget(Optional.of(name), 0, Map.of(), Set.of(), false);
    }

    /**
     * A process. Its start time is read when the command is started, and holds the pid to this process from then on.
     *
     * @param pid as this JVM sees it
     * @return the target
     * @throws IllegalArgumentException when it is not positive
     */
    public static JoinTarget pid(long pid) {
        if (pid <= 0) {
            throw new IllegalArgumentException("not a pid: " + pid);
        }
        return new JoinTarget(Optional.empty(), pid, Map.of(), Set.of(), false);
    }

    /**
     * The namespaces behind files, such as {@code /run/netns/blue} or {@code /proc/7/ns/net}.
     *
     * @param paths absolute, by kind; at least one
     * @return the target
     * @throws IllegalArgumentException when there is none, or one is not absolute
     */
    public static JoinTarget namespaces(Map<NamespaceKind, String> paths) {
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("no namespace to join");
        }
        paths.forEach((kind, path) -> {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("not an absolute path: " + path);
            }
        });
        return new JoinTarget(Optional.empty(), 0, Collections.unmodifiableMap(new EnumMap<>(paths)), Set.of(), false);
    }

    /**
     * Only some kinds of namespaces of it.
     *
     * @param kinds at least one; those that are the caller's own anyway change nothing
     * @return the target
     * @throws IllegalArgumentException when none is named, or the target is files, which are chosen already
     */
    public JoinTarget only(NamespaceKind... kinds) {
        if (kinds.length == 0 || !files.isEmpty()) {
            throw new IllegalArgumentException(kinds.length == 0 ? "no kind of namespace" : "files are of one kind each");
        }
        return new JoinTarget(job, pid, files, Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(kinds))), callersCredentials);
    }

    /**
     * The caller's ids, groups and capabilities as they are, instead of the target's: more than those who are there have, perhaps.
     * What such a command opens or answers there is answered with the caller's rights.
     *
     * @return the target
     */
    public JoinTarget withCallersCredentials() {
        return new JoinTarget(job, pid, files, kinds, true);
    }

    /** {@return the job's name or number, empty unless it is a job} */
    public Optional<String> job() {
        return job;
    }

    /** {@return the pid, 0 unless it is a process} */
    public long pid() {
        return pid;
    }

    /** {@return paths by kind, empty unless it is files} */
    public Map<NamespaceKind, String> files() {
        return files;
    }

    /** {@return the kinds that were chosen, empty for all} */
    public Set<NamespaceKind> kinds() {
        return kinds;
    }

    /** {@return whether the caller's ids and capabilities are kept} */
    public boolean callersCredentials() {
        return callersCredentials;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JoinTarget that && job.equals(that.job) && pid == that.pid && files.equals(that.files)
            && kinds.equals(that.kinds) && callersCredentials == that.callersCredentials;
    }

    @Override
    public int hashCode() {
        return Objects.hash(job, pid, files, kinds, callersCredentials);
    }

    /** For people. */
    @Override
    public String toString() {
        String what = job.map(name -> "job " + name).orElse(pid > 0 ? "pid " + pid : files.toString());
        return "JoinTarget[" + what + (kinds.isEmpty() ? "" : ", only " + kinds) + (callersCredentials ? ", caller's credentials" : "") + "]";
    }
}
