package io.nsjob.cli.demo;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal this program runs at: how wide it is, and its keys one by one. Asked of stty(1), as a native call costs more. */
final class TerminalSession implements AutoCloseable {
    private static final File TTY = new File("/dev/tty");
    private static final int ESCAPE = 27;
    private static final int REST_MILLIS = 30;
    private static final int USUAL_WIDTH = 80;

    private final String modes;
    private final InputStream keys;
    private final Ending ending;

    private TerminalSession(String modes, InputStream keys) {
        this.modes = modes;
        this.keys = keys;
        ending = Ending.of(this::restore);
    }

    static int width() {
        try {
            String[] size = stty("size").trim().split(" ");
            int width = size.length == 2 ? Integer.parseInt(size[1]) : 0;
            return width > 0 ? width : USUAL_WIDTH;
        } catch (IOException | NumberFormatException e) {
            return USUAL_WIDTH;
        }
    }

    /** Takes keys without Enter until it is closed. */
    static TerminalSession keys() throws IOException {
        String modes = stty("-g").trim();
        TerminalSession session = new TerminalSession(modes, new FileInputStream(TTY));
        stty("-icanon", "-echo", "min", "1");
        return session;
    }

    void awaitKey() {
        try {
            if (keys.read() == ESCAPE) {
                // The rest of an arrow or function key may come a little later.
                Thread.sleep(REST_MILLIS);
                keys.skipNBytes(keys.available());
            }
        } catch (IOException e) {
            // The terminal is gone: nobody can press a key any more, and nobody waits.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String stty(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectInput(TTY).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private void restore() {
        try {
            stty(modes);
        } catch (IOException e) {
            // The terminal is gone, and its modes with it.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        restore();
        ending.close();
        keys.close();
    }
}
