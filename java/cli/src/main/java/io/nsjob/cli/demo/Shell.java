package io.nsjob.cli.demo;

import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A session: one {@code sh} that lives on between the steps, a job as any other. */
final class Shell implements AutoCloseable {
    /** Of one command, each of the two streams. */
    private static final int MAX_OUTPUT = 256 * 1024;
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
        // there may be no /dev/null, and an empty here-document has no file.
        String eval = "command eval " + quote(command);
        String script = "if [ -e /dev/null ]; then " + eval + " </dev/null; else " + eval + " <<''\n\nfi; { printf '\\n" + mark + " %d.\\n' \"$?\"; printf '\\n"
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
        boolean marked = out.await(deadline) & err.await(deadline);
        if (marked) {
            return new Output(out.text(), err.text(), out.status(), "");
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
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
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
            if (bytes.size() <= MAX_OUTPUT) {
                bytes.write(buffer, 0, n);
            }
            look();
            notifyAll();
        }

        /** Malformed UTF-8 is replaced; the mark is ASCII, so it is found whatever surrounds it. */
        private void look() {
            if (mark.isEmpty() || marked) {
                return;
            }
            String all = bytes.toString(StandardCharsets.UTF_8);
            int at = all.indexOf("\n" + mark + " ");
            int end = at < 0 ? -1 : all.indexOf(".\n", at);
            if (end >= 0) {
                text = all.substring(0, at);
                status = Integer.parseInt(all.substring(at + mark.length() + 2, end));
                marked = true;
                bytes.reset();
                // What a process in the background writes later belongs to the next step.
                bytes.writeBytes(all.substring(end + 2).getBytes(StandardCharsets.UTF_8));
            }
        }

        synchronized void expect(String next) {
            mark = next;
            marked = false;
            text = "";
            status = -1;
        }

        synchronized boolean await(long deadline) throws InterruptedException {
            while (!marked && !eof && bytes.size() <= MAX_OUTPUT) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
            return marked;
        }

        synchronized boolean overflowed() {
            return !marked && bytes.size() > MAX_OUTPUT;
        }

        synchronized boolean ended() {
            return eof;
        }

        synchronized int status() {
            return status;
        }

        synchronized String text() {
            return marked ? text : bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
