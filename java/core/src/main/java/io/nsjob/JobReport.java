package io.nsjob;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What the supervisor read from the kernel about a job, before its command could run. */
public interface JobReport {

    /**
     * The job's name.
     *
     * @return as in the spec, or generated
     */
    String name();

    /**
     * The profile it was compiled from.
     *
     * @return the profile
     */
    Profile profile();

    /**
     * All eight namespaces of the job beside those of the supervisor's caller.
     *
     * @return the namespaces
     */
    NamespaceReport namespaces();

    /**
     * The uid map as the kernel shows it.
     *
     * @return its lines; empty when no id is mapped or the user namespace is not new
     */
    List<IdRange> uidMap();

    /**
     * The gid map as the kernel shows it.
     *
     * @return its lines
     */
    List<IdRange> gidMap();

    /**
     * Whether setgroups(2) is denied or allowed.
     *
     * @return {@code deny}, {@code allow}, or empty where the kernel did not say
     */
    String setgroups();

    /**
     * Ids, groups and capabilities of the job.
     *
     * @return the credentials
     */
    JobCredentials credentials();

    /**
     * What holds the job besides: keyring, Landlock, user namespaces.
     *
     * @return as its own processes found it
     */
    JobHardening hardening();

    /**
     * What this job does not have of what its profile stands for.
     *
     * @return one line each, {@code topic: what}; empty when nothing is missing
     */
    List<String> weakened();

    /**
     * The job's pid as this JVM sees it.
     *
     * @return a pid
     */
    long hostPid();

    /**
     * The job's pid inside.
     *
     * @return a pid
     */
    long insidePid();

    /**
     * The pid of the job's init as this JVM sees it.
     *
     * @return a pid, empty when the helper did not say
     */
    OptionalLong initPid();

    /**
     * The limits in force.
     *
     * @return as compiled
     */
    JobLimits limits();

    /**
     * The job's terminal.
     *
     * @return empty when it has none
     */
    Optional<JobTerminal> terminal();

    /**
     * The job's cgroups, and the limits that the helper read back from them.
     *
     * @return directories, each with the names of files and what is in them; empty for a job without cgroups
     */
    Map<String, Map<String, String>> cgroups();

    /**
     * How long each stage took.
     *
     * @return in order; exec is the last, once the command runs
     */
    List<StageTiming> stages();

    /**
     * The report as one JSON object.
     *
     * @return indented
     */
    String toJson();
}
