package io.nsjob.internal.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Reads frames from a peer that may end, lie or send garbage at any byte. */
public final class FrameReader {
    private final ReadableByteChannel channel;
    private final FrameType.Direction direction;
    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);

    /**
     * Makes a reader.
     *
     * @param channel blocking
     * @param direction which types are expected
     */
    public FrameReader(ReadableByteChannel channel, FrameType.Direction direction) {
        this.channel = channel;
        this.direction = direction;
    }

    /**
     * Reads one frame.
     *
     * @return empty at an end of file between two frames
     * @throws ProtocolException when what comes is not a frame
     * @throws IOException when reading fails
     */
    public Optional<Frame> read() throws IOException {
        header.clear();
        int got = fill(header);
        if (got == 0) {
            return Optional.empty();
        }
        if (header.hasRemaining()) {
            throw new ProtocolException("the connection ended within a frame");
        }
        header.flip();
        int length = header.getInt();
        FrameType type = FrameType.of(header.get() & 0xFF, direction);
        // Checked before anything is allocated; a length beyond 2 GiB is negative here.
        if (length < 0 || length > type.maxBody()) {
            throw new ProtocolException("a frame is over the maximum of its type");
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        if (fill(body) < length) {
            throw new ProtocolException("the connection ended within a frame");
        }
        return Optional.of(new Frame(type, body.array()));
    }

    private int fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // A blocking channel gives at least one byte or the end.
        }
        return buffer.position();
    }
}
