package io.nsjob.internal.run;

import io.nsjob.JobLimits;
import io.nsjob.JobSpec;
import io.nsjob.OutputAction;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.internal.launch.HelperStdio;
import io.nsjob.internal.os.Log;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The three standard streams of one job: what the process gets, and the pumps behind it. */
final class JobStreams {
    /** How long a result waits for captured output after the last process is dead and nothing comes. */
    static final long QUIET_MILLIS = 2000;
    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));

    private final Stdio in;
    private final Side out;
    private final Side err;
    private BoundedPipe input;

    /** One output stream. */
    static final class Side {
        private final Stdio stdio;
        /** Bytes after which the job is to be ended. */
        private final long fatal;
        /** Bytes after which the rest goes nowhere. */
        private final long most;
        private BoundedPipe pipe;
        private Pump pump;

        Side(Stdio stdio, JobSpec spec, JobLimits limits) {
            this.stdio = stdio;
            boolean kills = limits.outputAction() == OutputAction.KILL;
            most = stdio instanceof Stdio.Capture capture ? capture.max()
                : isWrittenDown(spec) ? limits.outputBytes() : Long.MAX_VALUE;
            fatal = kills ? most : Long.MAX_VALUE;
        }

        Stdio stdio() {
            return stdio;
        }

        boolean isPiped() {
            return JobStreams.isPiped(stdio);
        }

        void setPump(Pump reads) {
            pump = reads;
        }

        boolean isHere() {
            return pump == null || pump.hasEnded() || !pump.sink().completesResult();
        }

        OutputSink sink(Runnable tooMuch) {
            return fatal == Long.MAX_VALUE ? sink() : new Sinks.Watched(sink(), fatal, tooMuch);
        }

        private OutputSink sink() {
            if (stdio instanceof Stdio.Capture capture) {
                return new Capture(capture.max());
            }
            if (stdio instanceof Stdio.Lines lines) {
                return cut(new Sinks.Lines(lines.consumer()));
            }
            pipe = new BoundedPipe();
            return cut(new Sinks.Live(pipe));
        }

        private OutputSink cut(OutputSink sink) {
            return most == Long.MAX_VALUE ? sink : new Sinks.Cut(sink, most);
        }
    }

    JobStreams(StartOptions options, JobSpec spec, JobLimits limits) {
        in = options.in();
        out = new Side(output(options.out(), spec, limits), spec, limits);
        // A terminal has one output.
        boolean one = spec.terminal().orElse(false) && options.err().isEmpty();
        err = new Side(one ? Stdio.discard() : output(options.err(), spec, limits), spec, limits);
    }

    /** What nobody asked for is captured. A limit that the spec spells out also holds for a capture that asks for more. */
    private static Stdio output(Optional<Stdio> asked, JobSpec spec, JobLimits limits) {
        if (asked.isEmpty()) {
            return Stdio.capture(limits.outputBytes());
        }
        if (asked.get() instanceof Stdio.Capture capture && spec.outputLimit().isPresent()) {
            return Stdio.capture(Math.min(capture.max(), limits.outputBytes()));
        }
        return asked.get();
    }

    /** What the user reads himself has no other limit than one that he wrote down. */
    private static boolean isWrittenDown(JobSpec spec) {
        return spec.outputLimit().isPresent() || spec.outputAction().isPresent();
    }

    /** Whether all output is limited here. */
    static boolean limitsOutput(StartOptions options, JobSpec spec) {
        boolean terminal = spec.terminal().orElse(false);
        return isLimited(options.out(), spec) && (terminal || isLimited(options.err(), spec));
    }

    private static boolean isLimited(Optional<Stdio> output, JobSpec spec) {
        return output.isEmpty() || output.get() instanceof Stdio.Capture || isPiped(output.get()) && isWrittenDown(spec);
    }

    /** Which of 0, 1, 2 are pipes that this JVM makes. */
    static List<Integer> owned(StartOptions options) {
        List<Integer> owned = new ArrayList<>();
        if (options.in() instanceof Stdio.Bytes || options.in() instanceof Stdio.Stream) {
            owned.add(0);
        }
        if (options.out().isEmpty() || isPiped(options.out().get())) {
            owned.add(1);
        }
        if (options.err().isEmpty() || isPiped(options.err().get())) {
            owned.add(2);
        }
        return owned;
    }

    private static boolean isPiped(Stdio output) {
        return output instanceof Stdio.Capture || output instanceof Stdio.Lines || output instanceof Stdio.Stream;
    }

    Stdio in() {
        return in;
    }

    Side out() {
        return out;
    }

    Side err() {
        return err;
    }

    /** What the user writes into. */
    BoundedPipe openInput() {
        input = new BoundedPipe();
        return input;
    }

    HelperStdio redirects() {
        return new HelperStdio(inputRedirect(), outputRedirect(out.stdio), outputRedirect(err.stdio));
    }

    private Redirect inputRedirect() {
        if (in instanceof Stdio.Inherit) {
            return Redirect.INHERIT;
        }
        if (in instanceof Stdio.File file) {
            return Redirect.from(file.path().toFile());
        }
        return in instanceof Stdio.Discard ? NOTHING : Redirect.PIPE;
    }

    private static Redirect outputRedirect(Stdio stdio) {
        if (stdio instanceof Stdio.Inherit) {
            return Redirect.INHERIT;
        }
        if (stdio instanceof Stdio.File file) {
            return file.append() ? Redirect.appendTo(file.path().toFile()) : Redirect.to(file.path().toFile());
        }
        return stdio instanceof Stdio.Discard ? Redirect.DISCARD : Redirect.PIPE;
    }

    /** Starts the pumps; tooMuch is called when a stream passes a limit that is to end the job. */
    void attach(Process process, Runnable tooMuch) {
        attach(out, process.getInputStream(), tooMuch);
        attach(err, process.getErrorStream(), tooMuch);
        OutputStream to = process.getOutputStream();
        if (in instanceof Stdio.Bytes bytes) {
            Threads.executor().execute(() -> feed(bytes.content(), to));
        } else if (in instanceof Stdio.Stream) {
            BoundedPipe from = openInput();
            Threads.executor().execute(() -> feed(from, to));
        }
    }

    private static void attach(Side side, InputStream from, Runnable tooMuch) {
        if (side.isPiped()) {
            OutputPump pump = new OutputPump(from, side.sink(tooMuch));
            side.setPump(pump);
            Threads.executor().execute(pump);
        }
    }

    /** A job that does not read its input is in its right: a broken pipe is the end, not a failure. */
    private static void feed(byte[] bytes, OutputStream to) {
        try (to) {
            to.write(bytes);
        } catch (IOException e) {
            Log.debug(JobStreams.class, "a job did not read all its input", e);
        }
    }

    private static void feed(BoundedPipe from, OutputStream to) {
        byte[] buffer = new byte[8192];
        try (to) {
            for (int n = from.read(buffer, 0, buffer.length); n >= 0; n = from.read(buffer, 0, buffer.length)) {
                to.write(buffer, 0, n);
                to.flush();
            }
        } catch (IOException e) {
            Log.debug(JobStreams.class, "a job did not read all its input", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            from.closeReader();
        }
    }

    /** Waits until everything that a result has to contain is there, but not for ever. */
    void awaitOutput() {
        for (Side side : List.of(out, err)) {
            if (!side.isHere() && side.pump instanceof OutputPump pump) {
                pump.awaitEnd(QUIET_MILLIS);
            }
        }
        if (input != null) {
            input.closeReader();
        }
    }

    /** Whether everything that a result has to contain is there. */
    boolean isHere() {
        return out.isHere() && err.isHere();
    }

    /** Bytes read of both outputs. */
    long count() {
        return count(out) + count(err);
    }

    InputStream stdout() {
        return live(out, "stdout");
    }

    InputStream stderr() {
        return live(err, "stderr");
    }

    private static InputStream live(Side side, String name) {
        if (side.pipe == null) {
            throw new IllegalStateException(name + " was not started with Stdio.stream()");
        }
        return side.pipe.input();
    }

    OutputStream stdin() {
        if (input == null) {
            throw new IllegalStateException("stdin was not started with Stdio.stream()");
        }
        return input.output();
    }

    /** Nobody is going to read what has not been read: no pipe stays for it. */
    void leaveUnread() {
        if (out.pipe != null) {
            out.pipe.leaveUnread();
        }
        if (err.pipe != null) {
            err.pipe.leaveUnread();
        }
    }

    boolean hasLiveOut() {
        return out.pipe != null;
    }

    boolean hasLiveErr() {
        return err.pipe != null;
    }

    boolean hasLiveIn() {
        return input != null;
    }

    /** What was captured so far. */
    Captured captured() {
        return new Captured(bytes(out), bytes(err), truncated(out) || truncated(err), count(out), count(err));
    }

    private static Capture.Bytes bytes(Side side) {
        Capture capture = side.pump == null ? null : side.pump.sink().capture();
        return capture == null ? Capture.Bytes.NONE : capture.bytes();
    }

    private static boolean truncated(Side side) {
        Capture capture = side.pump == null ? null : side.pump.sink().capture();
        return capture != null && (capture.truncated() || !side.pump.hasEnded());
    }

    private static long count(Side side) {
        return side.pump == null ? 0 : side.pump.count();
    }

    /**
     * Output at one moment.
     *
     * @param stdout captured
     * @param stderr captured
     * @param truncated whether something of it is missing
     * @param stdoutBytes read, kept or not
     * @param stderrBytes read, kept or not
     */
    record Captured(Capture.Bytes stdout, Capture.Bytes stderr, boolean truncated, long stdoutBytes, long stderrBytes) {
    }
}
