package io.nsjob.cli.demo;

import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A session: one {@code sh} that lives on between the steps, a job as any other. */
final class Shell implements AutoCloseable {
    /** Of one command, each of the two streams. */
    private static final int MAX_OUTPUT = 256 * 1024;
    /** A status, and what is around it and the mark. */
    private static final int NUMBER = 16;
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration END = Duration.ofSeconds(10);

    private final Job job;
    private final Reader out;
    private final Reader err;
    private String ended = "";

    private Shell(Job job) {
        this.job = job;
        out = new Reader(job.stdout());
        err = new Reader(job.stderr());
    }

    static Shell open(Launcher launcher, JobSpec spec) throws SandboxException, InterruptedException {
        Stdio stream = Stdio.stream();
        return new Shell(launcher.start(spec, StartOptions.defaults().withIn(stream).withOut(stream).withErr(stream)));
    }

    JobReport report() {
        return job.report();
    }

    Job job() {
        return job;
    }

    /** How the session ended; empty while it has not. */
    String ended() {
        return ended;
    }

    /** Runs a command in the shell itself: its directory and variables stay. */
    Output run(String command, Duration timeout) throws InterruptedException {
        if (!ended.isEmpty()) {
            return Output.failed("the session has ended: " + ended);
        }
        String mark = "nsjob-" + UUID.randomUUID();
        // "command" takes from eval that a mistake in the command ends the shell. Its input is not ours to be read; in a chroot
        // there may be no /dev/null, nor a place for the temporary file that some shells make of a here-document.
        String eval = "command eval " + quote(command);
        String script = "if [ -e /dev/null ]; then " + eval + " </dev/null; else " + eval + " <&-; fi; { printf '\\n" + mark + " %d.\\n' \"$?\"; printf '\\n"
            + mark + " 0.\\n' >&2; }\n";
        out.expect(mark);
        err.expect(mark);
        try {
            job.stdin().write(script.getBytes(StandardCharsets.UTF_8));
            job.stdin().flush();
        } catch (IOException e) {
            return end("");
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() < deadline && !out.overflowed() && !err.overflowed() && !out.ended()) {
            // Either may be the one that goes wrong, so neither is waited for to the end.
            long slice = Math.min(deadline, System.nanoTime() + SLICE);
            if (out.await(slice) && err.await(slice)) {
                break;
            }
        }
        if (out.marked() && err.marked()) {
            Output output = new Output(out.text(), err.text(), out.status(), "");
            out.expect("");
            err.expect("");
            return output;
        }
        if (out.overflowed() || err.overflowed()) {
            return stop("more output than " + MAX_OUTPUT + " bytes");
        }
        return out.ended() ? end("") : stop("no end within " + timeout.toSeconds() + " s");
    }

    private Output stop(String problem) throws InterruptedException {
        job.cancel(Duration.ZERO);
        return end(problem);
    }

    /** End of file: the shell ends as after its last line. */
    Output finish() throws InterruptedException {
        try {
            job.stdin().close();
        } catch (IOException e) {
            // It does not read any more, as it has ended.
            return end("");
        }
        return end("");
    }

    /** Waits for the end, and makes it if it does not come. */
    Output end(String problem) throws InterruptedException {
        String told = problem;
        int status;
        try {
            status = job.onExit().get(END.toMillis(), TimeUnit.MILLISECONDS).exitStatus();
            ended = job.onExit().get().outcome().describe();
        } catch (TimeoutException e) {
            job.close();
            told = "no end within " + END.toSeconds() + " s";
            ended = told;
            status = -1;
        } catch (ExecutionException e) {
            ended = String.valueOf(e.getCause().getMessage());
            status = -1;
        }
        return new Output(out.text(), err.text(), told.isEmpty() ? status : -1, told);
    }

    static String quote(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    @Override
    public void close() {
        job.close();
    }

    /** Collects one stream up to the mark that tells that a command has ended. */
    private static final class Reader {
        private byte[] data = new byte[1024];
        private int size;
        private String mark = "";
        private String text = "";
        private int status = -1;
        private boolean marked;
        private boolean eof;

        Reader(InputStream in) {
            Thread thread = new Thread(() -> read(in), "demo-output");
            thread.setDaemon(true);
            thread.start();
        }

        private void read(InputStream in) {
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    add(buffer, n);
                }
            } catch (IOException e) {
                // Closed: as good as its end.
                add(buffer, 0);
            }
            synchronized (this) {
                eof = true;
                notifyAll();
            }
        }

        private synchronized void add(byte[] buffer, int n) {
            // Its number may come later than the mark.
            int from = Math.max(0, size - mark.length() - NUMBER);
            if (size <= MAX_OUTPUT) {
                data = size + n > data.length ? Arrays.copyOf(data, 2 * (size + n)) : data;
                System.arraycopy(buffer, 0, data, size, n);
                size += n;
                look(from);
            }
            notifyAll();
        }

        /** The mark is looked for in bytes: what is around it may be anything. */
        private void look(int from) {
            if (mark.isEmpty() || marked) {
                return;
            }
            String tail = new String(data, from, size - from, StandardCharsets.ISO_8859_1);
            int at = tail.indexOf("\n" + mark + " ");
            int end = at < 0 ? -1 : tail.indexOf(".\n", at);
            if (end >= 0) {
                text = new String(data, 0, from + at, StandardCharsets.UTF_8);
                status = Integer.parseInt(tail.substring(at + mark.length() + 2, end));
                marked = true;
                // What a process in the background writes later belongs to the next step.
                int rest = from + end + 2;
                data = Arrays.copyOfRange(data, rest, Math.max(size, rest + 1));
                size -= rest;
            }
        }

        synchronized void expect(String next) {
            mark = next;
            marked = false;
            text = "";
            status = -1;
        }

        synchronized boolean await(long deadline) throws InterruptedException {
            while (!marked && !eof && size <= MAX_OUTPUT) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return marked;
        }

        synchronized boolean overflowed() {
            return !marked && size > MAX_OUTPUT;
        }

        synchronized boolean marked() {
            return marked;
        }

        synchronized boolean ended() {
            return eof;
        }

        synchronized int status() {
            return status;
        }

        synchronized String text() {
            return marked ? text : new String(data, 0, size, StandardCharsets.UTF_8);
        }
    }
}
