package io.nsjob.internal.run;

import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Statistics;
import io.nsjob.Usage;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.os.CgroupFiles;
import io.nsjob.internal.os.CgroupSweeper;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcessTree;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The library's side of one job: the whole conversation with its helper, on one thread. */
final class Supervision implements Runnable {
    private static final long HELPER_EXIT_SECONDS = 5;
    /** The exit value of a process that SIGALRM ended: the helper's own set-up timeout. */
    private static final int STATUS_SIGALRM = 128 + 14;
    private static final int ETIMEDOUT = 110;
    private static final int SIGKILL = 9;

    private final CompiledPlan plan;
    private final boolean held;
    private final HelperConnection connection;
    private final JobStreams streams;
    private final Results results;
    private final Registration registration;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private final CompletableFuture<Void> reaped = new CompletableFuture<>();
    private volatile Report report;
    private volatile boolean askedToEnd;
    private final AtomicReference<EndReason> endReason = new AtomicReference<>();
    private boolean started;
    private volatile Event.Exited exited;
    private Event.Used used;
    private Event.Failed failed;

    /** Who on this side wanted the end first. */
    private enum EndReason {
        CALLER, OUTPUT
    }

    Supervision(CompiledPlan plan, boolean held, HelperConnection connection, JobStreams streams, Results results,
            Registration registration) {
        this.plan = plan;
        this.held = held;
        this.connection = connection;
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

    /** A stream passed its limit and the job is to be ended for it; false when somebody else asked for its end before. */
    boolean endForOutput() {
        return endReason.compareAndSet(null, EndReason.OUTPUT);
    }

    @Override
    public void run() {
        Exception problem = null;
        try {
            // Written out while the helper starts, not while it waits.
            Frame message = new Frame(FrameType.PLAN, plan.wire().getBytes(StandardCharsets.UTF_8));
            connection.accept();
            problem = send(message);
            converse();
        } catch (IOException | RuntimeException e) {
            problem = e;
        }
        try {
            finish(problem);
        } catch (RuntimeException e) {
            // Whoever waits must not wait for ever, whatever went wrong here.
            ready.completeExceptionally(e);
            result.completeExceptionally(e);
        } finally {
            connection.close();
            results.close();
            registration.remove();
            awaitHelper();
            if (used == null && failed == null) {
                // It was killed, and could not clear up.
                CgroupSweeper.removeAll(plan.cgroups());
                Pins.undo(plan);
            }
            reaped.complete(null);
        }
    }

    /** A helper that has refused already does not read any more, but its error is still to be read. */
    private IOException send(Frame message) {
        try {
            connection.send(message);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private void converse() throws IOException {
        while (used == null && failed == null) {
            Optional<Event> next = connection.next();
            if (next.isEmpty()) {
                return;
            }
            take(next.get());
        }
    }

    private void take(Event event) throws ProtocolException {
        if (event instanceof Event.Prepared prepared && report == null) {
            report = new Report(plan, prepared);
            registration.write(report);
            if (held) {
                ready.complete(null);
            }
        } else if (event instanceof Event.Started begun && report != null && !started) {
            started = true;
            report = report.withStages(begun.stages());
            registration.write(report);
            ready.complete(null);
        } else if (event instanceof Event.Exited end && report != null && exited == null) {
            exited = end;
        } else if (event instanceof Event.Part part && exited != null) {
            results.take(part);
        } else if (event instanceof Event.Used usage && exited != null) {
            used = usage;
        } else if (event instanceof Event.Failed failure && !started) {
            failed = failure;
        } else {
            throw new ProtocolException("the helper sent " + event.getClass().getSimpleName() + " out of order");
        }
    }

    private void finish(Exception problem) {
        Integer status = null;
        if (used == null) {
            // Whatever is still there is to be killed: the end of the connection says so.
            connection.close();
            status = awaitHelper();
            if (report != null && failed == null && !report.prepared().savedModes().isEmpty()) {
                connection.restoreTerminal(report.prepared().savedModes());
            }
        }
        if (used == null && !started && (failed != null || report == null || !askedToEnd)) {
            fail(failure(problem, status));
            return;
        }
        if (used == null) {
            results.lost();
        }
        streams.awaitOutput();
        JobStreams.Captured captured = streams.captured();
        Result end = new Result(outcome(problem), usage(captured), report, captured, results.collected(), results.inMemory());
        registration.remove();
        ready.complete(null);
        result.complete(end);
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
            return new SandboxException("cancel", "cancelled before the job was set up", problem);
        }
        if (problem instanceof ProtocolException) {
            return new SandboxException("protocol", problem.getMessage(), problem);
        }
        if (problem instanceof RuntimeException) {
            return new SandboxException("supervisor", "unexpected: " + problem, problem);
        }
        if (report == null && status != null && status == STATUS_SIGALRM) {
            return new SandboxException("setup", "", ETIMEDOUT, "",
                "the sandbox was not set up within " + plan.limits().setupTime().toMillis() + " ms",
                "a file system that does not answer, or limits.setupTime is too short");
        }
        return new SandboxException("supervisor", "the supervisor ended before the job ran"
            + (status == null ? "" : " (exit status " + status + ")"), problem);
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

    /** The main process was killed, by nobody on our side, and the kernel killed for want of memory; or it killed init. */
    private boolean ranOutOfMemory() {
        boolean killed = exited.end().signal().orElse(0) == SIGKILL || exited.end() instanceof Outcome.Lost;
        return killed && exited.cause().isEmpty()
            && CgroupFigures.of(used.cgroups()).map(figures -> figures.oomKills().orElse(0)).orElse(0L) > 0;
    }

    private Usage usage(JobStreams.Captured captured) {
        Event.Used known = used != null ? used
            : new Event.Used(exited == null ? 0 : exited.wallMillis(), 0, 0, 0, 0, 0, Map.of());
        return new Usage(Duration.ofMillis(known.wallMillis()), Duration.of(known.userMicros(), ChronoUnit.MICROS),
            Duration.of(known.systemMicros(), ChronoUnit.MICROS), known.maxRssBytes(), known.minorFaults(), known.majorFaults(),
            captured.stdoutBytes(), captured.stderrBytes(), CgroupFigures.of(known.cgroups()));
    }

    /** The helper's exit value; it is killed when it does not end by itself. Null when even that did not help. */
    private Integer awaitHelper() {
        Process helper = connection.process();
        try {
            if (!helper.waitFor(HELPER_EXIT_SECONDS, TimeUnit.SECONDS)) {
                Log.warning(Supervision.class, "job " + plan.job() + ": its helper does not end; killing it");
                helper.destroyForcibly();
                return helper.waitFor(HELPER_EXIT_SECONDS, TimeUnit.SECONDS) ? helper.exitValue() : null;
            }
            return helper.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
