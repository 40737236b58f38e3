package io.nsjob.internal.run;

import io.nsjob.SandboxException;
import io.nsjob.internal.launch.Forker;
import io.nsjob.internal.launch.TerminalRescue;
import io.nsjob.internal.os.CommandSocket;
import io.nsjob.internal.os.ErrnoException;
import io.nsjob.internal.os.JobFds;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.Loop;
import io.nsjob.internal.os.LoopTimer;
import io.nsjob.internal.os.OwnChild;
import io.nsjob.internal.os.OwnLoop;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.plan.CompiledPlan;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameDecoder;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The conversation with a supervisor that a resident helper forked, held by the reactor, or by the thread that waits for the job
 * as long as it does. What the job is told of is done by that thread itself, or, where files have to be written for it, by a
 * {@link Lane} while nothing more is read.
 */
final class ResidentLink implements JobLink, Forker.Job, Reactor.Handler {
    private static final AtomicLong NUMBERS = new AtomicLong();
    /** How long a supervisor may take to end after its last word, and again after its kill. */
    private static final long EXIT_MILLIS = 5000;
    /** How long after its end its status may be on its way. */
    private static final long STATUS_MILLIS = 500;

    private final long number = NUMBERS.incrementAndGet();
    private final CompiledPlan plan;
    private final Supervision supervision;
    private final Loop loop;
    private final Executor callbacks;
    private final ReactorStreams streams;
    private final Executor lane;
    private final FrameDecoder decoder = new FrameDecoder(FrameType.Direction.TO_JAVA);
    private volatile Forker helper;
    private JobConnection connection;
    private int theirs = -1;
    // What follows belongs to the lane.
    private Exception problem;
    private Integer status;
    /** The other end was closed before all of the plan had been read there: nothing of the job has happened. */
    private volatile boolean unread;
    private boolean settling;
    private boolean finished;
    private boolean gone;
    private boolean statusAwaited;
    private LoopTimer patience;

    private ResidentLink(CompiledPlan plan, JobStreams streams, Supervision supervision, Loop loop) throws ErrnoException {
        this.plan = plan;
        this.supervision = supervision;
        this.loop = loop;
        callbacks = Callbacks.of(Reactor.get());
        this.streams = new ReactorStreams(loop, callbacks, streams);
        lane = supervision.writesFiles() ? new Lane(callbacks) : loop::execute;
    }

    /** Makes all descriptors and says the plan, which waits for a supervisor to receive it. */
    static ResidentLink prepare(CompiledPlan plan, JobStreams streams, Supervision supervision, boolean here)
            throws SandboxException, InterruptedException {
        return prepare(plan, streams, supervision, here, new Frame(FrameType.PLAN, plan.wireBytes()));
    }

    /** The same with all that is to be said at once. With "here" the calling thread is going to {@link #serve}. */
    static ResidentLink prepare(CompiledPlan plan, JobStreams streams, Supervision supervision, boolean here, Frame... words)
            throws SandboxException, InterruptedException {
        Loop loop = null;
        ResidentLink link = null;
        boolean done = false;
        try {
            loop = here ? OwnLoop.here() : Reactor.get();
            link = new ResidentLink(plan, streams, supervision, loop);
            JobFds.Pair pair = JobFds.connection();
            link.theirs = pair.theirs();
            link.connection = new JobConnection(JobFds.watch(loop, pair.ours(), link));
            ResidentLink prepared = link;
            link.streams.open(() -> supervision.endForOutput(prepared));
            link.connection.say(Frame.encode(words));
            done = true;
            return link;
        } catch (ErrnoException e) {
            throw new SandboxException("spawn", "cannot make the job's connection: " + e.getMessage(), e).about(plan.job());
        } catch (ProtocolException e) {
            throw new SandboxException("protocol", e.getMessage(), e).about(plan.job());
        } catch (SandboxException e) {
            throw e.about(plan.job());
        } finally {
            if (!done && link != null) {
                link.abandon();
            } else if (!done && loop instanceof OwnLoop own) {
                own.leave();
            }
        }
    }

    /** False when this helper is gone and nothing has happened: it can be begun with another. */
    boolean begin(Forker by) {
        helper = by;
        if (!by.start(this)) {
            return false;
        }
        connection.read(true);
        streams.begin();
        return true;
    }

    /** It was not begun. */
    void abandon() {
        JobFds.close(theirs);
        theirs = -1;
        if (connection != null) {
            connection.close();
        }
        streams.abandon();
        letGo();
    }

    @Override
    public boolean serve(long millis) throws InterruptedException {
        if (!(loop instanceof OwnLoop own) || !own.isHere()) {
            return true;
        }
        try {
            return own.serve(supervision.result(), millis)
                || supervision.ready().isDone() && own.serve(supervision.result(), Long.MAX_VALUE);
        } finally {
            own.leave();
        }
    }

