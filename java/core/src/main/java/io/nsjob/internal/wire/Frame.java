package io.nsjob.internal.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * One frame: u32 length of the body, u8 type, body.
 *
 * @param type what it is
 * @param body JSON, UTF-8, or empty
 */
public record Frame(FrameType type, byte[] body) {
    /** Bytes before the body. */
    static final int HEADER = 5;

    /**
     * A frame with a JSON body.
     *
     * @param type what it is
     * @param tree its body
     * @return the frame
     */
    public static Frame of(FrameType type, Map<String, Object> tree) {
        return new Frame(type, Json.writeCompact(tree).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A frame without a body.
     *
     * @param type what it is
     * @return the frame
     */
    public static Frame empty(FrameType type) {
        return new Frame(type, new byte[0]);
    }

    /**
     * The frame as it travels.
     *
     * @return ready to be read
     * @throws ProtocolException when the body is too large
     */
    public ByteBuffer encode() throws ProtocolException {
        if (body.length > type.maxBody()) {
            throw new ProtocolException("a " + type.name().toLowerCase(Locale.ROOT) + " frame of " + body.length
                + " bytes is over its maximum of " + type.maxBody());
        }
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + body.length);
        bytes.putInt(body.length).put((byte) type.code()).put(body).flip();
        return bytes;
    }

    /**
     * Encodes several, one behind the other.
     *
     * @param frames in order
     * @return their bytes
     * @throws ProtocolException when one is too large
     */
    public static byte[] encode(Frame... frames) throws ProtocolException {
        byte[] all = frames[0].encode().array();
        for (int i = 1; i < frames.length; i++) {
            byte[] next = frames[i].encode().array();
            int end = all.length;
            all = Arrays.copyOf(all, end + next.length);
            System.arraycopy(next, 0, all, end, next.length);
        }
        return all;
    }

    /** The type and the size: the body of a plan holds the environment. */
    @Override
    public String toString() {
        return type + "[" + body.length + "]";
    }
}
