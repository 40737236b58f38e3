package io.nsjob.internal.wire;

import java.util.Arrays;

/** Takes bytes as they come, from a peer that may end, lie or send garbage at any byte, and gives frames. */
public final class FrameDecoder {
    private static final byte[] NOTHING = {};

    private final FrameType.Direction direction;
    /** What is not decoded yet: an array of one's own, or what was given last. */
    private byte[] bytes = NOTHING;
    private boolean borrowed;
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
     * @param more not to be changed before {@link #keep}
     * @param length of it
     */
    public void feed(byte[] more, int length) {
        if (start == end) {
            // Most of what comes is whole frames, and need not be copied to be cut up.
            borrowed = true;
            bytes = more;
            start = 0;
            end = length;
            return;
        }
        int held = end - start;
        if (borrowed || bytes.length - end < length) {
            byte[] to = new byte[Math.max(2 * held, held + length)];
            System.arraycopy(bytes, start, to, 0, held);
            bytes = to;
            borrowed = false;
            start = 0;
            end = held;
        }
        System.arraycopy(more, 0, bytes, end, length);
        end += length;
    }

    /** What was fed last may be changed from now on: what is left of it is copied. */
    public void keep() {
        if (borrowed) {
            bytes = start == end ? NOTHING : Arrays.copyOfRange(bytes, start, end);
            end -= start;
            start = 0;
            borrowed = false;
        }
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
