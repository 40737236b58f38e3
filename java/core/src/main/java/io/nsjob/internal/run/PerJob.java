package io.nsjob.internal.run;

import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.SandboxException;
import io.nsjob.Signals;
import io.nsjob.Statistics;
import io.nsjob.TerminalSize;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The user's side of one job. Nothing here blocks in a system call: the conversation with the helper is held by a thread of
 * the library, see {@link Supervision}, and what is said to the helper goes through one queue, in order.
 */
final class PerJob implements Job {
    /** How long each step of a kill may take before the next, harder one. The first is all that a live helper needs. */
    private static final long KILL_STEP_MILLIS = 3000;
    /** A helper that is stopped will not answer. Not at the first look: a shell continues a whole group, but one by one. */
    private static final int STOP_LOOKS = 3;
    private static final long STOP_LOOK_MILLIS = 250;
    /** What a helper may need beyond the set-up time that it keeps itself. */
    private static final Duration SETUP_MARGIN = Duration.ofSeconds(5);
    private static final int ETIMEDOUT = 110;
    private static final int MAX_GRACE_MILLIS = Integer.MAX_VALUE;

    private final CompiledPlan plan;
    private final boolean held;
    private final HelperConnection connection;
    private final JobStreams streams;
    private final Supervision supervision;
    private boolean released;
    private CompletableFuture<Void> sends = CompletableFuture.completedFuture(null);

    PerJob(CompiledPlan plan, boolean held, HelperConnection connection, JobStreams streams, Results results,
            Registration registration) {
        this.plan = plan;
        this.held = held;
        this.connection = connection;
        this.streams = streams;
        supervision = new Supervision(plan, held, connection, streams, results, registration);
    }

    void begin(Runnable atEnd) {
        streams.attach(connection.process(), () -> {
            if (supervision.endForOutput()) {
                // The output of a job that has just begun can be here before the news of its start.
                supervision.askToEnd();
                supervision.ready().whenComplete((started, failure) -> sendCancel(plan.limits().killGrace()));
            }
        });
        supervision.result().whenComplete((result, failure) -> atEnd.run());
        Threads.executor().execute(supervision);
    }

    /** Waits until the job runs, or is held. */
    void awaitReady() throws SandboxException, InterruptedException {
        Duration patience = plan.limits().setupTime().plus(SETUP_MARGIN);
        try {
            supervision.ready().get(Math.min(patience.toMillis(), Integer.MAX_VALUE), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (TimeoutException e) {
            close();
            throw new SandboxException("setup", "", ETIMEDOUT, "", "the helper neither set up the job nor gave up in time",
                "").about(plan.job());
        } catch (InterruptedException e) {
            killAndReap();
            throw e;
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
        send(Frame.empty(FrameType.RELEASE));
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
        send(Frame.of(FrameType.SIGNAL, body));
    }

    @Override
    public void resize(TerminalSize size) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("rows", size.rows());
        body.put("columns", size.columns());
        if (report().terminal().isEmpty()) {
            throw new IllegalStateException("the job has no terminal");
        }
        send(Frame.of(FrameType.RESIZE, body));
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
            Threads.executor().execute(connection::end);
        } else {
            sendCancel(grace);
        }
    }

    private void sendCancel(Duration grace) {
        long millis = grace.compareTo(Duration.ofMillis(MAX_GRACE_MILLIS)) > 0 ? MAX_GRACE_MILLIS : grace.toMillis();
        send(Frame.of(FrameType.CANCEL, Map.of("graceMillis", millis)));
    }

    /** In order, and never on a thread of the user: an interrupt would close the channel. */
    private synchronized void send(Frame frame) {
        sends = sends.thenRunAsync(() -> {
            try {
                connection.send(frame);
            } catch (IOException e) {
                // The job has ended, or its helper has; who waits for the result will see which.
                Log.debug(PerJob.class, "job " + plan.job() + ": " + frame.type() + " came too late", e);
            }
        }, Threads.executor());
    }

    @Override
    public CompletableFuture<JobResult> onExit() {
        CompletableFuture<JobResult> own = new CompletableFuture<>();
        supervision.result().whenComplete((result, failure) -> {
            if (failure == null) {
                own.complete(result);
            } else {
                own.completeExceptionally(failure);
            }
        });
        return own;
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
        if (killAndReap()) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether this thread was interrupted meanwhile; its flag is clear then. */
    boolean killAndReap() {
        boolean interrupted = false;
        if (!supervision.result().isDone()) {
            cancel(Duration.ZERO);
        }
        Runnable[] harder = {() -> Threads.executor().execute(connection::end), this::giveUp, () -> { }};
        for (Runnable step : harder) {
            Waited waited = waitForEnd();
            interrupted |= waited.interrupted();
            if (waited.ended()) {
                break;
            }
            if (waited.stopped()) {
                giveUp();
            } else {
                step.run();
            }
        }
        return interrupted;
    }

    private void giveUp() {
        Log.warning(PerJob.class, "job " + plan.job() + ": the helper does not answer; killing it");
        connection.process().destroyForcibly();
        connection.close();
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
                stops = ProcStat.isStopped(Path.of("/proc", Long.toString(connection.process().pid()), "stat")) ? stops + 1 : 0;
                if (left <= 0 || stops >= STOP_LOOKS) {
                    return new Waited(false, interrupted, stops >= STOP_LOOKS);
                }
            } catch (ExecutionException e) {
                return new Waited(false, interrupted, false);
            }
        }
    }
}
