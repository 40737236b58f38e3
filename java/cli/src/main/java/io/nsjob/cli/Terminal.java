package io.nsjob.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What /proc says about this process and its terminal; no native call, as loading one costs more than the whole run. */
public final class Terminal {
    private static final int FIRST_FIELD_AFTER_NAME = 3;
    private static final int PROCESS_GROUP = 5;
    private static final int CONTROLLING_TERMINAL = 7;
    private static final int FOREGROUND_GROUP = 8;

    private Terminal() {}

    public static boolean isTerminal(int fd) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Whether a key such as Ctrl-C reaches this process's group from its controlling terminal. */
    static boolean inForeground() {
        try {
            return inForeground(Files.readString(Path.of("/proc/self/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false;
        }
    }

    static boolean inForeground(String stat) {
        // The name in parentheses may hold spaces and parentheses itself: count from the last one.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
        String group = fields[PROCESS_GROUP - FIRST_FIELD_AFTER_NAME];
        String terminal = fields[CONTROLLING_TERMINAL - FIRST_FIELD_AFTER_NAME];
        String foreground = fields[FOREGROUND_GROUP - FIRST_FIELD_AFTER_NAME];
        return !terminal.equals("0") && group.equals(foreground);
    }
}
