package io.nsjob.cli.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server and a client of the simplest kind, run as jobs in the network namespaces of a demo: whoever connects gets one line. */
public final class Port {
    private static final int PATIENCE = 5000;

    private Port() {}

    /**
     * Serves or fetches.
     *
     * @param args serve PORT TEXT, or fetch HOST PORT
     * @throws IOException when that fails; never thrown on, but told in one line
     */
    public static void main(String[] args) throws IOException {
        try {
            if (args[0].equals("serve")) {
                serve(Integer.parseInt(args[1]), args[2]);
            } else {
                fetch(args[1], Integer.parseInt(args[2]));
            }
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static void serve(int port, String text) throws IOException {
        try (ServerSocket server = new ServerSocket(port)) {
            System.out.println("listening on port " + server.getLocalPort());
            while (true) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write((text + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
        }
    }

    private static void fetch(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), PATIENCE);
            socket.setSoTimeout(PATIENCE);
            System.out.write(socket.getInputStream().readAllBytes());
            System.out.flush();
        }
    }
}
