package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NetConnection;
import io.nsjob.NetListener;
import io.nsjob.NetNamespace;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.StateBase;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Netns;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sockets inside the network of a running job, for any caller. */
@JobTest
class NetRelayIT {
    private static final String LOCAL = "127.0.0.1";
    private static final int MUCH = 8 << 20;

    private static Launcher launcher;
    private static Job one;
    private static Job two;
    private static NetNamespace first;
    private static NetNamespace second;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
        one = launcher.start(TestJobs.isolated().command("sleep", "1000").build());
        two = launcher.start(JobSpec.bare(NamespaceKind.USER, NamespaceKind.NET).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .command("sleep", "1000").build());
        first = NetNamespace.of(one);
        second = NetNamespace.of(two);
    }

    @AfterAll
    static void close() {
        launcher.close();
    }

    private static String read(NetConnection connection) throws IOException {
        return new String(connection.in().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void write(NetConnection connection, String text) throws IOException {
        connection.out().write(text.getBytes(StandardCharsets.UTF_8));
        connection.out().close();
    }

    @Test
    void aListenerServesItsNetworkAndNoOther() throws Exception {
        try (NetListener listener = first.listen(0)) {
            int port = listener.address().getPort();
            try (NetListener same = second.listen(new InetSocketAddress(LOCAL, port)); NetConnection there = first.connect(LOCAL, port);
                    NetConnection here = listener.accept(); NetConnection other = second.connect(LOCAL, port);
                    NetConnection otherHere = same.accept()) {
                assertEquals(there.local(), here.peer());
                assertEquals(here.local(), there.peer());
                write(there, "to the first");
                write(other, "to the second");
                assertEquals("to the first", read(here));
                assertEquals("to the second", read(otherHere));
                // The half-closes of those who asked do not keep them from hearing an answer.
                write(here, "answer");
                assertEquals("answer", read(there));
            }
            assertThrows(ConnectException.class, () -> new Socket(InetAddress.getByName(LOCAL), port).close(), "not on the host");
        }
    }

    @Test
    void muchGoesBothWaysAtOnceAndWaitsForItsReader() throws Exception {
        try (NetListener listener = first.listen(0); NetConnection there = first.connect(LOCAL, listener.address().getPort());
                NetConnection here = listener.accept()) {
            byte[] block = new byte[1 << 16];
            List<CompletableFuture<Void>> writers = new ArrayList<>();
            for (NetConnection connection : List.of(there, here)) {
                writers.add(CompletableFuture.runAsync(() -> {
                    try {
                        OutputStream out = connection.out();
                        for (int sent = 0; sent < MUCH; sent += block.length) {
                            out.write(block);
                        }
                        out.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }, work -> new Thread(work).start()));
            }
            assertThrows(java.util.concurrent.TimeoutException.class, () -> writers.get(0).get(300, TimeUnit.MILLISECONDS), "nobody reads");
            for (NetConnection connection : List.of(here, there)) {
                InputStream in = connection.in();
                long got = 0;
                for (int length = in.read(block); length > 0; length = in.read(block)) {
                    got += length;
                }
                assertEquals(MUCH, got);
            }
            CompletableFuture.allOf(writers.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** Each answer of the relay's is a connection to this JVM. */
    @Test
    void answersLeaveNoDescriptorBehind() throws Exception {
        first.listen(0).close();
        long before = descriptors();
        for (int i = 0; i < 10; i++) {
            assertThrows(ConnectException.class, () -> first.connect(LOCAL, 9));
            first.listen(0).close();
        }
        // What a relay that has just ended still holds is let go of; what is left over for ever would be thirty.
        Await.until("descriptors are closed", () -> descriptors() < before + 10);
    }

    @Test
    void oneProcessServesManyConnections() throws Exception {
        List<NetConnection> open = new ArrayList<>();
        assertEquals(0, relays(0), "those of other tests");
        try (NetListener listener = second.listen(0)) {
            for (int i = 0; i < 6; i++) {
                NetConnection there = second.connect(LOCAL, listener.address().getPort());
                NetConnection here = listener.accept();
                open.addAll(List.of(there, here));
                write(here, "number " + i);
            }
            for (int i = 0; i < 6; i++) {
                assertEquals("number " + i, read(open.get(2 * i)));
            }
            assertEquals(7, relays(7), "one for the listener");
        }
        for (NetConnection connection : open) {
            connection.close();
        }
        assertEquals(0, relays(0), "they end with the last connection");
    }

    /** How many relays of this JVM run, once there are as many as expected, or after half a minute. */
    private static long relays(int expected) throws Exception {
        long count = -1;
        for (int i = 0; i < 1500 && count != expected; i++) {
            Thread.sleep(count < 0 ? 0 : 20);
            try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
                count = processes.filter(process -> {
                    try {
                        String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                        return line.contains("\0--forward\0") && line.contains("/run/" + ProcessHandle.current().pid() + "-");
                    } catch (IOException e) {
                        return false;
                    }
                }).count();
            }
        }
        return count;
    }

    @Test
    void aClosedListenerFreesItsPortAndItsConnectionsGoOn() throws Exception {
        NetListener listener = first.listen(0);
        int port = listener.address().getPort();
        CompletableFuture<Throwable> waiting = new CompletableFuture<>();
        try (NetConnection there = first.connect(LOCAL, port); NetConnection here = listener.accept()) {
            new Thread(() -> waiting.complete(assertThrows(IOException.class, listener::accept))).start();
            listener.close();
            assertTrue(waiting.get(60, TimeUnit.SECONDS) instanceof ClosedChannelException);
            assertThrows(ClosedChannelException.class, listener::accept);
            assertThrows(ConnectException.class, () -> first.connect(LOCAL, port));
            write(there, "still");
            assertEquals("still", read(here));
        }
        first.listen(port).close();
    }

    @Test
    void mistakesAreThoseOfOrdinarySockets() throws Exception {
        try (NetListener listener = first.listen(new InetSocketAddress(LOCAL, 80))) {
            BindException taken = assertThrows(BindException.class, () -> first.listen(new InetSocketAddress(LOCAL, 80)));
            assertEquals("Address already in use: 127.0.0.1 port 80 in " + first, taken.getMessage());
            assertEquals(80, listener.address().getPort());
        }
        assertThrows(BindException.class, () -> first.listen(new InetSocketAddress("192.0.2.1", 80)));
        ConnectException refused = assertThrows(ConnectException.class, () -> first.connect(LOCAL, 81));
        assertEquals("Connection refused: 127.0.0.1 port 81 in " + first, refused.getMessage());
        Process sleep = new ProcessBuilder("sleep", "60").start();
        NetNamespace of = NetNamespace.of(sleep.pid());
        // It is in ours: nothing is to be entered, and nobody needs to be asked.
        of.listen(new InetSocketAddress(LOCAL, 0)).close();
        sleep.destroyForcibly().waitFor();
        assertThrows(SandboxException.class, () -> of.listen(0));
    }

    /** Any process of this user can see the directory of sockets, a job that sees the host's files as well. */
    @Test
    void whoDoesNotKnowTheSecretIsNotHeard() throws Exception {
        try (NetListener listener = first.listen(0)) {
            Path runs = StateBase.require(HostFacts.real().identity()).resolve("run");
            List<Path> sockets = new ArrayList<>();
            // Not a walk of the whole tree: what belongs to other JVMs may go at any moment.
            try (DirectoryStream<Path> ours = Files.newDirectoryStream(runs, ProcessHandle.current().pid() + "-*")) {
                for (Path run : ours) {
                    try (DirectoryStream<Path> inside = Files.newDirectoryStream(run, "*.sock")) {
                        inside.forEach(sockets::add);
                    }
                }
            }
            List<Path> live = new ArrayList<>();
            for (Path socket : sockets) {
                try (SocketChannel stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                    ByteBuffer lie = ByteBuffer.wrap(String.format("%-255s%n", "0".repeat(64) + " accepted 0 0 127.0.0.1 1 127.0.0.1 2")
                        .getBytes(StandardCharsets.US_ASCII));
                    stranger.write(lie);
                    assertEquals(-1, stranger.read(ByteBuffer.allocate(1)), "closed without a word");
                    live.add(socket);
                } catch (SocketException e) {
                    // That of a relay that has just ended, or of a helper that has connected.
                    continue;
                }
            }
            // One that says nothing holds nobody up.
            try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(live.get(0)));
                    NetConnection there = first.connect(LOCAL, listener.address().getPort()); NetConnection here = listener.accept()) {
                write(there, "heard");
                assertEquals("heard", read(here));
                assertTrue(silent.isConnected());
            }
        }
    }

    @Test
    @RequiresFeature(Feature.BUSYBOX)
    void aServerInsideAJobIsTested() throws Exception {
        JobSpec server = JobSpec.bare(NamespaceKind.USER, NamespaceKind.NET, NamespaceKind.PID).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .command("/bin/busybox", "nc", "-l", "-p", "7777", "-e", "/bin/cat").build();
        try (Job job = launcher.start(server, StartOptions.defaults())) {
            NetNamespace inside = NetNamespace.of(job);
            for (int tries = 0;; tries++) {
                try (NetConnection connection = inside.connect(LOCAL, 7777)) {
                    write(connection, "echo");
                    assertArrayEquals("echo".getBytes(StandardCharsets.UTF_8), read(connection).getBytes(StandardCharsets.UTF_8));
                    break;
                } catch (SocketException e) {
                    assertTrue(tries < 2000, "it does not listen");
                    Thread.sleep(20);
                }
            }
        }
    }

    @Test
    void theNetworkOfSomebodyElseIsRefused() throws Exception {
        if (Netns.mayMount()) {
            return;
        }
        SandboxException refused = assertThrows(SandboxException.class, () -> NetNamespace.of(Path.of("/proc/1/ns/net")).listen(0));
        assertTrue(refused.hint().orElse("").contains("only its owner"), refused.toJson());
    }
}
