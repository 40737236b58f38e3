package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The connection to a helper that serves many jobs: PROTOCOL.md, "Connecting (resident driver)". It is listened for, and exists
 * once the process that was started has connected. Nothing here waits; what is to be sent while there is no room follows when there is.
 */
public final class ControlSocket implements Reactor.Handler {
    private static final int START = 1, KILL = 2, ENDED = 3;
    private static final int ENDED_SIZE = 24;
    private static final int MAX_PATH = 107, PATH_AT = 2;
    private static final short AF_UNIX = 1;
    private static final int MAX_HELLO = 64 * 1024;
    private static final long RETRY_MILLIS = 2;

    private final Reactor reactor;
    private final Path path;
    private final Events events;
    private final DescriptorMessage message = new DescriptorMessage();
    private final Queue<Start> waiting = new ArrayDeque<>();
    private volatile long helperPid;
    private volatile long helperUid;
    private Watched listening;
    private Watched connection;
    private boolean greeted;
    private boolean gone;
    /** A message could not be sent: it is dead, and soon the end of the connection says so too. */
    private boolean dead;

    /** A job that is to begin. */
    public interface Start {

        /**
         * Its number.
         *
         * @return unique
         */
        long number();

        /**
         * What the supervisor gets.
         *
         * @param index 0 for its connection, 1 to 3 for the standard streams
         * @return a descriptor of this process
         */
        int descriptor(int index);

        /** The descriptors were sent: those of this process are not needed any more. */
        void sent();
    }

    /** What the helper says. Called by the reactor's thread. */
    public interface Events {

        /**
         * The first message.
         *
         * @param body JSON
         */
        void hello(byte[] body);

        /**
         * A supervisor ended otherwise than by exit(0).
         *
         * @param number of its job
         * @param status of wait(2)
         */
        void ended(long number, int status);

        /** The helper is gone, or will hear nothing any more. */
        void gone();
    }

    private ControlSocket(Reactor reactor, Path path, Events events) {
        this.reactor = reactor;
        this.path = path;
        this.events = events;
    }

    /**
     * Listens for the helper.
     *
     * @param path a free one in a private directory
     * @param events what is told
     * @return to be closed
     * @throws IOException when it cannot
     */
    public static ControlSocket listen(Path path, Events events) throws IOException {
        ControlSocket socket = new ControlSocket(Reactor.get(), path, events);
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_PATH) {
            throw new IOException("the path of a socket is too long: " + path);
        }
        NativeBuffer address = new NativeBuffer(PATH_AT + MAX_PATH + 1);
        address.bytes().putShort(0, AF_UNIX);
        address.bytes().put(PATH_AT, name);
        int fd = Reactor.check("socket", NativeIo.packetSocket());
        int result = NativeIo.bindAndListen(fd, address, PATH_AT + name.length + 1);
        if (result < 0) {
            NativeIo.closeFd(fd);
            throw new ErrnoException("bind", -result, path.toString());
        }
        socket.listening = socket.reactor.watch(fd, socket);
        return socket;
    }

    /**
     * Lets one process connect, and nobody else.
     *
     * @param pid of it
     * @param uid of it
     */
    public void admit(long pid, long uid) {
        helperPid = pid;
        helperUid = uid;
        listening.want(true, false);
    }

    @Override
    public void ready(boolean toWrite, boolean toRead) {
        if (connection == null) {
            accept();
            return;
        }
        if (toWrite) {
            flush();
        }
        if (toRead) {
            receive();
        }
    }

    private void accept() {
        int fd = NativeIo.accept(listening.fd());
        if (fd < 0) {
            return;
        }
        NativeBuffer peer = new NativeBuffer(16);
        if (NativeIo.peer(fd, peer) < 0 || peer.bytes().getInt(0) != helperPid
                || Integer.toUnsignedLong(peer.bytes().getInt(4)) != helperUid) {
            NativeIo.closeFd(fd);
            return;
        }
        listening.close();
        unlink();
        synchronized (this) {
            if (gone) {
                NativeIo.closeFd(fd);
                return;
            }
            connection = reactor.watch(fd, this);
            connection.want(true, false);
        }
    }

    private void unlink() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            Log.debug(ControlSocket.class, "a socket's file", e);
        }
    }

    private void receive() {
        int size = connection.receive();
        if (size == -NativeIo.EAGAIN) {
            return;
        }
        if (size <= 0 || !greeted && size > MAX_HELLO) {
            lose();
        } else if (!greeted) {
            greeted = true;
            byte[] body = new byte[size];
            System.arraycopy(reactor.bytes(size), 0, body, 0, size);
            events.hello(body);
        } else if (size == ENDED_SIZE) {
            ByteBuffer ended = ByteBuffer.wrap(reactor.bytes(size)).order(ByteOrder.nativeOrder());
            if (ended.getInt(0) == ENDED) {
                events.ended(ended.getLong(8), ended.getInt(4));
            }
        }
    }

    /**
     * Starts a job. Any thread may.
     *
     * @param start told when it was sent
     * @return false when the helper is gone: nothing of it was sent, and nothing will be
     */
    public synchronized boolean start(Start start) {
        if (gone || dead || connection == null) {
            return false;
        }
        if (!waiting.isEmpty()) {
            waiting.add(start);
            return true;
        }
        int result = send(start);
        if (result < 0 && !isBusy(result)) {
            dead = true;
            return false;
        }
        if (result < 0) {
            waiting.add(start);
            waitForRoom(result);
        }
        return true;
    }

    private int send(Start start) {
        int result = message.send(connection, START, start.number(), start.descriptor(0), start.descriptor(1), start.descriptor(2),
            start.descriptor(3));
        if (result == 0) {
            start.sent();
        }
        return result;
    }

    /** Too many messages, or too many descriptors on their way: both pass when the helper has received some. */
    private static boolean isBusy(int result) {
        return result == -NativeIo.EAGAIN || result == -NativeIo.ETOOMANYREFS;
    }

    private void waitForRoom(int result) {
        if (result == -NativeIo.EAGAIN) {
            connection.want(true, true);
        } else {
            reactor.execute(() -> reactor.after(RETRY_MILLIS, this::flush));
        }
    }

    private synchronized void flush() {
        while (!gone && !waiting.isEmpty()) {
            int result = send(waiting.peek());
            if (result < 0 && isBusy(result)) {
                waitForRoom(result);
                return;
            }
            if (result < 0) {
                // What is on its way ends with the helper, which the end of this connection tells.
                dead = true;
                break;
            }
            waiting.remove();
        }
        if (!gone) {
            connection.want(true, false);
        }
    }

    /**
     * Has the supervisor of a job killed. Any thread may.
     *
     * @param number of the job
     * @return false when nobody was told
     */
    public synchronized boolean kill(long number) {
        return !gone && connection != null && message.sendBare(connection, KILL, number) == 0;
    }

    @Override
    public void broken(Throwable e) {
        lose();
    }

    private void lose() {
        close();
        events.gone();
    }

    /** Whether it is to be used no more. */
    public synchronized boolean isGone() {
        return gone || dead;
    }

    /** Ends the helper, if it has not ended. Events are told no more, but for those that are being told. */
    public void close() {
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            listening.close();
            if (connection != null) {
                connection.close();
            }
            // Whoever waits to begin is told by the end of its own connection.
            waiting.forEach(Start::sent);
            waiting.clear();
        }
        unlink();
    }
}
