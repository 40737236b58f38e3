package io.nsjob.internal.run;

import io.nsjob.internal.launch.HelperConnection;
import io.nsjob.internal.launch.TerminalRescue;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The conversation with a helper that serves one job, on a thread of its own: an interrupt of a user's would close the channel. */
final class PerJobLink implements JobLink, Runnable {
    private static final long HELPER_EXIT_SECONDS = 5;

    private final CompiledPlan plan;
    private final HelperConnection connection;
    private final JobStreams streams;
    private final Supervision supervision;
    private CompletableFuture<Void> sends = CompletableFuture.completedFuture(null);

    private PerJobLink(CompiledPlan plan, HelperConnection connection, JobStreams streams, Supervision supervision) {
        this.plan = plan;
        this.connection = connection;
        this.streams = streams;
        this.supervision = supervision;
    }

    /** Begins the conversation with a helper that was just started. */
    static PerJobLink begin(CompiledPlan plan, HelperConnection connection, JobStreams streams, Supervision supervision) {
        PerJobLink link = new PerJobLink(plan, connection, streams, supervision);
        streams.attach(connection.process(), new Runnable() {
            @Override
            public void run() {
                supervision.endForOutput(link);
            }
        });
        Threads.executor().execute(link);
        return link;
    }

    @Override
    public void run() {
        Exception problem = null;
        try {
            // Written out while the helper starts, not while it waits.
            Frame message = new Frame(FrameType.PLAN, plan.wireBytes());
            connection.accept();
            problem = say(message);
            converse();
        } catch (IOException | RuntimeException e) {
            problem = e;
        }
        try {
            finish(problem);
        } catch (RuntimeException e) {
            supervision.broken(e);
        } finally {
            connection.close();
            supervision.close();
            awaitHelper();
            if (supervision.isLost()) {
                supervision.clearUp();
            }
            supervision.gone();
        }
    }

    /** A helper that has refused already does not read any more, but its error is still to be read. */
    private IOException say(Frame message) {
        try {
            connection.send(message);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    private void converse() throws IOException {
        while (!supervision.isOver()) {
            Optional<Frame> next = connection.nextFrame();
            if (next.isEmpty()) {
                return;
            }
            supervision.take(next.get());
        }
    }

    private void finish(Exception problem) {
        Integer status = null;
        if (!supervision.isOver()) {
            // Whatever is still there is to be killed: the end of the connection says so.
            connection.close();
            status = awaitHelper();
            String modes = supervision.modesToRestore();
            if (!modes.isEmpty()) {
                TerminalRescue.restore(connection.helper(), modes);
            }
        }
        if (supervision.hasResult()) {
            streams.awaitOutput();
        }
        supervision.finish(problem, status);
    }

    /** The helper's exit value; it is killed when it does not end by itself. Null when even that did not help. */
    private Integer awaitHelper() {
        Process helper = connection.process();
        try {
            if (!helper.waitFor(HELPER_EXIT_SECONDS, TimeUnit.SECONDS)) {
                Log.warning(PerJobLink.class, "job " + plan.job() + ": its helper does not end; killing it");
                helper.destroyForcibly();
                return helper.waitFor(HELPER_EXIT_SECONDS, TimeUnit.SECONDS) ? helper.exitValue() : null;
            }
            return helper.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    @Override
    public synchronized void send(Frame frame) {
        sends = sends.thenRunAsync(new Runnable() {
            @Override
            public void run() {
                IOException problem = say(frame);
                if (problem != null) {
                    // The job has ended, or its helper has; who waits for the result will see which.
                    Log.debug(PerJobLink.class, "job " + plan.job() + ": " + frame.type() + " came too late", problem);
                }
            }
        }, Threads.executor());
    }

    @Override
    public void end() {
        Threads.executor().execute(connection::end);
    }

    @Override
    public void kill() {
        connection.process().destroyForcibly();
        connection.close();
    }

    @Override
    public boolean isStopped() {
        return ProcStat.isStopped(Path.of("/proc", Long.toString(connection.process().pid()), "stat"));
    }

    @Override
    public boolean isUnheard() {
        // Its helper is its own: another would end as this one did.
        return false;
    }

    @Override
    public Executor callbacks() {
        return Threads.executor();
    }
}
