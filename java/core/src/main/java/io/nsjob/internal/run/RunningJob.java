package io.nsjob.internal.run;

import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.SandboxException;
import io.nsjob.Signals;
import io.nsjob.Statistics;
import io.nsjob.TerminalSize;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/**
 * The user's side of one job. Nothing here blocks in a system call: the conversation with the supervisor is held by a thread of
 * the library, and what is said to it goes by a {@link JobLink}, in order.
 */
final class RunningJob implements Job {
    /** How long each step of a kill may take before the next, harder one. The first is all that a live helper needs. */
    private static final long KILL_STEP_MILLIS = 3000;
    private static final int KILL_STEPS = 3;
    /** A helper that is stopped will not answer. Not at the first look: a shell continues a whole group, but one by one. */
    private static final int STOP_LOOKS = 3;
    private static final long STOP_LOOK_MILLIS = 250;
    /** What a helper may need beyond the set-up time that it keeps itself. */
    private static final Duration SETUP_MARGIN = Duration.ofSeconds(5);
    private static final int ETIMEDOUT = 110;
    private static final int MAX_GRACE_MILLIS = Integer.MAX_VALUE;

    private final CompiledPlan plan;
    private final boolean held;
    private final JobLink link;
    private final JobStreams streams;
    private final Supervision supervision;
    private boolean released;

    RunningJob(CompiledPlan plan, boolean held, JobLink link, JobStreams streams, Supervision supervision) {
        this.plan = plan;
        this.held = held;
        this.link = link;
        this.streams = streams;
        this.supervision = supervision;
    }

    private long patienceMillis() {
        return Math.min(plan.limits().setupTime().plus(SETUP_MARGIN).toMillis(), Integer.MAX_VALUE);
    }

