package io.nsjob.internal.launch;

import io.nsjob.internal.os.ControlSocket;
import io.nsjob.internal.os.Entropy;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.plan.PlanCompiler;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A helper that forks a supervisor for each job. Its standard input is its lifeline: it ends with this JVM, or when it is closed. When
 * it dies its supervisors go on, but nobody can be started by it any more.
 */
public final class ResidentHelper implements Forker {
    private static final long START_SECONDS = 10;
    private static final long EXIT_SECONDS = 8;
    private static final int SIGNALED = 128, SIGNAL_MASK = 0x7f;

    private final Path program;
    private final String secret;
    private final CompletableFuture<Void> greeted = new CompletableFuture<>();
    private final Map<Long, Job> jobs = new ConcurrentHashMap<>();
    private ControlSocket control;
    private Process process;

    private ResidentHelper(Path program, String secret) {
        this.program = program;
        this.secret = secret;
    }

    /**
     * Starts one and waits until it is there.
     *
     * @param helper the program
     * @param socket a free path in a private directory
     * @param uid of this process
     * @return to be closed
     * @throws IOException when it cannot be started, or is not what it should be
     * @throws InterruptedException when this thread was interrupted; it is gone then
     */
    public static ResidentHelper start(Path helper, Path socket, long uid) throws IOException, InterruptedException {
        ResidentHelper resident = new ResidentHelper(helper, Entropy.secret());
        resident.control = ControlSocket.listen(socket, resident.new Events());
        try {
            HelperStdio stdio = new HelperStdio(Redirect.PIPE, Redirect.DISCARD, Redirect.INHERIT);
            resident.process = new HelperExecutor(stdio).start(helper, Map.of("NSJOB_SOCKET", socket.toString()), "--resident");
            resident.control.admit(resident.process.pid(), uid);
            resident.process.onExit().thenRun(() -> resident.greeted.completeExceptionally(new EOFException("the helper ended without a word")));
            resident.tellSecret();
            resident.greeted.get(START_SECONDS, TimeUnit.SECONDS);
            return resident;
        } catch (ExecutionException e) {
            resident.close();
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (TimeoutException e) {
            resident.close();
            throw new IOException("the helper does not answer", e);
        } catch (IOException | InterruptedException | RuntimeException e) {
            resident.close();
            throw e;
        }
    }

    @Override
    public Path program() {
        return program;
    }

    private void tellSecret() {
        try {
            // Not closed: this is the lifeline, and lives as long as the process object.
            OutputStream lifeline = process.getOutputStream();
            lifeline.write((secret + "\n").getBytes(StandardCharsets.US_ASCII));
            lifeline.flush();
        } catch (IOException e) {
            Log.debug(ResidentHelper.class, "the helper ended at once", e);
        }
    }

    private final class Events implements ControlSocket.Events {
        @Override
        public void hello(byte[] body) {
            try {
                Event event = EventReader.read(new Frame(FrameType.HELLO, body));
                if (!(event instanceof Event.Hello hello) || !Entropy.isSame(hello.secret(), secret)) {
                    throw new ProtocolException("the helper does not know the secret of this connection");
                }
                if (hello.protocol() != PlanCompiler.PROTOCOL) {
                    throw new ProtocolException("the helper speaks protocol " + hello.protocol() + ", this library protocol "
                        + PlanCompiler.PROTOCOL + "; they are of different versions");
                }
                greeted.complete(null);
            } catch (ProtocolException e) {
                greeted.completeExceptionally(e);
            }
        }

        @Override
        public void ended(long number, int status) {
            Job job = jobs.get(number);
            if (job != null) {
                int signal = status & SIGNAL_MASK;
                job.ended(signal != 0 ? SIGNALED + signal : status >> 8 & 0xff);
            }
        }

        @Override
        public void gone() {
            greeted.completeExceptionally(new EOFException("the helper closed its connection"));
            jobs.values().forEach(Job::helperGone);
        }
    }

    @Override
    public boolean start(Job job) {
        jobs.put(job.number(), job);
        if (control.start(job)) {
            return true;
        }
        jobs.remove(job.number());
        return false;
    }

    @Override
    public void forget(Job job) {
        jobs.remove(job.number());
    }

    @Override
    public boolean kill(Job job) {
        return control.kill(job.number());
    }

    @Override
    public boolean isUsable() {
        return !control.isGone() && process.isAlive();
    }

    @Override
    public boolean tellsStatus() {
        return true;
    }

    @Override
    public boolean isStopped() {
        return ProcStat.isStopped(Path.of("/proc", Long.toString(process.pid()), "stat"));
    }

    @Override
    public void destroy() {
        process.destroyForcibly();
    }

    /** Ends it, and waits until it has ended. */
    public void close() {
        control.close();
        if (process == null) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            Log.debug(ResidentHelper.class, "the helper's input", e);
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
