package io.nsjob.internal.run;

import io.nsjob.CommandSpec;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Outcome;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.JoinLimits;
import io.nsjob.internal.wire.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One life of a sandbox: namespaces that the helper holds as the job of its own, and the commands that were started there. */
final class HeldWorld {
    /** What a failure is about when a command was not handed to anybody, native/src/commands.c. */
    private static final String STARTER = "starter";
    private static final long END_SECONDS = 5;

    private final JobLauncher launcher;
    private final JobSpec spec;
    private final Map<?, ?> process;
    private final RunningJob holder;
    private final long startTime;
    private final Set<RunningJob> commands = ConcurrentHashMap.newKeySet();
    private final WorldCommands known;
    private final Event.Prepared forCommands;
    private final WorldForker forker;
    private volatile boolean takesCommands;
    private volatile boolean closed;

    private HeldWorld(JobLauncher launcher, JobSpec spec, Map<?, ?> process, RunningJob holder, long startTime) {
        this.launcher = launcher;
        this.spec = spec;
        this.process = process;
        this.holder = holder;
        this.startTime = startTime;
        known = launcher.commandsOf(spec);
        forCommands = holder.prepared().forCommands();
        forker = holder.link() instanceof ResidentLink link ? new WorldForker(launcher.helper(), link) : null;
        takesCommands = forker != null && Boolean.TRUE.equals(process.get("commands"));
    }

    /** Takes over a holder that runs. */
    static HeldWorld of(JobLauncher launcher, JobSpec spec, CompiledPlan plan, RunningJob holder) throws SandboxException {
        OptionalLong startTime = ProcStat.startTime(stat(holder));
        if (startTime.isEmpty()) {
            holder.close();
            throw new SandboxException("supervise", "", 0, "", "the sandbox ended at once", "").about(plan.job());
        }
        return new HeldWorld(launcher, spec, (Map<?, ?>) plan.plan().get("process"), holder, startTime.getAsLong());
    }

    private static Path stat(RunningJob holder) {
        return Path.of("/proc", Long.toString(holder.report().hostPid()), "stat");
    }

    String name() {
        return holder.name();
    }

    JobReport report() {
        return holder.report();
    }

    /** Whether this side has ended it. */
    boolean isClosed() {
        return closed;
    }

    /** Whether it is known that it has ended. */
    boolean hasEnded() {
        return closed || holder.result().isDone();
    }

    void onEnd(Runnable action) {
        holder.result().whenCompleteAsync((result, failure) -> action.run(), holder.callbacks());
    }

    /** Asks the kernel: that a process has died is not known here in the same moment. */
    boolean isAlive() {
        return !hasEnded() && ProcStat.isAlive(stat(holder), startTime);
    }

    Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        WorldCommand what = prepare(command);
        RunningJob job = launcher.command(this, what, options, false);
        if (job != null) {
            keep(job);
            try {
                job.awaitReady();
                return job;
            } catch (SandboxException e) {
                giveUpStarter(job, e);
            }
        }
        return join(what.spec(), options);
    }

    /** Runs a command, and waits for nothing but its end. */
    JobResult run(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        WorldCommand what = prepare(command);
        RunningJob job = launcher.command(this, what, options, true);
        if (job != null) {
            keep(job);
            try {
                return job.awaitWhole();
            } catch (SandboxException e) {
                giveUpStarter(job, e);
            }
        }
        try (Job joined = join(what.spec(), options)) {
            return joined.await();
        }
    }

    /** Of worlds of one spec each has limits of its own; all else of a command is the same. */
    private WorldCommand prepare(CommandSpec command) throws SandboxException {
        if (hasEnded()) {
            throw ended();
        }
        checkLimits(command);
        WorldCommand before = known.get(command);
        return before != null ? before : known.put(command, spec(command));
    }

    private SandboxException ended() {
        return new SandboxException("open-namespaces", "", 0, "", "the sandbox has ended", "").about(name());
    }

    private JobSpec spec(CommandSpec command) {
        JobSpec.Builder builder = JobSpec.bare().command(command.argv());
        command.environment().forEach(builder::env);
        command.cwd().ifPresent(builder::cwd);
        JoinLimits.add(spec, command, builder);
        return builder.build();
    }

    private RunningJob join(JobSpec command, StartOptions options) throws SandboxException, InterruptedException {
        RunningJob job = launcher.join(JoinPlaces.of(JoinTarget.pid(report().hostPid()), startTime, process), command, options);
        keep(job);
        return job;
    }

    /** Until it has ended. */
    private void keep(RunningJob job) {
        commands.add(job);
        job.leaveAtEnd(commands);
        if (hasEnded()) {
            // close() may not have seen this one; it cannot have outlived the world, but is to be reaped.
            job.close();
        }
    }

    /** Returns where what starts commands is gone: they come from outside from now on. */
    private void giveUpStarter(RunningJob job, SandboxException failure) throws SandboxException, InterruptedException {
        if (!job.neverRan() && Failures.isSilent(failure) && hasEndedInOrder()) {
            // What its supervisor has begun it has told of.
            throw (SandboxException) ended().initCause(failure);
        }
        if (!failure.subject().equals(STARTER) || failure.stage().equals("exec")) {
            throw failure;
        }
        takesCommands = false;
    }

    /** Whether its supervisor came to its own end. */
    private boolean hasEndedInOrder() throws InterruptedException {
        try {
            // What is known of a command and of its world is told by two connections, the one a moment before the other.
            return !(holder.result().get(END_SECONDS, TimeUnit.SECONDS).outcome() instanceof Outcome.Lost lost && lost.who().equals("supervisor"));
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Whether its supervisor starts commands. */
    boolean takesCommands() {
        return takesCommands;
    }

    Map<?, ?> process() {
        return process;
    }

    Event.Prepared forCommands() {
        return forCommands;
    }

    WorldForker forker() {
        return forker;
    }

    /** Whoever starts the command may raise what the commands themselves may not. */
    private void checkLimits(CommandSpec command) {
        List<String> violations = new ArrayList<>();
        for (Map.Entry<Rlimit, ResourceLimit> limit : command.rlimits().entrySet()) {
            ResourceLimit own = report().limits().rlimits().get(limit.getKey());
            if (own != null && limit.getValue().hard() > own.hard()) {
                violations.add("$.rlimits." + limit.getKey().name().toLowerCase(Locale.ROOT) + ": is above the sandbox's, " + own.hard());
            }
        }
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
    }

    /** Kills all of it, and does not wait. */
    void kill() {
        closed = true;
        holder.cancel(Duration.ZERO);
    }

    /** Kills all of it, and waits until it is reaped. Again, it only waits. */
    void close() {
        closed = true;
        commands.forEach(Job::close);
        holder.close();
    }
}
