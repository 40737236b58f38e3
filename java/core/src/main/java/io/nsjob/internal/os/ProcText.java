package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringTokenizer;

/** Texts as the kernel and the databases of /etc have them, without patterns: each launch reads a hundred lines of them. */
public final class ProcText {
    /** Width of the first column of /proc/PID/limits. */
    private static final int LIMIT_NAME = 26;

    private ProcText() {
    }

    /** The lines of a small file; none when it cannot be read, as a missing database is an empty one. */
    static List<String> lines(Path file) {
        try {
            return List.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Soft and hard limit as /proc/PID/limits has them; {@code Long.MAX_VALUE} for none. */
    static Optional<long[]> limit(List<String> limits, int resource) {
        // A line of titles, then the limits in the order of their numbers; name, soft and hard each in a column of their own.
        String line = resource + 1 < limits.size() ? limits.get(resource + 1) : "";
        List<String> parts = words(line.substring(Math.min(LIMIT_NAME, line.length())));
        return parts.size() < 2 ? Optional.empty() : Optional.of(new long[] {limitValue(parts.get(0)), limitValue(parts.get(1))});
    }

    private static long limitValue(String text) {
        return isNumber(text, 18) ? Long.parseLong(text) : Long.MAX_VALUE;
    }

    static Optional<Long> number(String digits) {
        return isNumber(digits, 10) ? Optional.of(Long.parseLong(digits)) : Optional.empty();
    }

    /**
     * Whether a text is digits and nothing else. A pattern would have to be compiled for that.
     *
     * @param text any
     * @param most how many digits it may have
     * @return whether, and that it has one
     */
    public static boolean isNumber(String text, int most) {
        boolean digits = !text.isEmpty() && text.length() <= most;
        for (int i = 0; digits && i < text.length(); i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits;
    }

    /**
     * What stands between blanks and tabs.
     *
     * @param line any
     * @return none where there is nothing else
     */
    public static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringTokenizer left = new StringTokenizer(line);
        while (left.hasMoreTokens()) {
            words.add(left.nextToken());
        }
        return words;
    }
}
