package io.nsjob.internal.wire;

import java.util.Arrays;

/** Takes bytes as they come, from a peer that may end, lie or send garbage at any byte, and gives frames. */
public final class FrameDecoder {
    private static final int SPACE = 4096;

    private final FrameType.Direction direction;
    private byte[] bytes = new byte[SPACE];
    private int start;
    private int end;

    /**
     * Makes a decoder.
     *
     * @param direction which types are expected
     */
    public FrameDecoder(FrameType.Direction direction) {
        this.direction = direction;
    }

    /**
     * Takes what has come.
     *
     * @param more copied
     * @param length of it
     */
    public void feed(byte[] more, int length) {
        if (bytes.length - end < length) {
            int held = end - start;
            byte[] to = bytes.length - held < length ? new byte[Math.max(2 * bytes.length, held + length)] : bytes;
            System.arraycopy(bytes, start, to, 0, held);
            bytes = to;
            start = 0;
            end = held;
        }
        System.arraycopy(more, 0, bytes, end, length);
        end += length;
    }

    /**
     * The next frame.
     *
     * @return null when it is not all here yet
     * @throws ProtocolException when what has come is not a frame
     */
    public Frame next() throws ProtocolException {
        if (end - start < Frame.HEADER) {
            return null;
        }
        int length = (bytes[start] & 0xFF) << 24 | (bytes[start + 1] & 0xFF) << 16 | (bytes[start + 2] & 0xFF) << 8 | bytes[start + 3] & 0xFF;
        FrameType type = FrameType.of(bytes[start + 4] & 0xFF, direction);
        // Checked before it is waited for; a length beyond 2 GiB is negative here.
        if (length < 0 || length > type.maxBody()) {
            throw new ProtocolException("a frame is over the maximum of its type");
        }
        if (end - start - Frame.HEADER < length) {
            return null;
        }
        int body = start + Frame.HEADER;
        Frame frame = new Frame(type, Arrays.copyOfRange(bytes, body, body + length));
        start = body + length;
        if (start == end) {
            start = 0;
            end = 0;
        }
        return frame;
    }

    /**
     * Whether the connection may end here.
     *
     * @return false within a frame
     */
    public boolean isBetweenFrames() {
        return start == end;
    }
}
