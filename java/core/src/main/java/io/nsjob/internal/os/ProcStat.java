package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** {@code /proc/PID/stat}, see proc_pid_stat(5). */
public final class ProcStat {
    /** Fields after the command's closing parenthesis begin with number 3. */
    private static final int FIRST_AFTER_COMMAND = 3;
    private static final int START_TIME = 22;

    private ProcStat() {
    }

    /**
     * When a process started.
     *
     * @param file its stat file
     * @return clock ticks since boot, or empty when there is no such process
     */
    public static OptionalLong startTime(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(fields(file)[START_TIME - FIRST_AFTER_COMMAND]));
        } catch (IOException | RuntimeException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Whether a process is stopped, by a signal or by a tracer.
     *
     * @param file its stat file
     * @return false also when there is no such process
     */
    public static boolean isStopped(Path file) {
        try {
            return fields(file)[0].equalsIgnoreCase("t");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /**
     * Whether a process is there and has not ended.
     *
     * @param file its stat file
     * @param startTime clock ticks since boot, which tells it from a later process with its pid
     * @return false also for a zombie
     */
    public static boolean isAlive(Path file, long startTime) {
        try {
            String[] fields = fields(file);
            return Long.parseLong(fields[START_TIME - FIRST_AFTER_COMMAND]) == startTime && !fields[0].equals("Z") && !fields[0].equals("X");
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** The fields after the command: the first is number 3. */
    static String[] fields(Path file) throws IOException {
        String stat = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        // The command may contain blanks and parentheses; the last one closes it.
        return stat.substring(stat.lastIndexOf(')') + 2).trim().split(" ");
    }
}
