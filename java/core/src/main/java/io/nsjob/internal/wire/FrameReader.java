package io.nsjob.internal.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Reads frames from a channel that blocks. */
public final class FrameReader {
    private static final int BUFFER = 8192;

    private final ReadableByteChannel channel;
    private final FrameDecoder decoder;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    /**
     * Makes a reader.
     *
     * @param channel blocking
     * @param direction which types are expected
     */
    public FrameReader(ReadableByteChannel channel, FrameType.Direction direction) {
        this.channel = channel;
        decoder = new FrameDecoder(direction);
    }

    /**
     * Reads one frame.
     *
     * @return empty at an end of file between two frames
     * @throws ProtocolException when what comes is not a frame
     * @throws IOException when reading fails
     */
    public Optional<Frame> read() throws IOException {
        for (Frame frame = decoder.next(); ; frame = decoder.next()) {
            if (frame != null) {
                return Optional.of(frame);
            }
            decoder.keep();
            int size = channel.read(buffer.clear());
            if (size < 0 && decoder.isBetweenFrames()) {
                return Optional.empty();
            }
            if (size < 0) {
                throw new ProtocolException("the connection ended within a frame");
            }
            decoder.feed(buffer.array(), size);
        }
    }
}
