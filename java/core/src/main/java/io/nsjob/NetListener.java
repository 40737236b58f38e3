package io.nsjob;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A listening TCP socket in another network namespace. All methods may be called from any thread. */
public interface NetListener extends AutoCloseable {

    /**
     * Where it listens.
     *
     * @return the address in the namespace, with the port that was chosen where 0 was asked for
     */
    InetSocketAddress address();

    /**
     * Waits for a connection. A virtual thread may wait here as well.
     *
     * @return the next one
     * @throws java.nio.channels.ClosedChannelException when the listener is closed, before or meanwhile
     * @throws IOException when the process in the namespace has ended otherwise
     * @throws InterruptedException when the calling thread was interrupted; nothing is lost by it
     */
    NetConnection accept() throws IOException, InterruptedException;

    /** Stops listening; the port is free when this returns. Connections that were accepted live on, others are closed. */
    @Override
    void close();
}
