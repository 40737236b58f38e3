package io.nsjob.internal.launch;

import io.nsjob.internal.os.Entropy;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.plan.PlanCompiler;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.FrameReader;
import io.nsjob.internal.wire.FrameType;
import io.nsjob.internal.wire.ProtocolException;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One helper process and the connection to it. Blocking calls belong to threads of the library: an interrupt of a thread
 * within them would close the channel.
 */
public final class HelperConnection {
    private final Path helper;
    private final ServerSocketChannel server;
    private final Path socket;
    private final String secret;
    private final Process process;
    private volatile SocketChannel channel;
    private volatile boolean ending;
    private FrameReader reader;

    private HelperConnection(Path helper, ServerSocketChannel server, Path socket, String secret, Process process) {
        this.helper = helper;
        this.server = server;
        this.socket = socket;
        this.secret = secret;
        this.process = process;
    }

    /**
     * Listens, and starts a helper that will connect.
     *
     * @param helper the program
     * @param socket a free path in a private directory
     * @param stdio the job's streams
     * @return a connection to be accepted
     * @throws IOException when the socket cannot be made or the helper not be started
     */
    public static HelperConnection open(Path helper, Path socket, HelperStdio stdio) throws IOException {
        String secret = Entropy.secret();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
            Map<String, String> environment = Map.of("NSJOB_SOCKET", socket.toString(), "NSJOB_SECRET", secret);
            Process process = new HelperExecutor(stdio).start(helper, environment);
            return new HelperConnection(helper, server, socket, secret, process);
        } catch (IOException | RuntimeException e) {
            server.close();
            Files.deleteIfExists(socket);
            throw e;
        }
    }

    /**
     * The program.
     *
     * @return its path
     */
    public Path helper() {
        return helper;
    }

    /**
     * The helper.
     *
     * @return its process
     */
    public Process process() {
        return process;
    }

    /**
     * Waits for the helper to connect and to prove that it is ours. Nobody can connect after it.
     *
     * @return the helper's version
     * @throws ProtocolException when it does not prove it, or speaks another protocol
     * @throws IOException when it ended first, or {@link #end} was called
     */
    public String accept() throws IOException {
        // accept() knows nothing of the process it waits for; without this it would wait for ever.
        process.onExit().thenRun(new Runnable() {
            @Override
            public void run() {
                wake();
            }
        });
        try {
            SocketChannel accepted = server.accept();
            channel = accepted;
            if (ending) {
                accepted.close();
            }
            reader = new FrameReader(accepted, FrameType.Direction.TO_JAVA);
        } finally {
            closeServer();
            Files.deleteIfExists(socket);
        }
        Optional<Event> first = next();
        if (first.isEmpty() && !process.isAlive()) {
            throw new EOFException("the helper ended without a word");
        }
        if (!(first.orElse(null) instanceof Event.Hello hello)) {
            throw new ProtocolException("the helper did not say hello");
        }
        if (!Entropy.isSame(hello.secret(), secret)) {
            throw new ProtocolException("the helper does not know the secret of this connection");
        }
        if (hello.protocol() != PlanCompiler.PROTOCOL) {
            throw new ProtocolException("the helper speaks protocol " + hello.protocol() + ", this library protocol "
                + PlanCompiler.PROTOCOL + "; they are of different versions");
        }
        return hello.version();
    }

    /**
     * Another connection, behind that of the helper if there is one: what a helper said that is gone before it was accepted is
     * still to be read, and closing would throw it away.
     */
    private void wake() {
        try (SocketChannel end = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            end.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            closeServer();
        }
    }

    private void closeServer() {
        try {
            server.close();
        } catch (IOException e) {
            Log.debug(HelperConnection.class, "server socket", e);
        }
    }

    /**
     * Waits for what the helper says next.
     *
     * @return empty when it has closed the connection
     * @throws ProtocolException when it is not an event
     * @throws IOException when reading fails, or {@link #close} was called
     */
    public Optional<Event> next() throws IOException {
        Optional<Frame> frame = nextFrame();
        return frame.isPresent() ? Optional.of(EventReader.read(frame.get())) : Optional.empty();
    }

    /**
     * Waits for what the helper says next, and leaves it as it is.
     *
     * @return empty when it has closed the connection
     * @throws ProtocolException when it is not a frame
     * @throws IOException when reading fails, or {@link #close} was called
     */
    public Optional<Frame> nextFrame() throws IOException {
        return reader.read();
    }

    /**
     * Says something to the helper.
     *
     * @param frame what
     * @throws IOException when the helper is gone
     */
    public void send(Frame frame) throws IOException {
        ByteBuffer bytes = frame.encode();
        SocketChannel to = channel;
        if (to == null) {
            throw new IOException("not connected");
        }
        synchronized (this) {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
        }
    }

    /**
     * Tells the helper to kill everything: end of file from this side. What it says until it has done so is still read.
     */
    public void end() {
        ending = true;
        SocketChannel open = channel;
        if (open == null) {
            // It has no plan yet, so there is no job and nothing to clean up.
            closeServer();
            process.destroyForcibly();
            return;
        }
        try {
            open.shutdownOutput();
        } catch (IOException e) {
            close();
        }
    }

    /** Closes the connection, which wakes up a thread that reads from it. */
    public void close() {
        ending = true;
        closeServer();
        SocketChannel open = channel;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                Log.debug(HelperConnection.class, "connection", e);
            }
        }
    }
}
