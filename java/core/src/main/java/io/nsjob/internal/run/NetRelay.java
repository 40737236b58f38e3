package io.nsjob.internal.run;

import io.nsjob.Capabilities;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NetConnection;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.Entropy;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.NetDoor;
import io.nsjob.internal.os.RunDirectory;
import io.nsjob.internal.os.StateBase;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A helper that serves sockets of another network namespace, see PROTOCOL.md: a job of this JVM, which ends with it. What it
 * connects to is a socket in this JVM's private directory; the secret, which it gets on its standard input, tells it from any
 * other process of this user that can see the directory.
 */
final class NetRelay {
    private static final int GREETING = 256;
    private static final int FIELDS = 8;

    private final RunDirectory run;
    private final Path socket;
    private final ServerSocketChannel server;
    private final String secret;
    private final Job job;
    private final OutputStream commands;
    /** Greetings that are waited for, by their word. */
    private final Map<String, CompletableFuture<Greeting>> expected = new ConcurrentHashMap<>();
    private final BlockingQueue<Greeting> accepted = new LinkedBlockingQueue<>();
    private final Set<SocketChannel> unread = ConcurrentHashMap.newKeySet();

    /**
     * What a connection of the relay's begins with.
     *
     * @param connection what it is about; its channel is the relay's
     * @param errno why there is none in the network; 0 where there is
     * @param end whether it stands for the end of all
     */
    record Greeting(NetConnection connection, int errno, boolean end) {
        private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);
    }

    private NetRelay(RunDirectory run, Path socket, ServerSocketChannel server, String secret, Job job) {
        this.run = run;
        this.socket = socket;
        this.server = server;
        this.secret = secret;
        this.job = job;
        commands = job.stdin();
    }

    /**
     * Starts one.
     *
     * @param door into the namespace
     * @return running
     * @throws SandboxException when it cannot be started there
     * @throws InterruptedException when the calling thread was interrupted
     */
    static NetRelay start(NetDoor door) throws SandboxException, InterruptedException {
        Identity identity = HostFacts.real().identity();
        RunDirectory run = null;
        ServerSocketChannel server = null;
        try {
            run = RunDirectory.acquire(StateBase.require(identity), identity.uid());
            Path socket = run.newSocket();
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
            Job job = SharedLauncher.get().start(spec(door, HelperLocator.locate(identity.uid()), socket),
                StartOptions.defaults().withIn(Stdio.stream()).withOut(Stdio.discard()));
            NetRelay relay = new NetRelay(run, socket, server, Entropy.secret(), job);
            relay.begin();
            run = null;
            server = null;
            return relay;
        } catch (SandboxException e) {
            throw e;
        } catch (IOException e) {
            throw new SandboxException("state", String.valueOf(e.getMessage()), e);
        } finally {
            closeQuietly(server);
            if (run != null) {
                run.release();
            }
        }
    }

    /** It sees the caller's files, as its socket is among them, and may do nothing in the network but take a port below 1024. */
    private static JobSpec spec(NetDoor door, Path helper, Path socket) {
        JobSpec.Builder spec = JobSpec.bare().command(helper.toString(), "--forward", socket.toString()).clearEnvironment(true).cwd("/")
            .newSession(true).noNewPrivileges(true);
        if (door.net().isPresent()) {
            spec.capabilities(Capabilities.of("NET_BIND_SERVICE"));
        }
        door.user().ifPresent(path -> spec.namespace(NamespaceKind.USER, NamespaceMode.join(path)));
        door.net().ifPresent(path -> spec.namespace(NamespaceKind.NET, NamespaceMode.join(path)));
        return spec.build();
    }

    private void begin() throws IOException {
        job.onExit().whenComplete((result, failure) -> ended());
        Thread thread = new Thread(null, this::serve, "nsjob-relay", 0, false);
        thread.setDaemon(true);
        thread.start();
        command(secret);
    }

    private void serve() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                unread.add(channel);
                // Somebody else's may say nothing for ever: not on this thread.
                Threads.executor().execute(() -> read(channel));
            }
        } catch (IOException e) {
            Log.debug(NetRelay.class, "the relay's socket is closed", e);
        }
    }

    private void read(SocketChannel channel) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(GREETING);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new IOException("no greeting");
                }
            }
            String[] words = new String(bytes.array(), StandardCharsets.US_ASCII).trim().split(" ");
            if (words.length != FIELDS || !Entropy.isSame(words[0], secret)) {
                throw new IOException("not the relay");
            }
            Greeting greeting = new Greeting(new NetConnection(channel, address(words[4], words[5]), address(words[6], words[7])),
                Integer.parseInt(words[3]), false);
            boolean arrived = words[1].equals("accepted");
            if (greeting.errno() != 0 || !arrived && !words[1].equals("connected")) {
                // An answer and no more: nobody else would close it.
                closeQuietly(channel);
            }
            if (arrived) {
                accepted.add(greeting);
            } else {
                expect(words[1]).complete(greeting);
            }
            unread.remove(channel);
        } catch (IOException | RuntimeException e) {
            Log.debug(NetRelay.class, "a connection that is not the relay's, or broken", e);
            unread.remove(channel);
            closeQuietly(channel);
        }
    }

    private static InetSocketAddress address(String host, String port) throws IOException {
        return host.equals("-") ? Greeting.NOWHERE : new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(port));
    }

    private CompletableFuture<Greeting> expect(String word) {
        return expected.computeIfAbsent(word, key -> new CompletableFuture<>());
    }

    /** Says something to the relay. */
    synchronized void command(String line) throws IOException {
        commands.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        commands.flush();
    }

    /** No more commands: it ends with its last connection. */
    synchronized void finish() {
        closeQuietly(commands);
    }

    /** Waits for what the relay says about a command, but not for ever: somebody may have stopped it. */
    Greeting answer(String word, long time, TimeUnit unit) throws IOException, InterruptedException {
        return await(expect(word), word, time, unit);
    }

    static Greeting await(CompletableFuture<Greeting> said, String word, long time, TimeUnit unit) throws IOException, InterruptedException {
        try {
            return said.get(time, unit);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new SocketTimeoutException("the relay in the network namespace has not said \"" + word + "\" within " + time + " "
                + unit.name().toLowerCase(Locale.ROOT));
        }
    }

    /** Waits, but not for ever and not less for an interrupt, until nobody listens any more. */
    void awaitClosed(long time, TimeUnit unit) throws IOException {
        CompletableFuture<Greeting> closed = expect("closed");
        try {
            closed.orTimeout(time, unit).join();
        } catch (CompletionException e) {
            throw new IOException("the relay does not answer", e);
        }
    }

    /** The next connection that came to its listener, or the end. */
    Greeting next() throws InterruptedException {
        Greeting next = accepted.take();
        if (next.end()) {
            // For everybody else who waits.
            accepted.add(next);
        }
        return next;
    }

    /** Nobody will take what has come meanwhile. */
    void dropAccepted() {
        for (Greeting greeting = accepted.poll(); greeting != null; greeting = accepted.poll()) {
            closeQuietly(greeting.end() ? null : greeting.connection().channel());
        }
        accepted.add(new Greeting(null, 0, true));
    }

    /** Kills it, and with it all its connections. */
    void kill() {
        job.close();
    }

    private void ended() {
        closeQuietly(server);
        unread.forEach(NetRelay::closeQuietly);
        String said = "the relay in the network namespace has ended" + (job.onExit().isCompletedExceptionally() ? ""
            : ": " + job.onExit().join().stderrText().strip());
        for (String word : new String[] {"listening", "closed", "connected"}) {
            expect(word).completeExceptionally(new IOException(said));
        }
        accepted.add(new Greeting(null, 0, true));
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            Log.debug(NetRelay.class, "cannot remove " + socket, e);
        }
        run.release();
    }

    static void closeQuietly(AutoCloseable one) {
        try {
            if (one != null) {
                one.close();
            }
        } catch (Exception e) {
            Log.debug(NetRelay.class, "closing", e);
        }
    }
}
