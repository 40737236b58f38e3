package io.nsjob.internal.wire;

import io.nsjob.IdRange;
import io.nsjob.JobCredentials;
import io.nsjob.JobHardening;
import io.nsjob.JobTerminal;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.StageTiming;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What the helper says. */
public sealed interface Event {

    /**
     * Who the helper is.
     *
     * @param protocol the version it speaks
     * @param version the helper's own
     * @param secret what proves that it is ours
     */
    record Hello(long protocol, String version, String secret) implements Event {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Hello[" + protocol + ", " + version + "]";
        }
    }

    /**
     * All is set up; the job has not run yet.
     *
     * @param supervisorPid the supervisor's own pid, of a helper that tells it
     * @param hostPid the job's pid outside
     * @param insidePid the job's pid inside
     * @param initPid init's pid outside
     * @param namespaces all eight
     * @param uidMap as the kernel shows it
     * @param gidMap as the kernel shows it
     * @param setgroups as the kernel shows it, or empty
     * @param credentials of the job
     * @param unmapped targets of mounts that keep the ids of the disk though they were to be mapped
     * @param cgroups the job's, and the limits that were read back from them
     * @param hardening what holds it besides
     * @param stages so far
     * @param terminal of the job
     * @param savedModes of the caller's terminal, for a helper to restore; empty when there is none
     */
    record Prepared(OptionalLong supervisorPid, long hostPid, long insidePid, OptionalLong initPid, NamespaceReport namespaces, List<IdRange> uidMap,
            List<IdRange> gidMap, String setgroups, JobCredentials credentials, List<String> unmapped,
            Map<String, Map<String, String>> cgroups, JobHardening hardening,
            List<StageTiming> stages, Optional<JobTerminal> terminal, String savedModes) implements Event {

        /**
         * What is true of any command in this world: it has joined what the world has of its own.
         *
         * @return without what is of the one process or of its launch
         */
        public Prepared forCommands() {
            List<NamespaceReport.Entry> joined = namespaces.all().stream().map(entry -> entry.mode() == NamespaceReport.Mode.INHERIT ? entry
                : new NamespaceReport.Entry(entry.kind(), entry.inode(), entry.device(), entry.hostInode(), entry.hostDevice(),
                    NamespaceReport.Mode.JOIN, entry.isolated())).toList();
            return new Prepared(supervisorPid, hostPid, insidePid, initPid, new NamespaceReport(joined), uidMap, gidMap, setgroups,
                credentials, List.of(), cgroups, hardening, List.of(), terminal, "");
        }

        /**
         * One command in this world.
         *
         * @param command as it was told
         * @return what {@link #forCommands} gave, with its pids and stages
         */
        public Prepared with(Running command) {
            return new Prepared(OptionalLong.of(command.supervisorPid()), command.hostPid(), command.insidePid(),
                OptionalLong.of(command.runnerPid()), namespaces, uidMap, gidMap, setgroups, credentials, unmapped, cgroups, hardening,
                command.stages(), terminal, savedModes);
        }
    }

    /**
     * The command runs.
     *
     * @param stages since {@link Prepared}
     */
    record Started(List<StageTiming> stages) implements Event {
    }

    /**
     * A command in an open sandbox runs: {@link Prepared} and {@link Started} in one, all else being as the sandbox's.
     *
     * @param supervisorPid of the sandbox
     * @param hostPid the command's pid outside
     * @param insidePid the command's pid inside
     * @param runnerPid of its parent, which reaps what it leaves, outside
     * @param stages of it alone
     */
    record Running(long supervisorPid, long hostPid, long insidePid, long runnerPid, List<StageTiming> stages) implements Event {
    }

    /**
     * The main process has ended.
     *
     * @param end how the kernel tells it: exited, signaled or lost
     * @param cause why the supervisor ended it, empty when it did not
     * @param wallMillis since start
     */
    record Exited(Outcome end, Optional<Cause> cause, long wallMillis) implements Event {
    }

    /**
     * The whole tree is dead.
     *
     * @param wallMillis since start
     * @param userMicros processor time in user mode
     * @param systemMicros processor time in the kernel
     * @param maxRssBytes largest resident set
     * @param minorFaults page faults without input or output
     * @param majorFaults page faults with it
     * @param cgroups the job's, and what their files held at the end
     */
    record Used(long wallMillis, long userMicros, long systemMicros, long maxRssBytes, long minorFaults, long majorFaults,
            Map<String, Map<String, String>> cgroups) implements Event {
    }

    /**
     * The sandbox failed.
     *
     * @param stage of the launch
     * @param syscall that failed, or empty
     * @param errno its number, or 0
     * @param subject what it was about
     * @param message for people
     * @param hint what to do, or empty
     */
    record Failed(String stage, String syscall, int errno, String subject, String message, String hint) implements Event {
    }

    /** Something about the results of a dead job. */
    sealed interface Part extends Event {
    }

    /**
     * A file whose content follows.
     *
     * @param source which of the places that were named
     * @param path below it, or empty
     * @param size in bytes
     * @param mode its permissions
     */
    record FileBegins(long source, String path, long size, int mode) implements Part {
    }

    /**
     * The next bytes of the file.
     *
     * @param bytes as they are
     */
    record Content(byte[] bytes) implements Part {
    }

    /**
     * What was not collected.
     *
     * @param source which of the places that were named, or empty for all
     * @param path below it, or empty
     * @param reason one word
     */
    record Skipped(OptionalLong source, String path, String reason) implements Part {
    }

    /** Why a supervisor ends a job. */
    enum Cause {
        /** Its wall-clock limit. */
        WALL,
        /** Its limit of processor time. */
        CPU,
        /** A cancel frame. */
        CANCEL,
        /** The end of the connection. */
        CONNECTION,
        /** A SIGTERM to the supervisor itself. */
        TERMINATED,
        /** The caller's terminal is gone, or nobody reads what the job's terminal shows. */
        HANGUP
    }
}
