package io.nsjob.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;

/**
 * Loads what every launch needs, while the command line is read: the JDK's Unix sockets bring two native libraries and a generator
 * of random numbers with them, which takes a tenth of the whole run.
 */
final class Ahead implements Runnable {
    private static final String PROVIDER = "sun.nio.ch.EPollSelectorProvider";

    private Ahead() {}

    static void start() {
        Thread thread = new Thread(null, new Ahead(), "nsjob-ahead", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            // Left to itself, the JDK looks through all our jars for another one before it takes its own.
            Class.forName(PROVIDER, false, null);
            System.setProperty("java.nio.channels.spi.SelectorProvider", PROVIDER);
        } catch (ClassNotFoundException e) {
            // A JDK that calls it otherwise: let it look.
            System.clearProperty("java.nio.channels.spi.SelectorProvider");
        }
        try {
            ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
        } catch (IOException | RuntimeException | LinkageError e) {
            // Whoever needs one will hear of it.
            return;
        }
    }
}
