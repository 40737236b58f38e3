package io.nsjob.internal.run;

import io.nsjob.NetConnection;
import io.nsjob.NetListener;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.NetDoor;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sockets of another network namespace, by a {@link NetRelay} of their own. */
public final class RelayedSockets {
    /** As many as a ServerSocket lets wait by default. */
    private static final int BACKLOG = 50;
    private static final int ENETUNREACH = 101;
    private static final long LISTEN_SECONDS = 30;
    /** The kernel itself gives up after some two minutes, tcp_syn_retries in tcp(7): its error says more. */
    private static final long CONNECT_SECONDS = 150;

    private RelayedSockets() {
    }

    private static NetRelay relay(Path file, String name) throws SandboxException, InterruptedException {
        boolean privileged = (HostFacts.real().permittedCapabilities() >>> NetnsHome.SYS_ADMIN & 1) != 0;
        try (NetDoor door = NetDoor.open(file, privileged, name)) {
            return NetRelay.start(door);
        }
    }

    /**
     * Listens.
     *
     * @param file of the namespace
     * @param name of it, for messages
     * @param address there
     * @return to be closed
     * @throws IOException when the namespace cannot be entered, or the address not be had
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static NetListener listen(Path file, String name, InetSocketAddress address) throws IOException, InterruptedException {
        String host = host(address);
        NetRelay relay = relay(file, name);
        boolean done = false;
        try {
            relay.command("listen " + host + " " + address.getPort() + " " + BACKLOG);
            NetRelay.Greeting greeting = relay.answer("listening", LISTEN_SECONDS, TimeUnit.SECONDS);
            if (greeting.errno() != 0) {
                throw new BindException(text(greeting.errno()) + ": " + host + " port " + address.getPort() + " in " + name);
            }
            NetListener listener = new Listener(relay, greeting.connection().local());
            done = true;
            return listener;
        } finally {
            if (!done) {
                relay.kill();
            }
        }
    }

    /**
     * Connects.
     *
     * @param file of the namespace
     * @param name of it, for messages
     * @param address there
     * @return to be closed
     * @throws IOException when the namespace cannot be entered, or nobody answers there
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static NetConnection connect(Path file, String name, InetSocketAddress address) throws IOException, InterruptedException {
        String host = host(address);
        NetRelay relay = relay(file, name);
        boolean done = false;
        try {
            relay.command("connect 1 " + host + " " + address.getPort());
            NetRelay.Greeting greeting = relay.answer("connected", CONNECT_SECONDS, TimeUnit.SECONDS);
            if (greeting.errno() != 0) {
                throw new ConnectException(text(greeting.errno()) + ": " + host + " port " + address.getPort() + " in " + name
                    + (greeting.errno() == ENETUNREACH ? " (its interfaces may be down, even lo)" : ""));
            }
            relay.finish();
            done = true;
            return greeting.connection();
        } finally {
            if (!done) {
                relay.kill();
            }
        }
    }

    private static String host(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            throw new java.net.UnknownHostException(address.getHostString());
        }
        String host = address.getAddress().getHostAddress();
        if (host.indexOf('%') >= 0) {
            throw new IOException("an address with a scope, " + host + ", is one of this network, not of another");
        }
        return host;
    }

    private static String text(int errno) {
        return switch (errno) {
            case 13 -> "Permission denied";
            case 97 -> "Address family not supported";
            case 98 -> "Address already in use";
            case 99 -> "Cannot assign requested address";
            case ENETUNREACH -> "Network is unreachable";
            case 110 -> "Connection timed out";
            case 111 -> "Connection refused";
            case 113 -> "No route to host";
            default -> "errno " + errno;
        };
    }

    private static final class Listener implements NetListener {
        /** What a relay that works answers within; one that was stopped must not hold its owner back. */
        private static final long CLOSE_SECONDS = 5;

        private final NetRelay relay;
        private final InetSocketAddress address;
        private final AtomicBoolean closed = new AtomicBoolean();

        Listener(NetRelay relay, InetSocketAddress address) {
            this.relay = relay;
            this.address = address;
        }

        @Override
        public InetSocketAddress address() {
            return address;
        }

        @Override
        public NetConnection accept() throws IOException, InterruptedException {
            NetRelay.Greeting next = relay.next();
            if (closed.get() && !next.end()) {
                NetRelay.closeQuietly(next.connection());
            }
            if (closed.get()) {
                throw new ClosedChannelException();
            }
            if (next.end()) {
                throw new IOException("the relay in the network namespace has ended");
            }
            relay.command("accept");
            return next.connection();
        }

        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                return;
            }
            try {
                relay.command("close");
                relay.awaitClosed(CLOSE_SECONDS, TimeUnit.SECONDS);
            } catch (IOException e) {
                // It has ended already, and nobody listens.
                relay.kill();
            }
            relay.finish();
            relay.dropAccepted();
        }

        @Override
        public String toString() {
            return "NetListener[" + address + "]";
        }
    }
}
