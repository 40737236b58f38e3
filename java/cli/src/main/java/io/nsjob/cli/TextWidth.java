package io.nsjob.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How wide text may be. */
final class TextWidth {
    static final int USUAL = 80;
    private static final int LEAST = 40;
    private static final int MOST = 200;
    private static final long STTY_SECONDS = 2;

    private TextWidth() {}

    /** That of the terminal on standard output; 80 where there is none. */
    static int current() {
        boolean shown = Terminal.isTerminal(1) && Terminal.isTerminal(0);
        return choose(System.getenv(), shown ? stty() : "");
    }

    /** COLUMNS first, as everywhere; then what stty(1) says: "24 80". */
    static int choose(Map<String, String> environment, String size) {
        String columns = environment.getOrDefault("COLUMNS", "");
        if (!columns.matches("[0-9]{1,4}")) {
            columns = size.trim().replaceFirst("^[0-9]+ ", "");
        }
        int width = columns.matches("[0-9]{1,4}") ? Integer.parseInt(columns) : USUAL;
        // A terminal without a size says 0.
        return width == 0 ? USUAL : Math.max(LEAST, Math.min(MOST, width));
    }

    private static String stty() {
        try {
            Process process = new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(STTY_SECONDS, TimeUnit.SECONDS)
                ? new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII) : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
