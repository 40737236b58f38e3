package io.nsjob.internal.run;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A job seen as a {@code Process}. As with any process, an interrupt of a waiting thread does nothing to it. */
final class JobProcess extends Process {
    private static final int STATUS_NSJOB_FAILED = 125;

    private final RunningJob job;
    private final JobStreams streams;

    JobProcess(RunningJob job, JobStreams streams) {
        this.job = job;
        this.streams = streams;
    }

    @Override
    public OutputStream getOutputStream() {
        return streams.hasLiveIn() ? streams.stdin() : OutputStream.nullOutputStream();
    }

    @Override
    public InputStream getInputStream() {
        return streams.hasLiveOut() ? streams.stdout() : InputStream.nullInputStream();
    }

    @Override
    public InputStream getErrorStream() {
        return streams.hasLiveErr() ? streams.stderr() : InputStream.nullInputStream();
    }

    private CompletableFuture<Integer> status() {
        return job.result().handle((result, failure) -> failure == null ? result.exitStatus() : STATUS_NSJOB_FAILED);
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return status().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("handled above", e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            status().get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("handled above", e);
        }
    }

    @Override
    public int exitValue() {
        if (!job.result().isDone()) {
            throw new IllegalThreadStateException("the job has not ended");
        }
        return status().join();
    }

    @Override
    public boolean isAlive() {
        return !job.result().isDone();
    }

    @Override
    public void destroy() {
        if (isAlive()) {
            job.cancel();
        }
    }

    @Override
    public Process destroyForcibly() {
        if (isAlive()) {
            job.cancel(Duration.ZERO);
        }
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public long pid() {
        return job.report().hostPid();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return job.result().handle((result, failure) -> this);
    }

    @Override
    public ProcessHandle toHandle() {
        return ProcessHandle.of(pid()).orElseThrow(() -> new UnsupportedOperationException("the job has ended"));
    }
}
