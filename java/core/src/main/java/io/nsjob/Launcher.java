package io.nsjob;

import io.nsjob.internal.run.Become;
import io.nsjob.internal.run.JobLauncher;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The engine: starts jobs, and owns what they need outside the JVM. */
public interface Launcher extends AutoCloseable {

    /**
     * Opens a launcher with the driver that fits best: {@link Driver#RESIDENT} where JNA can be loaded, which takes some 100 ms the
     * first time, and {@link Driver#PER_JOB} elsewhere. The system property {@code nsjob.driver}, {@code resident} or {@code per-job},
     * goes before that.
     *
     * @return a launcher to be closed
     * @throws SandboxException when no helper can be found, or no private directory for its sockets
     * @throws IllegalArgumentException when the property is neither
     */
    static Launcher open() throws SandboxException {
        return open(JobLauncher.preferred());
    }

    /**
     * Opens a launcher.
     *
     * @param driver how to reach the helper
     * @return a launcher to be closed
     * @throws SandboxException when no helper can be found, or no private directory for its sockets; or when the driver needs JNA
     *         and that cannot be loaded
     */
    static Launcher open(Driver driver) throws SandboxException {
        return JobLauncher.open(Objects.requireNonNull(driver, "driver"));
    }

    /**
     * Compiles a job spec to the launch plan that the helper would execute here and now, and runs nothing. Ids of a block
     * are chosen only when a job starts, so the plan lists the candidates.
     *
     * @param spec with a command
     * @return the plan, JSON, indented
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     */
    static String plan(JobSpec spec) {
        return JobLauncher.plan(Objects.requireNonNull(spec, "spec"));
    }

    /**
     * Runs a job and waits for its end. Its output is captured.
     *
     * @param spec with a command
     * @return how it ended
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    default JobResult run(JobSpec spec) throws SandboxException, InterruptedException {
        return run(spec, StartOptions.defaults());
    }

    /**
     * Runs a job and waits for its end.
     *
     * @param spec with a command
     * @param options streams; a held job cannot be run, as nobody could release it
     * @return how it ended
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    JobResult run(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Starts a job. Returns when its command runs, that is after exec has succeeded, or, for a held job, when all is set up.
     *
     * @param spec with a command
     * @param options streams, and whether to hold it
     * @return the running job, to be closed
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made, or the command not be executed
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    Job start(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Starts a job with {@link StartOptions#defaults()}.
     *
     * @param spec with a command
     * @return the running job, to be closed
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made, or the command not be executed
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    default Job start(JobSpec spec) throws SandboxException, InterruptedException {
        return start(spec, StartOptions.defaults());
    }

    /**
     * Runs a job without waiting. Cancelling the future, unlike that of {@link Job#onExit()}, kills the job.
     *
     * @param spec with a command
     * @return the result to come; fails with {@link SandboxException} or {@link InvalidSpecException}
     */
    CompletableFuture<JobResult> runAsync(JobSpec spec);

    /**
     * Starts a command in the namespaces of what is running already, as nsenter(1) does, but with what holds the target rather than
     * with the caller's rights; see {@link JoinTarget}. The command is a child of a helper of its own that is in the target's pid
     * namespace too, and ends with the target's init. What it lacks of what holds the target is in {@link JobReport#weakened}.
     *
     * @param target what to join
     * @param command a spec of profile bare with a command. What it says goes before what the target has: environment (clear: true
     *        leaves it empty, false is the caller's), cwd, user, umask, capabilities, no_new_privs, seccomp, terminal, limits
     *        of time, output and single processes; all else is settled by the target
     * @param options streams, and whether to hold it
     * @return the running command, to be closed
     * @throws InvalidSpecException when the spec says something else, or this caller cannot have the target's ids
     * @throws SandboxException when there is no such target, when it is closed to this user, or the command could not be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    Job join(JoinTarget target, JobSpec command, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Starts a command in the namespaces of what is running already, with {@link StartOptions#defaults()}.
     *
     * @param target what to join
     * @param command the program and its arguments
     * @return the running command, to be closed
     * @throws InvalidSpecException when this caller cannot have the target's ids
     * @throws SandboxException when there is no such target, when it is closed to this user, or the command could not be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    default Job join(JoinTarget target, String... command) throws SandboxException, InterruptedException {
        return join(target, JobSpec.bare().command(command).build(), StartOptions.defaults());
    }

    /**
     * Makes a world and keeps it, with nothing in it that runs: commands are run there one after another, or at once.
     *
     * @param world a spec without a command. Its limits of time, and of output, are those of each command; its other limits, and
     *        its cgroups, are the world's as a whole
     * @return the world, to be closed
     * @throws InvalidSpecException when this spec cannot run for this caller on this machine
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the world is gone
     */
    Sandbox open(JobSpec world) throws SandboxException, InterruptedException;

    /**
     * Replaces this JVM: the whole process leaves its namespaces and becomes the command, with the pid and the streams it has, as
     * {@code exec} of a shell does. No shutdown hook runs, no buffer is written, and no descriptor above 2 stays open. A failure from then on is one line on standard error, and exit status 125, or 126
     * and 127 for a command that cannot be executed. Loads JNA.
     *
     * @param spec as for {@link #unshare}
     * @param options with the streams of {@link UnshareOptions#inherited()}
     * @return never, in fact: the type lets a caller write {@code throw}
     * @throws InvalidSpecException when this spec cannot run in place, or not for this caller on this machine
     * @throws SandboxException when there is no helper; this JVM is what it was then
     */
    static SandboxException become(JobSpec spec, UnshareOptions options) throws SandboxException {
        return Become.become(Objects.requireNonNull(spec, "spec"), Objects.requireNonNull(options, "options"));
    }

    /**
     * Starts a process that leaves its namespaces by unshare(2) and becomes the command, without a change of its pid. It is
     * not a job: nobody supervises it, and closing this launcher does not end it. Returns when the command runs.
     *
     * @param spec with a command, and with nothing that takes a supervisor: limits of time, output or memory, results to
     *     collect, a terminal
     * @param options streams, and whether to fork
     * @return the process
     * @throws InvalidSpecException when this spec cannot run in place, or not for this caller on this machine
     * @throws SandboxException when the namespaces could not be made, or the command not be executed; nothing is left then
     * @throws InterruptedException when this thread was interrupted; the process has been killed
     */
    UnsharedProcess unshare(JobSpec spec, UnshareOptions options) throws SandboxException, InterruptedException;

    /**
     * How this launcher reaches the helper.
     *
     * @return the driver in use
     */
    Driver driver();

    /** Kills all jobs of this launcher, waits until they are reaped, and removes what it kept outside the JVM. */
    @Override
    void close();
}
