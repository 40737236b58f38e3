package io.nsjob.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A helper played by a thread of the test. The process that is started is a shell script that writes down its environment
 * and waits to be told how to exit; what it would have said comes from here.
 */
public final class FakePeer {
    private final Path directory;
    private final CompletableFuture<Void> played = new CompletableFuture<>();

    /** What one test lets the helper do. */
    @FunctionalInterface
    public interface Script {
        /** Plays. */
        void play(Conversation conversation) throws Exception;
    }

    /** Prepares a helper for one job. */
    public FakePeer(Path directory) throws Exception {
        this.directory = directory;
        new ProcessBuilder("mkfifo", directory.resolve("fifo").toString()).inheritIO().start().waitFor();
        Files.writeString(helper(), "#!/bin/sh\ncd '" + directory + "' || exit 99\n"
            + "printf '%s\\n%s\\n' \"$NSJOB_SOCKET\" \"$NSJOB_SECRET\" > env.tmp && mv env.tmp env\n"
            + "read -r code < fifo && exit \"$code\"\n");
        Files.setPosixFilePermissions(helper(), PosixFilePermissions.fromString("rwx------"));
    }

    /** The program to start. */
    public Path helper() {
        return directory.resolve("helper");
    }

    /** Plays a script for the one job that will be started. */
    public FakePeer play(Script script) {
        Thread thread = new Thread(() -> {
            try (Conversation conversation = new Conversation(awaitEnvironment())) {
                script.play(conversation);
                played.complete(null);
            } catch (Throwable e) {
                played.completeExceptionally(e);
            }
        }, "fake-peer");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    /** Fails when the script did. */
    public void check() {
        played.join();
    }

    private List<String> awaitEnvironment() throws Exception {
        while (!Files.exists(directory.resolve("env"))) {
            Thread.sleep(1);
        }
        return Files.readAllLines(directory.resolve("env"));
    }

    /** One helper's side of a connection. */
    public final class Conversation implements AutoCloseable {
        private final String socket;
        private final String secret;
        private SocketChannel channel;
        private boolean exited;

        private Conversation(List<String> environment) {
            socket = environment.get(0);
            secret = environment.get(1);
        }

        /** The path that Java listens on. */
        public Path socket() {
            return Path.of(socket);
        }

        /** Connects and says nothing. */
        public Conversation connect() throws IOException {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return this;
        }

        /** Connects, says hello and takes the plan. */
        public String greet() throws IOException {
            connect().send(65, SampleEvents.hello(1, secret));
            return receive(1);
        }

        /** As {@link #greet}, and on to the report. */
        public void prepare() throws IOException {
            greet();
            send(66, SampleEvents.PREPARED);
        }

        /** As {@link #prepare}, and on to exec. */
        public void start() throws IOException {
            prepare();
            send(67, SampleEvents.STARTED);
        }

        /** The end of every good conversation. */
        public void end(String exited) throws IOException {
            send(68, exited);
            send(69, SampleEvents.USAGE);
        }

        /** Sends a frame. */
        public void send(int type, String body) throws IOException {
            raw(SampleEvents.frame(type, body));
        }

        /** Sends bytes. */
        public void raw(byte[] bytes) throws IOException {
            for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining();) {
                channel.write(buffer);
            }
        }

        /** The secret of this connection. */
        public String secret() {
            return secret;
        }

        /** Takes a frame that must be of a type, and gives its body. */
        public String receive(int type) throws IOException {
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            byte[] body = new byte[in.readInt()];
            int actual = in.readUnsignedByte();
            if (actual != type) {
                throw new AssertionError("frame " + actual + " and not " + type);
            }
            in.readFully(body);
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Waits for the end of file that is "cancel". */
        public void awaitEndOfFile() throws IOException {
            try {
                if (channel.read(ByteBuffer.allocate(1)) >= 0) {
                    throw new AssertionError("a frame and not the end");
                }
            } catch (SocketException e) {
                // "Connection reset": Java hung up before it had read everything, which is an end as well.
                assert e.getMessage().contains("reset");
            }
        }

        /** Closes the connection. */
        public void hangUp() throws IOException {
            if (channel != null) {
                channel.close();
            }
        }

        /** Lets the process end. */
        public void exit(int status) throws IOException {
            exited = true;
            // "rw" opens a FIFO without waiting for its reader.
            try (RandomAccessFile fifo = new RandomAccessFile(directory.resolve("fifo").toFile(), "rw")) {
                fifo.write((status + "\n").getBytes(StandardCharsets.US_ASCII));
                while (Files.exists(directory.resolve("env")) && isOpen()) {
                    Thread.onSpinWait();
                }
            }
        }

        /** The reader opens the FIFO at its own time: until it has read, this end must stay open. */
        private boolean isOpen() throws IOException {
            try (var processes = ProcessHandle.current().children()) {
                String helper = helper().toString();
                return processes.anyMatch(child -> child.info().arguments()
                    .map(arguments -> List.of(arguments).contains(helper)).orElse(false));
            }
        }

        @Override
        public void close() throws IOException {
            if (!exited) {
                exit(0);
            }
            hangUp();
        }
    }
}
