package io.nsjob;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as job specs write them: {@code 250ms}, {@code 5s}, {@code 1m30s}, {@code 2h}, {@code 30d}. */
public final class Durations {
    private static final Pattern SHAPE =
        Pattern.compile("(-?)(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m(?!s))?(?:(\\d{1,12})s)?(?:(\\d{1,15})ms)?");

    private Durations() {
    }

    /**
     * Reads a duration that is not negative.
     *
     * @param text such as {@code 1m30s}
     * @return the duration
     * @throws IllegalArgumentException when it is not one
     */
    public static Duration parse(String text) {
        Duration duration = parseSigned(text);
        if (text.startsWith("-")) {
            throw new IllegalArgumentException("a duration here is not negative");
        }
        return duration;
    }

    /**
     * Reads a duration that may be negative, as offsets of clocks are.
     *
     * @param text such as {@code -5s}
     * @return the duration
     * @throws IllegalArgumentException when it is not one
     */
    public static Duration parseSigned(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (text.isEmpty() || text.equals("-") || !matcher.matches()) {
            throw new IllegalArgumentException("not a duration such as 250ms, 5s, 1m30s, 2h or 30d");
        }
        Duration sum = Duration.ofDays(part(matcher, 2)).plusHours(part(matcher, 3)).plusMinutes(part(matcher, 4))
            .plusSeconds(part(matcher, 5)).plusMillis(part(matcher, 6));
        return matcher.group(1).isEmpty() ? sum : sum.negated();
    }

    private static long part(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
    }

    /**
     * Writes a duration so that {@link #parseSigned} reads it back, to the millisecond.
     *
     * @param duration any
     * @return such as {@code 1m30s}
     */
    public static String format(Duration duration) {
        if (duration.isNegative()) {
            return "-" + format(duration.negated());
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toDaysPart(), "d");
        append(text, duration.toHoursPart(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        return text.length() == 0 ? "0s" : text.toString();
    }

    private static void append(StringBuilder text, long value, String unit) {
        if (value != 0) {
            text.append(value).append(unit);
        }
    }
}
