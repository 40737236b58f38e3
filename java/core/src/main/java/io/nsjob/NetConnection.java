package io.nsjob;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/**
 * A TCP connection in another network namespace. Its channel is a Unix socket to a relay in that namespace: what is written
 * there is sent, an end of output is passed on in either direction, and who writes faster than the other side reads has to wait.
 * A reset in the network is an end of file here. Socket options and the channel's own addresses are those of the Unix socket.
 *
 * @param channel in blocking mode; for streams take {@link #in} and {@link #out}, as those of {@link java.nio.channels.Channels} read
 *        and write one at a time on older JDKs
 * @param local the address in the namespace
 * @param peer the address of the other side
 */
public record NetConnection(SocketChannel channel, InetSocketAddress local, InetSocketAddress peer) implements AutoCloseable {
    /** Checks that nothing is missing. */
    public NetConnection {
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(local, "local");
        Objects.requireNonNull(peer, "peer");
    }

    /**
     * What the other side sends.
     *
     * @return a stream on the channel, without a buffer; closing it closes the channel
     */
    public InputStream in() {
        return new ChannelInput(channel);
    }

    /**
     * What is sent to the other side.
     *
     * @return a stream on the channel, without a buffer; closing it ends the output, and the input can still be read
     */
    public OutputStream out() {
        return new ChannelOutput(channel);
    }

    /** Closes the channel, and with it the connection. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static final class ChannelInput extends InputStream {
        private final SocketChannel channel;

        ChannelInput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final class ChannelOutput extends OutputStream {
        private final SocketChannel channel;

        ChannelOutput(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }

        @Override
        public void close() throws IOException {
            channel.shutdownOutput();
        }
    }
}
