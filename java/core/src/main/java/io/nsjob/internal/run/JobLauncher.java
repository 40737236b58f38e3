package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.UnshareOptions;
import io.nsjob.UnsharedProcess;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.CgroupSweeper;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.NamespaceThread;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.os.StateBase;
import io.nsjob.internal.os.Sweeper;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.plan.InPlacePlan;
import io.nsjob.internal.plan.JoinCompiler;
import io.nsjob.internal.plan.JoinPlace;
import io.nsjob.internal.plan.PlanCompiler;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What all launchers have in common: everything but the way to the supervisor of a job. */
public abstract class JobLauncher implements Launcher {
    private static final String IDS_OF_ROOT = "/run/nsjob/ids";
    private static final String PROPERTY = "nsjob.driver";
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Path helper;
    private final RunDirectory run;
    private final Set<RunningJob> jobs = ConcurrentHashMap.newKeySet();
    private final Plans plans;
    /** Null until there is a sandbox. */
    private WorldCommands.OfSpecs commands;
    private boolean closed;

    /** For the drivers; the directory was acquired for this launcher. */
    JobLauncher(Path helper, RunDirectory run) {
        this.helper = helper;
        this.run = run;
        plans = new Plans(run);
    }

    /**
     * Opens a launcher.
     *
     * @param driver how to reach the helper
     * @return to be closed
     * @throws SandboxException when there is no helper, or no private directory
     */
    public static JobLauncher open(Driver driver) throws SandboxException {
        HostFacts facts = HostFacts.real();
        Path helper = HelperLocator.locate(facts.identity().uid());
        return driver == Driver.RESIDENT ? ResidentLauncher.open(helper, facts) : PerJobLauncher.open(helper, facts);
    }

    /**
     * The driver that fits best.
     *
     * @return as the system property says; without it the resident one where that can be
     * @throws IllegalArgumentException when the property names none
     */
    public static Driver preferred() {
        String name = System.getProperty(PROPERTY, "");
        switch (name) {
            case "resident":
                return Driver.RESIDENT;
            case "per-job":
                return Driver.PER_JOB;
            case "":
                return Reactor.missing() == null ? Driver.RESIDENT : Driver.PER_JOB;
            default:
                throw new IllegalArgumentException(PROPERTY + " must be resident or per-job, and not " + name);
        }
    }