    /** Waits until the job runs, or is held. */
    void awaitReady() throws SandboxException, InterruptedException {
        try {
            supervision.ready().get(patienceMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (TimeoutException e) {
            throw notReadyInTime();
        } catch (InterruptedException e) {
            killAndReap();
            throw e;
        }
    }

    /** Waits for the end of a job that nobody has waited for yet: once, and not for its start first. */
    JobResult awaitWhole() throws SandboxException, InterruptedException {
        try {
            if (!link.serve(patienceMillis())) {
                throw notReadyInTime();
            }
            return supervision.result().get(patienceMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (TimeoutException e) {
            if (!supervision.ready().isDone()) {
                throw notReadyInTime();
            }
        } catch (InterruptedException e) {
            killAndReap();
            throw e;
        }
        return await();
    }

    private SandboxException notReadyInTime() {
        close();
        return new SandboxException("setup", "", ETIMEDOUT, "", "the helper neither set up the job nor gave up in time",
            "").about(plan.job());
    }

    /** Whether it failed because nobody took it up: it can be begun again. */
    boolean isUnheard() {
        return link.isUnheard();
    }

    /** Whether it is known that it has not run. */
    boolean neverRan() {
        return supervision.hasFailed();
    }

    Executor callbacks() {
        return link.callbacks();
    }

    JobLink link() {
        return link;
    }

    /** What the supervisor read back, once it has. */
    Event.Prepared prepared() {
        return ((Report) supervision.report()).prepared();
    }

    /** Takes itself out of a set at its end. */
    void leaveAtEnd(Set<RunningJob> jobs) {
        supervision.result().whenComplete(new BiConsumer<JobResult, Throwable>() {
            @Override
            public void accept(JobResult result, Throwable failure) {
                jobs.remove(RunningJob.this);
            }
        });
    }

    /** All at once, so that the last is not asked to end only when the others have. */
    static void closeAll(List<RunningJob> jobs) {
        for (RunningJob job : jobs) {
            job.cancel(Duration.ZERO);
        }
        for (RunningJob job : jobs) {
            job.close();
        }
    }

    CompletableFuture<JobResult> result() {
        return supervision.result();
    }

    @Override
    public String name() {
        return plan.job();
    }

    @Override
    public JobReport report() {
        return supervision.report();
    }

    @Override
    public Optional<Statistics> statistics() {
        return supervision.statistics();
    }

    @Override
    public synchronized void release() {
        if (!held || released) {
            throw new IllegalStateException(held ? "the job was released already" : "the job was not held");
        }
        released = true;
        link.send(Frame.empty(FrameType.RELEASE));
    }

    @Override
    public InputStream stdout() {
        return streams.stdout();
    }

    @Override
    public InputStream stderr() {
        return streams.stderr();
    }

    @Override
    public OutputStream stdin() {
        return streams.stdin();
    }

    @Override
    public void signal(String name) {
        signal(name, false);
    }

    @Override
    public void signal(String name, boolean group) {
        int number = Signals.number(name)
            .orElseThrow(() -> new IllegalArgumentException("no such signal: " + name));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("signal", number);
        body.put("group", group);
        link.send(Frame.of(FrameType.SIGNAL, body));
    }

    @Override
    public void resize(TerminalSize size) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("rows", size.rows());
        body.put("columns", size.columns());
        if (report().terminal().isEmpty()) {
            throw new IllegalStateException("the job has no terminal");
        }
        link.send(Frame.of(FrameType.RESIZE, body));
    }

    @Override
    public void cancel() {
        cancel(plan.limits().killGrace());
    }

    @Override
    public void cancel(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace is negative: " + grace);
        }
        supervision.askToEnd();
        if (!supervision.isPrepared() || supervision.hasEnded()) {
            // Before and afterwards, when it may still be collecting, the helper listens to nothing but the end of the connection.
            link.end();
        } else {
            link.send(cancelFrame(grace));
        }
    }

    static Frame cancelFrame(Duration grace) {
        long millis = grace.compareTo(Duration.ofMillis(MAX_GRACE_MILLIS)) > 0 ? MAX_GRACE_MILLIS : grace.toMillis();
        return Frame.of(FrameType.CANCEL, Map.of("graceMillis", millis));
    }

    @Override
    public CompletableFuture<JobResult> onExit() {
        CompletableFuture<JobResult> own = new CompletableFuture<>();
        if (supervision.result().isDone()) {
            supervision.result().whenComplete((result, failure) -> complete(own, result, failure));
        } else {
            // What the user hangs on it must not run on the thread that serves all jobs.
            supervision.result().whenCompleteAsync((result, failure) -> complete(own, result, failure), link.callbacks());
        }
        return own;
    }

    private static void complete(CompletableFuture<JobResult> own, JobResult result, Throwable failure) {
        if (failure == null) {
            own.complete(result);
        } else {
            own.completeExceptionally(failure);
        }
    }

    @Override
    public JobResult await() throws SandboxException, InterruptedException {
        try {
            return supervision.result().get();
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (InterruptedException e) {
            killAndReap();
            throw e;
        }
    }

    @Override
    public Process asProcess() {
        return new JobProcess(this, streams);
    }

    @Override
    public void close() {
        boolean interrupted = killAndReap();
        streams.leaveUnread();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether this thread was interrupted meanwhile; its flag is clear then. */
    boolean killAndReap() {
        boolean interrupted = false;
        link.letGo();
        if (!supervision.result().isDone()) {
            cancel(Duration.ZERO);
        }
        for (int step = 0; step < KILL_STEPS; step++) {
            Waited waited = waitForEnd();
            interrupted |= waited.interrupted();
            if (waited.ended()) {
                break;
            }
            if (waited.stopped() || step == 1) {
                giveUp();
            } else if (step == 0) {
                link.end();
            }
        }
        return interrupted;
    }

    private void giveUp() {
        Log.warning(RunningJob.class, "job " + plan.job() + ": the helper does not answer; killing it");
        link.kill();
    }

    private record Waited(boolean ended, boolean interrupted, boolean stopped) {
    }

    private Waited waitForEnd() {
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(KILL_STEP_MILLIS);
        int stops = 0;
        while (true) {
            long left = deadline - System.nanoTime();
            try {
                supervision.reaped().get(Math.min(left, TimeUnit.MILLISECONDS.toNanos(STOP_LOOK_MILLIS)), TimeUnit.NANOSECONDS);
                return new Waited(true, interrupted, false);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (TimeoutException e) {
                stops = link.isStopped() ? stops + 1 : 0;
                if (left <= 0 || stops >= STOP_LOOKS) {
                    return new Waited(false, interrupted, stops >= STOP_LOOKS);
                }
            } catch (ExecutionException e) {
                return new Waited(false, interrupted, false);
            }
        }
    }
}
