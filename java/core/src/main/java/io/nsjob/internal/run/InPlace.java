package io.nsjob.internal.run;

import io.nsjob.JobReport;
import io.nsjob.SandboxException;
import io.nsjob.UnsharedProcess;
import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that becomes the command: the conversation with the helper until then, and what is known of it afterwards. */
final class InPlace implements UnsharedProcess {
    private static final int ETIMEDOUT = 110;
    private static final int STATUS_SIGALRM = 128 + 14;
    private static final long EXIT_SECONDS = 3;
    private static final Duration SETUP_MARGIN = Duration.ofSeconds(5);

    private final CompiledPlan plan;
    private final HelperConnection connection;
    private final CompletableFuture<Report> started = new CompletableFuture<>();
    private Report report;

    private InPlace(CompiledPlan plan, HelperConnection connection) {
        this.plan = plan;
        this.connection = connection;
    }

    /** Returns when the command runs. */
    static InPlace start(CompiledPlan plan, HelperConnection connection) throws SandboxException, InterruptedException {
        InPlace process = new InPlace(plan, connection);
        Threads.executor().execute(process::converse);
        process.await();
        return process;
    }

    private void await() throws SandboxException, InterruptedException {
        Duration patience = plan.limits().setupTime().plus(SETUP_MARGIN);
        try {
            report = started.get(Math.min(patience.toMillis(), Integer.MAX_VALUE), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (TimeoutException e) {
            giveUp();
            throw new SandboxException("setup", "", ETIMEDOUT, "", "the process neither ran its command nor gave up in time", "")
                .about(plan.job());
        } catch (InterruptedException e) {
            giveUp();
            throw e;
        }
    }

    private void giveUp() {
        connection.process().destroyForcibly();
        connection.close();
    }

    /** On a thread of the library: an interrupt would close the channel. */
    private void converse() {
        try {
            connection.accept();
            send(new Frame(FrameType.PLAN, plan.wireBytes()));
            started.complete(hear());
        } catch (SandboxException e) {
            started.completeExceptionally(e.about(plan.job()));
        } catch (IOException | RuntimeException e) {
            started.completeExceptionally(ended(e).about(plan.job()));
        } finally {
            connection.close();
        }
    }

    /** A helper that has refused already does not read any more, but its error is still to be read. */
    private void send(Frame message) {
        try {
            connection.send(message);
        } catch (IOException e) {
            Log.debug(InPlace.class, "job " + plan.job() + ": the plan came too late", e);
        }
    }

    private Report hear() throws IOException, SandboxException {
        Report prepared = null;
        while (true) {
            Optional<Frame> next = connection.nextFrame();
            if (next.isEmpty()) {
                throw ended(null);
            }
            Event event = EventReader.read(next.get());
            if (event instanceof Event.Failed failed) {
                throw new SandboxException(failed.stage(), failed.syscall(), failed.errno(), failed.subject(), failed.message(),
                    failed.hint());
            } else if (event instanceof Event.Prepared && prepared == null) {
                prepared = new Report(plan, next.get());
            } else if (event instanceof Event.Started && prepared != null) {
                return prepared.withStarted(next.get());
            } else {
                throw new ProtocolException("the helper sent " + event.getClass().getSimpleName() + " out of order");
            }
        }
    }

    private SandboxException ended(Exception problem) {
        if (problem instanceof ProtocolException) {
            connection.process().destroyForcibly();
            return new SandboxException("protocol", problem.getMessage(), problem);
        }
        Integer status = exitStatus();
        if (status != null && status == STATUS_SIGALRM) {
            return new SandboxException("setup", "", ETIMEDOUT, "",
                "the sandbox was not set up within " + plan.limits().setupTime().toMillis() + " ms",
                "a file system that does not answer, or limits.setupTime is too short");
        }
        return new SandboxException("supervisor", "the process or the supervisor of its set-up ended before the command ran"
            + (status == null ? "" : " (exit status " + status + ")"), problem);
    }

    /** It ends by itself once nobody supervises its set-up; null when it had to be killed. */
    private Integer exitStatus() {
        Process process = connection.process();
        try {
            if (process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return null;
    }

    @Override
    public long pid() {
        return connection.process().pid();
    }

    @Override
    public JobReport report() {
        return report;
    }

    @Override
    public Process asProcess() {
        return connection.process();
    }

    @Override
    public CompletableFuture<Integer> onExit() {
        return connection.process().onExit().thenApply(Process::exitValue);
    }

    @Override
    public String toString() {
        return "UnsharedProcess[" + plan.job() + ", pid " + pid() + "]";
    }
}
