package io.nsjob.internal.run;

import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Statistics;
import io.nsjob.internal.os.CgroupFiles;
import io.nsjob.internal.os.CgroupSweeper;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcessTree;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The library's side of one job: what its supervisor said, and what follows from it. Fed by one thread at a time, which is that of a
 * driver; nothing here waits. Its futures are the library's own: what hangs on them runs on that thread.
 */
final class Supervision {
    /** The exit value of a process that SIGALRM ended: the helper's own set-up timeout. */
    private static final int STATUS_SIGALRM = 128 + 14;
    private static final int ETIMEDOUT = 110;
    private static final int SIGKILL = 9;

    private final CompiledPlan plan;
    private final boolean held;
    private final Event.Prepared world;
    private final JobStreams streams;
    private final Results results;
    private final Registration registration;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private final CompletableFuture<Void> reaped = new CompletableFuture<>();
    private volatile Report report;
    private volatile boolean askedToEnd;
    private final AtomicReference<EndReason> endReason = new AtomicReference<>();
    private volatile boolean heard;
    private volatile long supervisor;
    private boolean started;
    private volatile Event.Exited exited;
    private LastFigures used;
    private Event.Failed failed;

    /** Who on this side wanted the end first. */
    private enum EndReason {
        CALLER, OUTPUT
    }

    Supervision(CompiledPlan plan, boolean held, JobStreams streams, Results results, Registration registration) {
        this(plan, held, streams, results, registration, null);
    }

    /** Of a command in a world that is open, which is reported of it besides; see {@link Event.Prepared#forCommands}. */
    Supervision(CompiledPlan plan, JobStreams streams, Event.Prepared world) {
        this(plan, false, streams, Results.NONE, Registration.NONE, world);
    }

    private Supervision(CompiledPlan plan, boolean held, JobStreams streams, Results results, Registration registration,
            Event.Prepared world) {
        this.world = world;
        this.plan = plan;
        this.held = held;
        this.streams = streams;
        this.results = results;
        this.registration = registration;
    }

    /** Done when the job runs, or is held; fails when neither comes about. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    CompletableFuture<JobResult> result() {
        return result;
    }

    /** Done after the result, when the helper is gone as well. */
    CompletableFuture<Void> reaped() {
        return reaped;
    }

    /** Of a job that is there; empty before and after. */
    Optional<Statistics> statistics() {
        Report known = report;
        if (known == null || reaped.isDone() || result.isDone()) {
            return Optional.empty();
        }
        if (!plan.cgroups().isEmpty()) {
            return CgroupFigures.read(plan.cgroups(), CgroupFiles.KERNEL);
        }
        if (known.initPid().isEmpty()) {
            return Optional.empty();
        }
        ProcessTree.Sum sum = ProcessTree.below(known.initPid().getAsLong());
        OptionalLong unknown = OptionalLong.empty();
        return Optional.of(new Statistics("proc", Optional.of(Duration.ofNanos(sum.userNanos() + sum.systemNanos())),
            Optional.of(Duration.ofNanos(sum.userNanos())), Optional.of(Duration.ofNanos(sum.systemNanos())),
            OptionalLong.of(sum.residentBytes()), unknown, unknown, unknown, OptionalLong.of(sum.threads()), unknown, unknown, unknown,
            Optional.empty(), Map.of()));
    }

    boolean isPrepared() {
        return report != null;
    }

    /** Whether the main process is dead. */
    boolean hasEnded() {
        return exited != null;
    }

    JobReport report() {
        Report known = report;
        if (known == null) {
            throw new IllegalStateException("the job is not set up");
        }
        return known;
    }

    /** From now on an end before the job has run is what was asked for, not a failure. */
    void askToEnd() {
        endReason.compareAndSet(null, EndReason.CALLER);
        askedToEnd = true;
    }

    /** Known before it says so itself. */
    void supervisorIs(long pid) {
        supervisor = pid;
    }