    /** The private directory, once others' leftovers were swept. */
    static RunDirectory prepare(HostFacts facts) throws SandboxException {
        try {
            Path base = StateBase.require(facts.identity());
            new Sweeper(List.of(base)).sweepRuns();
            // Not waited for: it is about other JVMs, and the first job here does not need it.
            Threads.starters().execute(new CgroupSweeper(facts));
            return RunDirectory.acquire(base, facts.identity().uid());
        } catch (IOException e) {
            throw new SandboxException("state", String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Starts the supervisor of a job and the conversation with it, which feeds what is to be told of it. With "here" the calling
     * thread is going to wait for the end, {@link JobLink#serve}.
     */
    abstract JobLink connect(CompiledPlan plan, JobStreams streams, Supervision supervision, boolean here)
        throws SandboxException, InterruptedException;

    /** All jobs are gone. */
    void released() {
        // Nothing is kept between jobs.
    }

    /** Whether descriptors can be handed to a supervisor that is there already. */
    boolean handsOver() {
        return false;
    }

    /**
     * Begins a command in a world whose supervisor starts it; null when it has to join the world as others would.
     *
     * @param brief whether only its end is waited for
     */
    RunningJob command(HeldWorld world, WorldCommand command, StartOptions options, boolean brief) throws SandboxException, InterruptedException {
        return null;
    }

    synchronized WorldCommands commandsOf(JobSpec world) {
        if (commands == null) {
            commands = new WorldCommands.OfSpecs();
        }
        return commands.of(world);
    }

    Path helper() {
        return helper;
    }

    RunDirectory run() {
        return run;
    }

    /**
     * Compiles a spec and runs nothing.
     *
     * @param spec with a command
     * @return the plan, indented
     */
    public static String plan(JobSpec spec) {
        PlanCompiler.Start start = new PlanCompiler.Start(false, JobStreams.owned(StartOptions.defaults()), true, IDS_OF_ROOT, newName());
        return PlanCompiler.compile(spec, HostFacts.real(), start).pretty();
    }

    static String newName() {
        int mixed = (int) (System.nanoTime() * 0x9E3779B97F4A7C15L >>> 32) ^ (int) ProcessHandle.current().pid();
        return "job-" + Integer.toHexString(mixed) + "-" + NAMES.incrementAndGet();
    }

    @Override
    public JobResult run(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException {
        if (options.hold()) {
            throw new IllegalArgumentException("a held job cannot be run: nobody could release it");
        }
        CompiledPlan plan = compile(spec, options, List.of());
        RunningJob job = begin(spec, options, plan, true);
        try {
            return job.awaitWhole();
        } catch (SandboxException e) {
            return again(job, e, spec, options, plan, true).awaitWhole();
        }
    }

    @Override
    public Job start(JobSpec spec, StartOptions options) throws SandboxException, InterruptedException {
        return ready(spec, options, compile(spec, options, List.of()));
    }

    /** A second start, when the helper died before anybody took the job up. */
    private RunningJob again(RunningJob job, SandboxException failure, JobSpec spec, StartOptions options, CompiledPlan plan,
            boolean here)
            throws SandboxException, InterruptedException {
        if (!job.isUnheard()) {
            throw failure;
        }
        return begin(spec, options, plan, here);
    }

    private RunningJob ready(JobSpec spec, StartOptions options, CompiledPlan plan) throws SandboxException, InterruptedException {
        RunningJob job = begin(spec, options, plan, false);
        try {
            job.awaitReady();
        } catch (SandboxException e) {
            job = again(job, e, spec, options, plan, false);
            job.awaitReady();
        }
        return job;
    }

    /**
     * Starts the helper itself as a job's program: PROTOCOL.md, "The helper as a command".
     *
     * @param world what it is to run in; its command is not used
     * @param options streams, and whether to hold it
     * @param arguments of the helper
     * @return the running job, to be closed
     * @throws SandboxException when the sandbox could not be made
     * @throws InterruptedException when this thread was interrupted; the job has been killed and reaped
     */
    public Job startHelper(JobSpec world, StartOptions options, List<String> arguments)
            throws SandboxException, InterruptedException {
        return ready(world, options, compile(world, options, arguments));
    }

    @Override
    public Job join(JoinTarget target, JobSpec command, StartOptions options) throws SandboxException, InterruptedException {
        return join(JoinPlaces.find(target), command, options);
    }

    RunningJob join(JoinPlace place, JobSpec command, StartOptions options) throws SandboxException, InterruptedException {
        return ready(command, options, JoinCompiler.compile(command, facts(), starting(options, command, "", List.of(), newName()), place));
    }

    @Override
    public Sandbox open(JobSpec world) throws SandboxException, InterruptedException {
        return new OpenSandbox(this, world, openWorld(world, newName()));
    }

    /** One life of a sandbox, with a name for the case that its spec has none. */
    HeldWorld openWorld(JobSpec world, String name) throws SandboxException, InterruptedException {
        if (!world.command().isEmpty()) {
            throw new InvalidSpecException(List.of("$.command: a sandbox has none of its own; see Sandbox.run"));
        }
        StartOptions options = StartOptions.defaults().withOut(Stdio.discard()).withErr(Stdio.discard());
        CompiledPlan plan = compile(world, options, List.of("--pause"), name);
        return HeldWorld.of(this, world, plan, ready(world, options, plan));
    }

    @Override
    public CompletableFuture<JobResult> runAsync(JobSpec spec) {
        Objects.requireNonNull(spec, "spec");
        requireOpen();
        CompletableFuture<JobResult> future = new CompletableFuture<>();
        Threads.starters().execute(() -> begin(spec, future, true));
        return future;
    }

    private void begin(JobSpec spec, CompletableFuture<JobResult> future, boolean again) {
        try {
            RunningJob job = begin(spec, StartOptions.defaults(), compile(spec, StartOptions.defaults(), List.of()), false);
            future.whenComplete((result, failure) -> {
                if (future.isCancelled()) {
                    job.cancel(Duration.ZERO);
                }
            });
            job.result().whenCompleteAsync((result, failure) -> {
                if (failure == null) {
                    future.complete(result);
                } else if (again && job.isUnheard()) {
                    begin(spec, future, false);
                } else {
                    future.completeExceptionally(failure);
                }
            }, job.callbacks());
        } catch (SandboxException | InterruptedException | RuntimeException e) {
            future.completeExceptionally(e);
        }
    }

    @Override
    public UnsharedProcess unshare(JobSpec spec, UnshareOptions options) throws SandboxException, InterruptedException {
        Objects.requireNonNull(spec, "spec");
        StartOptions streams = new StartOptions(options.in(), Optional.of(options.out()), Optional.of(options.err()), false);
        CompiledPlan compiled = InPlacePlan.of(spec, compile(spec, streams, List.of()), options);
        requireOpen();
        CompiledPlan plan = Pins.note(compiled, run.base(), facts().identity().uid());
        try {
            return InPlace.start(plan, connect(plan.job(), new JobStreams(streams, spec, plan.limits())));
        } catch (SandboxException | InterruptedException e) {
            Pins.undo(plan);
            throw e;
        }
    }

    /** A helper for one job or process. */
    HelperConnection connect(String job, JobStreams streams) throws SandboxException {
        try {
            return HelperConnection.open(helper, run.newSocket(), streams.redirects());
        } catch (IOException e) {
            if (e.getCause() instanceof FileNotFoundException missing) {
                throw new SandboxException("stdio", "cannot open a file for the job's streams: " + missing.getMessage(), e).about(job);
            }
            throw new SandboxException("spawn", "cannot start the helper: " + e.getMessage(), e).about(job);
        }
    }

    private RunningJob begin(JobSpec spec, StartOptions options, CompiledPlan compiled, boolean here)
            throws SandboxException, InterruptedException {
        JobStreams streams = new JobStreams(options, spec, compiled.limits());
        requireOpen();
        CompiledPlan plan = Pins.note(compiled, run.base(), facts().identity().uid());
        RunningJob job;
        try {
            job = connect(plan, options, streams, spec, here);
        } catch (SandboxException | InterruptedException e) {
            Pins.undo(plan);
            throw e;
        }
        adopt(job);
        return job;
    }

    /** From now on it ends with this launcher. */
    void adopt(RunningJob job) {
        boolean late;
        synchronized (this) {
            late = closed;
            jobs.add(job);
        }
        job.leaveAtEnd(jobs);
        if (late) {
            // close() did not see this one, so its end is up to us.
            job.close();
            requireOpen();
        }
    }

    synchronized void requireOpen() {
        // The helper, and a thread of ours that is started for it, would be born in that namespace: the latter serves other jobs later.
        if (Thread.currentThread().getName().equals(NamespaceThread.NAME)) {
            throw new IllegalStateException("no job can be started inside NetNamespace.call: take NetNamespace.job()");
        }
        if (closed) {
            throw new IllegalStateException("this launcher is closed");
        }
    }

    private RunningJob connect(CompiledPlan plan, StartOptions options, JobStreams streams, JobSpec spec, boolean here)
            throws SandboxException, InterruptedException {
        Results results = Results.open(spec.collect());
        Registration registration = spec.name().isEmpty() ? Registration.NONE
            : JobRecords.registration(run.base(), facts().identity().uid(), spec, plan);
        Supervision supervision = new Supervision(plan, options.hold(), streams, results, registration);
        try {
            return new RunningJob(plan, options.hold(), connect(plan, streams, supervision, here), streams, supervision);
        } catch (SandboxException | InterruptedException | RuntimeException e) {
            results.close();
            throw e;
        }
    }

    private CompiledPlan compile(JobSpec spec, StartOptions options, List<String> helperArguments) throws SandboxException {
        return compile(spec, options, helperArguments, newName());
    }

    private CompiledPlan compile(JobSpec spec, StartOptions options, List<String> helperArguments, String name) throws SandboxException {
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(options, "options");
        try {
            return plans.compile(spec, starting(options, spec, plans.ids(), helperArguments, name));
        } catch (IOException e) {
            throw new SandboxException("state", "no directory for id locks: " + e.getMessage(), e);
        }
    }

    PlanCompiler.Start starting(StartOptions options, JobSpec spec, String ids, List<String> helperArguments, String name) {
        return new PlanCompiler.Start(options.hold(), JobStreams.owned(options), JobStreams.limitsOutput(options, spec), ids, name,
            helperArguments, handsOver());
    }

    HostFacts facts() {
        return plans.facts();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        RunningJob.closeAll(new ArrayList<>(jobs));
        released();
        run.release();
    }
}
