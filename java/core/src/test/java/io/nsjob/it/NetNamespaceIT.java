package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NetNamespace;
import io.nsjob.SandboxException;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.NetnsNames;
import io.nsjob.testing.Netns;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named network namespaces, and what a thread of the JVM does in one. The latter is for root: others are told so. */
@JobTest
class NetNamespaceIT {
    private static final InetAddress LOCAL = InetAddress.getLoopbackAddress();

    private static Netns netns;
    private static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        netns = new Netns();
        launcher = Launcher.open();
    }

    @AfterAll
    static void close() throws Exception {
        launcher.close();
        netns.close();
    }

    private static String network() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }

    private static int serve(ServerSocket server, int answer) {
        Thread thread = new Thread(() -> {
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(answer);
            } catch (IOException e) {
                // Closed without a visitor.
                return;
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    private static int ask(int port) throws IOException {
        try (Socket socket = new Socket(LOCAL, port)) {
            return socket.getInputStream().read();
        }
    }

    @Test
    void aNameIsThereUntilItIsDeleted() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        String name = one.name().orElseThrow();
        assertEquals("net:[" + one.inode().getAsLong() + "]", one.call(NetNamespaceIT::network));
        assertTrue(NetNamespace.list().stream().anyMatch(other -> other.name().equals(one.name()) && other.inode().equals(one.inode())));
        SandboxException taken = assertThrows(SandboxException.class, () -> NetNamespace.create(name));
        assertEquals("netns 17 there is a network namespace " + name + " already", taken.stage() + " " + taken.errno() + " " + taken.getMessage());
        NetNamespace.delete(name);
        assertTrue(NetNamespace.list().stream().noneMatch(other -> other.name().equals(one.name())));
        SandboxException gone = assertThrows(SandboxException.class, () -> one.call(() -> 1));
        assertEquals("netns 2 there is no network namespace " + name, gone.stage() + " " + gone.errno() + " " + gone.getMessage());
        assertEquals(2, assertThrows(SandboxException.class, () -> NetNamespace.delete(name)).errno());
        assertEquals(2, assertThrows(SandboxException.class, one::job).errno());
        assertTrue(one.inode().isEmpty());
    }

    /** Everybody may take the lock by which iproute2 makes the directory a mount, and keep it. */
    @Test
    void nobodyIsWaitedForWhoHoldsTheLockOfTheDirectory() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        netns.create();
        Process holder = new ProcessBuilder("flock", "/run/netns", "sh", "-c", "echo held; exec sleep 60").start();
        try {
            assertEquals('h', holder.getInputStream().read());
            FutureTask<NetNamespace> second = new FutureTask<>(netns::create);
            Thread thread = new Thread(second);
            thread.setDaemon(true);
            thread.start();
            assertTrue(second.get(50, TimeUnit.SECONDS).inode().isPresent());
        } finally {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly();
        }
    }

    /** What a reboot leaves on a disk: a file on which nothing is mounted. */
    @Test
    void aFileWithoutANamespaceIsListedAndDeleted() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        netns.create();
        String name = netns.name();
        Files.createFile(Path.of("/run/netns", name));
        NetNamespace stale = NetNamespace.list().stream().filter(one -> one.name().orElseThrow().equals(name)).findFirst().orElseThrow();
        assertTrue(stale.inode().isEmpty());
        assertThrows(SandboxException.class, () -> stale.call(() -> 1));
        NetNamespace.delete(name);
        assertFalse(Files.exists(Path.of("/run/netns", name)));
    }

    /** What holds a user's names ends with whoever started it, until it can be found; then with nobody. */
    @Test
    void whatHoldsNamesEndsUnlessItIsNoted() throws Exception {
        ProcessBuilder keep = new ProcessBuilder(HelperLocator.locate(HostFacts.real().identity().uid()).toString(), "--keep");
        Process forgotten = keep.start();
        Process noted = keep.start();
        try {
            assertFalse(forgotten.waitFor(200, TimeUnit.MILLISECONDS), "its starter is there");
            forgotten.getOutputStream().close();
            assertTrue(forgotten.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, forgotten.exitValue());
            noted.getOutputStream().write('\n');
            noted.getOutputStream().close();
            assertFalse(noted.waitFor(300, TimeUnit.MILLISECONDS));
        } finally {
            forgotten.destroyForcibly();
            noted.destroyForcibly();
        }
    }

    /** Names that cannot be seen are not gone: who held them would be killed, and all networks with him. */
    @Test
    void whatCannotBeSeenIsNotEmpty(@TempDir Path root) throws Exception {
        assertTrue(NetnsNames.isEmpty(root));
        Path names = Files.createDirectories(root.resolve("run/netns"));
        assertTrue(NetnsNames.isEmpty(root));
        Files.createFile(names.resolve("one"));
        assertFalse(NetnsNames.isEmpty(root));
        Path other = Files.createDirectories(root.resolve("other/run")).getParent();
        Files.createFile(other.resolve("run/netns"));
        assertThrows(IOException.class, () -> NetnsNames.isEmpty(other));
    }

    @Test
    void namesAreFileNames() {
        for (String name : List.of("", ".", "..", "a/b", "/a", "a\nb", "a\0b", "x".repeat(256))) {
            assertThrows(IllegalArgumentException.class, () -> NetNamespace.named(name), name);
            assertThrows(IllegalArgumentException.class, () -> NetNamespace.create(name), name);
            assertThrows(IllegalArgumentException.class, () -> NetNamespace.delete(name), name);
        }
        assertThrows(IllegalArgumentException.class, () -> NetNamespace.of(Integer.MAX_VALUE));
    }

    @Test
    void aJobInOneHasItsInterfacesInSys() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        JobSpec.Builder job = one.job().command("sh", "-c", "readlink /proc/self/ns/net; ls /sys/class/net; ls -d /run/netns/*");
        JobResult result = launcher.run(job.build());
        List<String> lines = result.stdoutText().lines().toList();
        assertEquals(List.of("net:[" + one.inode().getAsLong() + "]", "lo"), lines.subList(0, 2), result.stderrText());
        assertTrue(lines.contains(one.file().toString()));
        assertEquals(NamespaceKind.values().length - 2, result.report().namespaces().all().stream().filter(entry -> !entry.isolated()).count());
    }

    @Test
    void aServerSocketMadeInsideServesThatNetworkAndNotTheHosts() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        NetNamespace two = netns.create();
        String here = network();
        try (ServerSocket first = one.call(() -> new ServerSocket(0)); ServerSocket second = two.call(() -> new ServerSocket(first.getLocalPort()))) {
            int port = serve(first, 1);
            assertEquals(port, serve(second, 2), "the same port in both");
            assertThrows(ConnectException.class, () -> ask(port));
            assertEquals(1, one.call(() -> ask(port)));
            assertEquals(2, two.call(() -> ask(port)));
        }
        assertEquals(here, network(), "the calling thread has not moved");
    }

    @Test
    void socketsAndChannelsThatWereConnectedInsideAreOfUseOutside() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        try (ServerSocketChannel server = one.call(() -> ServerSocketChannel.open().bind(new InetSocketAddress(LOCAL, 0)))) {
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            try (Socket socket = one.call(() -> new Socket(LOCAL, address.getPort())); SocketChannel accepted = server.accept();
                    SocketChannel opened = one.call(SocketChannel::open)) {
                socket.getOutputStream().write(new byte[] {1, 2});
                ByteBuffer read = ByteBuffer.allocate(2);
                while (read.hasRemaining()) {
                    accepted.read(read);
                }
                assertArrayEquals(new byte[] {1, 2}, read.array());
                assertTrue(opened.connect(address), "a channel has its descriptor when it is opened");
                server.accept().close();
                // The control: a socket without one is made where it is connected.
                try (Socket late = one.call(() -> new Socket())) {
                    assertThrows(ConnectException.class, () -> late.connect(address));
                }
            }
        }
    }

    /** Why nothing but opening belongs into a call: a pool that is born in there stays there. */
    @Test
    void aThreadThatIsStartedInsideStaysThere() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        Callable<String> where = NetNamespaceIT::network;
        ExecutorService poisoned = one.call(() -> {
            ExecutorService pool = Executors.newFixedThreadPool(1);
            pool.submit(() -> 1).get();
            return pool;
        });
        ExecutorService healthy = Executors.newFixedThreadPool(1);
        try {
            assertEquals("net:[" + one.inode().getAsLong() + "]", poisoned.submit(where).get());
            assertEquals(network(), healthy.submit(where).get());
            // Ours take no part in that: no job can be started from inside, and so none of the library's threads.
            assertThrows(IllegalStateException.class, () -> one.call(() -> launcher.run(JobSpec.bare().command("true").build())));
            assertThrows(IllegalStateException.class, () -> one.call(() -> launcher.runAsync(JobSpec.bare().command("true").build())));
        } finally {
            poisoned.shutdown();
            healthy.shutdown();
        }
    }

    @Test
    void whatTheWorkThrowsIsThrownAndAnInterruptIsPassedOn() throws Exception {
        if (!Netns.mayMount()) {
            return;
        }
        NetNamespace one = netns.create();
        assertEquals("mine", assertThrows(IOException.class, () -> one.call(() -> {
            throw new IOException("mine");
        })).getMessage());
        CountDownLatch inside = new CountDownLatch(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        AtomicReference<Throwable> ended = new AtomicReference<>();
        Thread caller = new Thread(() -> ended.set(assertThrows(InterruptedException.class, () -> one.call(() -> {
            inside.countDown();
            try {
                return sleep();
            } catch (InterruptedException e) {
                seen.set(e);
                throw e;
            }
        }))));
        caller.start();
        inside.await();
        caller.interrupt();
        caller.join(50_000);
        assertTrue(seen.get() instanceof InterruptedException && ended.get() instanceof InterruptedException);
    }

    private static long sleep() throws InterruptedException {
        Thread.sleep(60_000);
        return 0;
    }

    @Test
    void whoMayNotEnterIsToldWhatIsForEverybody() throws Exception {
        if (Netns.mayMount()) {
            assertEquals(network(), NetNamespace.of(ProcessHandle.current().pid()).call(NetNamespaceIT::network));
            return;
        }
        SandboxException refused = assertThrows(SandboxException.class,
            () -> NetNamespace.of(ProcessHandle.current().pid()).call(() -> 1));
        assertEquals("netns setns 1", refused.stage() + " " + refused.syscall() + " " + refused.errno());
        assertTrue(refused.hint().orElse("").contains("listen() and connect()"), refused.toJson());
    }

    @Test
    void thatOfAProcessIsGoneWithIt() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        NetNamespace of = NetNamespace.of(sleep.pid());
        assertEquals(network(), "net:[" + of.inode().getAsLong() + "]");
        sleep.destroyForcibly().waitFor();
        assertTrue(of.inode().isEmpty());
        assertThrows(SandboxException.class, of::job);
        assertThrows(SandboxException.class, () -> of.call(() -> 1));
        assertNotEquals("", of.toString());
    }
}