    @Override
    public void letGo() {
        if (loop instanceof OwnLoop own) {
            own.leave();
        }
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public int descriptor(int index) {
        return index == 0 ? theirs : streams.theirs(index - 1);
    }

    @Override
    public void sent() {
        JobFds.close(theirs);
        theirs = -1;
        streams.closeTheirs();
    }

    @Override
    public void send(Frame frame) {
        try {
            connection.say(Frame.encode(frame));
        } catch (ProtocolException e) {
            throw new IllegalStateException("all frames but the plan are small", e);
        }
    }

    /** Hands a command to the supervisor of an open sandbox; false when it cannot be told of it now. */
    boolean command(CommandSocket socket, Forker.Job command) {
        return connection.command(socket, command);
    }

    /** Whether there is somebody to be told. */
    boolean isThere() {
        return !supervision.isOver() && !supervision.result().isDone();
    }

    @Override
    public void end() {
        connection.end();
    }

    @Override
    public void kill() {
        if (helper.isStopped()) {
            // It will not do anything for anybody: those that it started go on, and the next job has another.
            helper.destroy();
        }
        if (!helper.isUsable() || !helper.kill(this)) {
            loop.execute(() -> OwnChild.kill(supervision.supervisor(), connection.socket()));
        }
        end();
        loop.execute(() -> loop.after(EXIT_MILLIS, () -> lane.execute(() -> hangUp(new IOException("the supervisor cannot be killed")))));
    }

    @Override
    public boolean isStopped() {
        long supervisor = supervision.supervisor();
        return supervisor == 0 ? helper.isStopped() : ProcStat.isStopped(Path.of("/proc", Long.toString(supervisor), "stat"));
    }

    @Override
    public boolean isUnheard() {
        return unread && supervision.isUnheard();
    }

    @Override
    public void ready(boolean toWrite, boolean toRead) {
        if (toWrite) {
            connection.flush();
        }
        if (!toRead) {
            return;
        }
        int size = connection.socket().receive();
        if (Reactor.isAgain(size)) {
            return;
        }
        if (size <= 0) {
            connection.read(false);
            unread = Reactor.isReset(size);
            IOException failure = Reactor.isEnd(size) ? null : new IOException("the connection failed: errno " + -size);
            lane.execute(() -> hangUp(failure));
        } else if (!supervision.writesFiles()) {
            take(loop.bytes(size), size);
        } else {
            byte[] bytes = Arrays.copyOf(loop.bytes(size), size);
            connection.read(false);
            lane.execute(() -> {
                take(bytes, bytes.length);
                connection.read(true);
            });
        }
    }

    @Override
    public void broken(Throwable e) {
        lane.execute(() -> hangUp(e instanceof Exception known ? known : new IllegalStateException(e)));
    }

    private void take(byte[] bytes, int size) {
        if (supervision.isOver() || problem != null) {
            // After the last word, or the first wrong one, there is nothing to be heard.
            return;
        }
        try {
            decoder.feed(bytes, size);
            for (Frame frame = decoder.next(); frame != null && !supervision.isOver(); frame = decoder.next()) {
                supervision.take(frame);
            }
            decoder.keep();
        } catch (ProtocolException | RuntimeException e) {
            problem = e;
            end();
            helper.kill(this);
        }
        if (supervision.isOver()) {
            settle();
        }
        if (supervision.isOver() && !helper.tellsStatus()) {
            // Of a sandbox's supervisor, which does not end with a command: its last word is the end, and nobody has to wait for another.
            hangUp(null);
        } else if (supervision.isOver() || problem != null) {
            loop.execute(() -> patience = loop.after(EXIT_MILLIS, this::impatient));
        }
    }

    /** It should have ended by now. */
    private void impatient() {
        Log.warning(ResidentLink.class, "job " + plan.job() + ": its supervisor does not end; killing it");
        kill();
    }

    /** The connection has ended, and so has the supervisor, which alone had the other end. */
    private void hangUp(Exception failure) {
        if (gone) {
            return;
        }
        gone = true;
        connection.close();
        loop.execute(() -> {
            if (patience != null) {
                patience.cancel();
            }
        });
        if (problem == null) {
            problem = failure != null || decoder.isBetweenFrames() ? failure : new ProtocolException("the connection ended within a frame");
        }
        if (supervision.isOver()) {
            reap();
        } else if (status != null || !helper.isUsable() || !helper.tellsStatus()) {
            settle();
        } else {
            statusAwaited = true;
            loop.execute(() -> loop.after(STATUS_MILLIS, () -> lane.execute(this::noStatus)));
        }
    }

    @Override
    public void ended(int how) {
        lane.execute(() -> {
            status = how;
            noStatus();
        });
    }

    @Override
    public void helperGone() {
        lane.execute(this::noStatus);
    }

    /** Or it has come. */
    private void noStatus() {
        if (statusAwaited) {
            statusAwaited = false;
            settle();
        }
    }

    private void settle() {
        if (settling) {
            return;
        }
        settling = true;
        String modes = supervision.modesToRestore();
        if (!modes.isEmpty()) {
            callbacks.execute(() -> {
                TerminalRescue.restore(helper.program(), modes);
                lane.execute(this::awaitOutput);
            });
        } else {
            awaitOutput();
        }
    }

    private void awaitOutput() {
        if (supervision.hasResult()) {
            loop.execute(() -> streams.whenHere(() -> lane.execute(this::finish)));
        } else {
            finish();
        }
    }

    private void finish() {
        try {
            supervision.finish(problem, status);
        } catch (RuntimeException e) {
            supervision.broken(e);
        }
        finished = true;
        reap();
    }

    private void reap() {
        if (!gone || !finished) {
            return;
        }
        helper.forget(this);
        supervision.close();
        if (supervision.isLost()) {
            callbacks.execute(() -> {
                supervision.clearUp();
                supervision.gone();
            });
        } else {
            supervision.gone();
        }
    }

    @Override
    public Executor callbacks() {
        return callbacks;
    }
}