    /** Its pid, or 0 when it is not known yet. */
    long supervisor() {
        Report known = report;
        try {
            return known == null ? supervisor : known.prepared().supervisorPid().orElse(supervisor);
        } catch (IllegalStateException e) {
            return supervisor;
        }
    }

    /** Ends the job for the sake of a limit of output, as soon as it listens. */
    void endForOutput(JobLink link) {
        if (endReason.compareAndSet(null, EndReason.OUTPUT)) {
            // The output of a job that has just begun can be here before the news of its start.
            askToEnd();
            ready.whenComplete((begun, failure) -> link.send(RunningJob.cancelFrame(plan.limits().killGrace())));
        }
    }

    /** Whether what is taken is written to files. */
    boolean writesFiles() {
        return registration != Registration.NONE || !results.isEmpty();
    }

    /** Whether the supervisor has said its last word. */
    boolean isOver() {
        return used != null || failed != null;
    }

    /** Whether the supervisor has told that it failed: nothing of it has run. */
    boolean hasFailed() {
        return failed != null;
    }

    /** Whether it has not said a word, and nobody wants the job to end. */
    boolean isUnheard() {
        return !heard && !askedToEnd;
    }

    /** Takes what the supervisor says, in order. */
    void take(Frame frame) throws ProtocolException {
        heard = true;
        if (frame.type() == FrameType.PREPARED && report == null) {
            tell(new Report(plan, frame));
            if (held) {
                ready.complete(null);
            }
        } else if (frame.type() == FrameType.RUNNING && world != null && report == null) {
            tell(new Report(plan, frame, world));
            started = true;
            ready.complete(null);
        } else if (frame.type() == FrameType.STARTED && report != null && !started) {
            tell(report.withStarted(frame));
            started = true;
            ready.complete(null);
        } else if (frame.type() == FrameType.USAGE && exited != null && used == null) {
            LastFigures figures = new LastFigures(frame);
            if (mayHaveRunOutOfMemory() || isWatched()) {
                figures.check();
            }
            used = figures;
        } else {
            take(EventReader.read(frame));
        }
    }

    /** Whether somebody will read what the supervisor says, and so may as well be told at once when it cannot be read. */
    private boolean isWatched() {
        return held || registration != Registration.NONE;
    }

    private void tell(Report known) throws ProtocolException {
        if (isWatched()) {
            known.check();
        }
        report = known;
        if (registration != Registration.NONE) {
            registration.write(known, supervisor());
        }
    }

    private void take(Event event) throws ProtocolException {
        if (event instanceof Event.Exited end && report != null && exited == null) {
            exited = end;
        } else if (event instanceof Event.Part part && exited != null) {
            results.take(part);
        } else if (event instanceof Event.Failed failure && !started) {
            failed = failure;
        } else {
            throw new ProtocolException("the helper sent " + event.getClass().getSimpleName() + " out of order");
        }
    }

    /** Modes of the caller's terminal that a supervisor could not give back; empty when there is nothing to be done. */
    String modesToRestore() {
        return report != null && !isOver() ? report.prepared().savedModes() : "";
    }

    /** Whether the job has a result, which waits for its output, or was never there. */
    boolean hasResult() {
        return used != null || started || failed == null && report != null && askedToEnd;
    }

    /**
     * Settles how it ended, once the output is here.
     *
     * @param problem that ended the conversation, or null
     * @param status of a supervisor that ended without its last word, as a shell has it, or null when it is not known
     */
    void finish(Exception problem, Integer status) {
        if (!hasResult()) {
            fail(failure(problem, status));
            return;
        }
        if (used == null) {
            results.lost();
        }
        JobStreams.Captured captured = streams.captured();
        Result end = new Result(outcome(problem), figures(), report, captured, results.collected(), results.inMemory());
        registration.remove();
        ready.complete(null);
        result.complete(end);
    }

    /** Whoever waits must not wait for ever, whatever went wrong here. */
    void broken(Throwable e) {
        ready.completeExceptionally(e);
        result.completeExceptionally(e);
    }

