package io.nsjob.internal.os;

/** Hands descriptors to the supervisor of an open sandbox, on the sandbox's own connection. One thread at a time. */
public final class CommandSocket {
    private final DescriptorMessage message = new DescriptorMessage();

    /**
     * Sends a frame without a body, and the descriptors that belong to it; waits for nothing.
     *
     * @param connection of the sandbox, with nothing half-sent on it
     * @param frame its type
     * @param start told when it was sent
     * @return false when nothing was sent
     */
    public boolean send(Watched connection, int frame, ControlSocket.Start start) {
        if (message.sendFrame(connection, frame, start) < 0) {
            return false;
        }
        start.sent();
        return true;
    }
}
