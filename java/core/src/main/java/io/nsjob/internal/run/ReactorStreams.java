package io.nsjob.internal.run;

import io.nsjob.SandboxException;
import io.nsjob.Stdio;
import io.nsjob.internal.os.ErrnoException;
import io.nsjob.internal.os.JobFds;
import io.nsjob.internal.os.Loop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/** The descriptors behind the standard streams of one job, and what the reactor does with this JVM's ends of them. */
final class ReactorStreams {
    private static final byte[] NO_BYTES = {};

    private final Loop loop;
    private final Executor callbacks;
    private final JobStreams streams;
    private final int[] theirs = {-1, -1, -1};
    private final boolean[] own = new boolean[3];
    private final ReactorPump[] outputs = new ReactorPump[2];
    private InputPump input;
    private Runnable settled;
    private long before;

    ReactorStreams(Loop loop, Executor callbacks, JobStreams streams) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.streams = streams;
    }

    /** Makes and opens everything; {@link #abandon} is to follow a failure. */
    void open(Runnable tooMuch) throws SandboxException, InterruptedException {
        try {
            openInput();
            openOutput(0, streams.out(), tooMuch);
            openOutput(1, streams.err(), tooMuch);
        } catch (ErrnoException e) {
            throw e.subject().isEmpty() ? new SandboxException("spawn", "cannot make the job's streams: " + e.getMessage(), e)
                : new SandboxException("stdio", e.syscall(), e.errno(), e.subject(), "cannot open a file for the job's streams", "");
        }
    }

    private void openInput() throws ErrnoException, InterruptedException {
        Stdio stdio = streams.in();
        if (stdio instanceof Stdio.Bytes bytes) {
            JobFds.Pair pipe = own(0, JobFds.pipe(false));
            byte[] content = bytes.content();
            int taken = content.length == 0 ? 0 : JobFds.write(pipe.ours(), content);
            if (taken == content.length) {
                JobFds.close(pipe.ours());
            } else {
                input = new InputPump(loop, pipe.ours(), Arrays.copyOfRange(content, taken, content.length), null);
            }
        } else if (stdio instanceof Stdio.Stream) {
            JobFds.Pair pipe = own(0, JobFds.pipe(false));
            input = new InputPump(loop, pipe.ours(), NO_BYTES, streams.openInput());
        } else if (stdio instanceof Stdio.File file) {
            theirs[0] = open(file.path(), () -> JobFds.openInput(file.path().toString()));
            own[0] = true;
        } else {
            theirs[0] = stdio instanceof Stdio.Inherit ? 0 : JobFds.nothing();
        }
    }

    private void openOutput(int index, JobStreams.Side side, Runnable tooMuch) throws ErrnoException, InterruptedException {
        if (side.isPiped()) {
            JobFds.Pair pipe = own(1 + index, JobFds.pipe(true));
            outputs[index] = new ReactorPump(loop, callbacks, pipe.ours(), side.sink(tooMuch), this::look);
            side.setPump(outputs[index]);
        } else if (side.stdio() instanceof Stdio.File file) {
            theirs[1 + index] = open(file.path(), () -> JobFds.openOutput(file.path().toString(), file.append()));
            own[1 + index] = true;
        } else {
            theirs[1 + index] = side.stdio() instanceof Stdio.Inherit ? 1 + index : JobFds.nothing();
        }
    }

    private JobFds.Pair own(int index, JobFds.Pair pair) {
        theirs[index] = pair.theirs();
        own[index] = true;
        return pair;
    }

    /** What is no plain file may keep whoever opens it waiting: not in a native call that holds a virtual thread's carrier. */
    private int open(Path path, Callable<Integer> open) throws ErrnoException, InterruptedException {
        CompletableFuture<Integer> opened = new CompletableFuture<>();
        Runnable work = () -> {
            try {
                int fd = open.call();
                if (!opened.complete(fd)) {
                    JobFds.close(fd);
                }
            } catch (Exception e) {
                opened.completeExceptionally(e);
            }
        };
        if (!Files.exists(path) || Files.isRegularFile(path)) {
            work.run();
        } else {
            callbacks.execute(work);
        }
        try {
            return opened.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ErrnoException failure ? failure : new ErrnoException("open", 0, path.toString());
        } catch (InterruptedException e) {
            if (!opened.cancel(false)) {
                JobFds.close(opened.join());
            }
            throw e;
        }
    }

    /** What the job gets as 0, 1 or 2. */
    int theirs(int index) {
        return theirs[index];
    }

    /** The job has its ends, or never will. */
    void closeTheirs() {
        for (int i = 0; i < theirs.length; i++) {
            if (own[i]) {
                JobFds.close(theirs[i]);
                own[i] = false;
            }
        }
    }

    /** Begins to read and write. */
    void begin() {
        for (ReactorPump output : outputs) {
            if (output != null) {
                output.begin();
            }
        }
        if (input != null) {
            input.begin();
        }
    }

    /** The job was not started. */
    void abandon() {
        closeTheirs();
        for (ReactorPump output : outputs) {
            if (output != null) {
                output.abandon();
            }
        }
        closeInput();
    }

    private void closeInput() {
        if (input != null) {
            loop.execute(input::end);
        }
    }

    /**
     * Calls back once everything that a result has to contain is there, but not for ever: after the last process of the job is
     * dead only what is in the pipes can come, unless a process that escaped holds the other end. For the reactor's thread, which
     * also calls back.
     */
    void whenHere(Runnable then) {
        settled = then;
        look();
        if (settled != null) {
            before = streams.count();
            loop.after(JobStreams.QUIET_MILLIS, this::lookWhetherQuiet);
        }
    }

    private void look() {
        if (settled != null && streams.isHere()) {
            settle();
        }
    }

    private void lookWhetherQuiet() {
        if (settled == null) {
            return;
        }
        if (before == streams.count()) {
            settle();
        } else {
            before = streams.count();
            loop.after(JobStreams.QUIET_MILLIS, this::lookWhetherQuiet);
        }
    }

    private void settle() {
        Runnable then = settled;
        settled = null;
        closeInput();
        then.run();
    }
}