    /** Nothing more will be taken. */
    void close() {
        results.close();
        registration.remove();
    }

    /** Whether the supervisor ended without clearing up; {@link #clearUp} is to be called then, which may take its time. */
    boolean isLost() {
        return !isOver();
    }

    void clearUp() {
        CgroupSweeper.removeAll(plan.cgroups());
        Pins.undo(plan);
    }

    /** The supervisor is gone, and all is cleared up. */
    void gone() {
        reaped.complete(null);
    }

    private void fail(SandboxException failure) {
        failure.about(plan.job());
        registration.remove();
        ready.completeExceptionally(failure);
        result.completeExceptionally(failure);
    }

    private SandboxException failure(Exception problem, Integer status) {
        if (failed != null) {
            return new SandboxException(failed.stage(), failed.syscall(), failed.errno(), failed.subject(), failed.message(),
                failed.hint());
        }
        if (askedToEnd) {
            return new SandboxException(Failures.CANCEL, "cancelled; " + nothingTold(), problem);
        }
        if (problem instanceof ProtocolException) {
            return new SandboxException("protocol", problem.getMessage(), problem);
        }
        if (problem instanceof RuntimeException) {
            return new SandboxException(Failures.SUPERVISOR, "unexpected: " + problem, problem);
        }
        if (report == null && status != null && status == STATUS_SIGALRM) {
            return new SandboxException("setup", "", ETIMEDOUT, "",
                "the sandbox was not set up within " + plan.limits().setupTime().toMillis() + " ms",
                "a file system that does not answer, or limits.setupTime is too short");
        }
        return new SandboxException(Failures.SUPERVISOR, nothingTold()
            + (status == null ? "" : " (exit status " + status + ")") + (problem == null ? "" : ": " + problem), problem);
    }

    /** What is told of a short job comes with its end, or a moment late: without it nobody knows. */
    private String nothingTold() {
        return report == null && world == null ? "the supervisor ended before it had told of the job"
            : "the supervisor ended before it had told whether the " + (world == null ? "job" : "command") + " runs";
    }

    private Outcome outcome(Exception problem) {
        if (used == null) {
            if (problem != null) {
                Log.debug(Supervision.class, "job " + plan.job() + ": the connection to its helper failed", problem);
            }
            return started || !askedToEnd ? new Outcome.Lost("supervisor") : new Outcome.Cancelled();
        }
        if (ranOutOfMemory()) {
            return new Outcome.OutOfMemory();
        }
        if (exited.end() instanceof Outcome.Lost) {
            return exited.end();
        }
        // Also when it ended by itself meanwhile: whether the kill was in time must not decide about a job that wrote too much.
        if (endReason.get() == EndReason.OUTPUT && exited.cause().map(cause -> cause == Event.Cause.CANCEL).orElse(true)) {
            return new Outcome.OutputLimit();
        }
        if (exited.cause().isEmpty()) {
            return exited.end();
        }
        switch (exited.cause().get()) {
            case WALL:
                return new Outcome.TimedOut(Outcome.Clock.WALL);
            case CPU:
                return new Outcome.TimedOut(Outcome.Clock.CPU);
            default:
                return new Outcome.Cancelled();
        }
    }

    private boolean mayHaveRunOutOfMemory() {
        return exited.cause().isEmpty() && (exited.end().signal().orElse(0) == SIGKILL || exited.end() instanceof Outcome.Lost);
    }

    /** The main process was killed, by nobody on our side, and the kernel killed for want of memory; or it killed init. */
    private boolean ranOutOfMemory() {
        return mayHaveRunOutOfMemory()
            && CgroupFigures.of(used.get().cgroups()).map(figures -> figures.oomKills().orElse(0)).orElse(0L) > 0;
    }

    private LastFigures figures() {
        return used != null ? used
            : new LastFigures(new Event.Used(exited == null ? 0 : exited.wallMillis(), 0, 0, 0, 0, 0, Map.of()));
    }
}
