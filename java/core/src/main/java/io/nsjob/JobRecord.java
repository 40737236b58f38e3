package io.nsjob;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of a running job that was given a name, to every process of the user who started it. Pids are as that JVM
 * sees them, which is one in the same pid namespace; with the start time a pid cannot be mistaken for that of a later process.
 *
 * @param name the job's; several may have the same
 * @param created when it was started
 * @param profile what it was compiled from
 * @param command the program and its arguments; empty for a {@link Sandbox}
 * @param supervisor the helper process that owns the job
 * @param init pid 1 of the job's pid namespace; empty when it has none of its own
 * @param main the process that runs the command
 * @param namespaces all eight beside those of the one who started it
 * @param uidMap the uid map as the kernel showed it; empty when no user namespace was made
 * @param gidMap the gid map
 * @param cgroups the directories of its control groups
 * @param weakened what it does not have of what its profile stands for
 * @param limits those in force for the job as a whole, for people, one line each, with who enforces it
 * @param stages how long each stage of its launch took, in microseconds; the last is missing until the command runs
 * @param json the whole record: the above, the spec without values of environment variables and without contents of files,
 *        credentials, limits, and the seccomp filter (base64 of the program of bpf) unless that is very long
 */
public record JobRecord(String name, Instant created, Profile profile, List<String> command, ProcessId supervisor,
        Optional<ProcessId> init, ProcessId main, NamespaceReport namespaces, List<IdRange> uidMap, List<IdRange> gidMap,
        List<String> cgroups, List<String> weakened, List<String> limits, List<StageTiming> stages, String json) {
    /** Copies the lists, and checks that nothing is missing. */
    public JobRecord {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(created, "created");
        Objects.requireNonNull(profile, "profile");
        Objects.requireNonNull(supervisor, "supervisor");
        Objects.requireNonNull(init, "init");
        Objects.requireNonNull(main, "main");
        Objects.requireNonNull(namespaces, "namespaces");
        Objects.requireNonNull(json, "json");
        command = List.copyOf(command);
        uidMap = List.copyOf(uidMap);
        gidMap = List.copyOf(gidMap);
        cgroups = List.copyOf(cgroups);
        weakened = List.copyOf(weakened);
        limits = List.copyOf(limits);
        stages = List.copyOf(stages);
    }

    /**
     * A process that cannot be mistaken for another.
     *
     * @param pid its pid
     * @param startTime clock ticks from boot to its start, field 22 of {@code /proc/PID/stat}, see proc_pid_stat(5)
     */
    public record ProcessId(long pid, long startTime) {
    }

    /** Its name and pids. */
    @Override
    public String toString() {
        return "JobRecord[" + name + ", supervisor " + supervisor.pid() + ", pid " + main.pid() + "]";
    }
}
