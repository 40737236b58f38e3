package io.nsjob.internal.os;

import java.nio.ByteBuffer;

/**
 * A message of 16 bytes with four descriptors or none, laid out for sendmsg(2): struct msghdr, the one iovec, the message, and the
 * control message with SCM_RIGHTS, unix(7). Used again and again, by one thread at a time.
 */
final class DescriptorMessage {
    private static final int HEADER = 56, IOVEC = 16, BODY = 16, FRAME = 5, CONTROL = 32;
    private static final int AT_IOVEC = HEADER, AT_BODY = AT_IOVEC + IOVEC, AT_CONTROL = AT_BODY + BODY;
    private static final int MSG_IOV = 16, MSG_IOVLEN = 24, MSG_CONTROL = 32, MSG_CONTROLLEN = 40;
    private static final int CMSG_LEVEL = 8, CMSG_TYPE = 12, CMSG_DATA = 16;
    private static final int SOL_SOCKET = 1, SCM_RIGHTS = 1;

    private final NativeBuffer memory = new NativeBuffer(AT_CONTROL + CONTROL);

    DescriptorMessage() {
        ByteBuffer bytes = memory.bytes();
        bytes.putLong(MSG_IOV, memory.address() + AT_IOVEC);
        bytes.putLong(MSG_IOVLEN, 1);
        bytes.putLong(AT_IOVEC, memory.address() + AT_BODY);
        bytes.putLong(AT_IOVEC + 8, BODY);
        bytes.putLong(AT_CONTROL, CONTROL);
        bytes.putInt(AT_CONTROL + CMSG_LEVEL, SOL_SOCKET);
        bytes.putInt(AT_CONTROL + CMSG_TYPE, SCM_RIGHTS);
    }

    /** Sends a frame without a body, PROTOCOL.md, and the descriptors; 0 or the errno, negative. */
    int sendFrame(Watched socket, int type, ControlSocket.Start start) {
        ByteBuffer bytes = memory.bytes();
        bytes.putLong(AT_IOVEC + 8, FRAME);
        bytes.putInt(AT_BODY, 0);
        bytes.put(AT_BODY + 4, (byte) type);
        attach(start.descriptor(0), start.descriptor(1), start.descriptor(2), start.descriptor(3));
        return Math.min(socket.sendMessage(memory.address()), 0);
    }

    /** Sends {@code u32 type, u32 0, u64 number}, and the descriptors; 0 or the errno, negative. */
    int send(Watched socket, int type, long number, int first, int second, int third, int fourth) {
        attach(first, second, third, fourth);
        return send(socket, type, number);
    }

    private void attach(int first, int second, int third, int fourth) {
        ByteBuffer bytes = memory.bytes();
        bytes.putLong(MSG_CONTROL, memory.address() + AT_CONTROL);
        bytes.putLong(MSG_CONTROLLEN, CONTROL);
        bytes.putInt(AT_CONTROL + CMSG_DATA, first);
        bytes.putInt(AT_CONTROL + CMSG_DATA + 4, second);
        bytes.putInt(AT_CONTROL + CMSG_DATA + 8, third);
        bytes.putInt(AT_CONTROL + CMSG_DATA + 12, fourth);
    }

    /** Sends the message alone. */
    int sendBare(Watched socket, int type, long number) {
        memory.bytes().putLong(MSG_CONTROL, 0);
        memory.bytes().putLong(MSG_CONTROLLEN, 0);
        return send(socket, type, number);
    }

    private int send(Watched socket, int type, long number) {
        memory.bytes().putInt(AT_BODY, type);
        memory.bytes().putInt(AT_BODY + 4, 0);
        memory.bytes().putLong(AT_BODY + 8, number);
        int result = socket.sendMessage(memory.address());
        return Math.min(result, 0);
    }
}
