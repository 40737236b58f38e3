package io.nsjob.internal.wire;

import java.io.IOException;

/** The peer does not speak the protocol. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message one line that quotes nothing of the peer's but names of fields
     */
    public ProtocolException(String message) {
        super(message);
    }
}
