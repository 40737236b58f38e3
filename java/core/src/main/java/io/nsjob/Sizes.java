package io.nsjob;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as job specs write them: {@code 64k}, {@code 8m}, {@code 1g}, or plain bytes. Units are powers of 1024. */
public final class Sizes {
    private static final Pattern SHAPE = Pattern.compile("(\\d{1,18})([kmgtKMGT]?)");
    private static final String UNITS = "kmgt";

    private Sizes() {
    }

    /**
     * Reads a size.
     *
     * @param text such as {@code 8m}
     * @return bytes
     * @throws IllegalArgumentException when it is not a size
     */
    public static long parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size such as 64k, 8m, 1g or plain bytes");
        }
        long number = Long.parseLong(matcher.group(1));
        int power = matcher.group(2).isEmpty() ? 0 : UNITS.indexOf(matcher.group(2).toLowerCase(Locale.ROOT)) + 1;
        int shift = 10 * power;
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("this size is too large");
        }
        return number << shift;
    }

    /**
     * Writes a size so that {@link #parse} reads exactly it back.
     *
     * @param bytes not negative
     * @return such as {@code 8m}
     */
    public static String format(long bytes) {
        long number = bytes;
        int power = 0;
        while (number != 0 && number % 1024 == 0 && power < UNITS.length()) {
            number /= 1024;
            power++;
        }
        return power == 0 ? Long.toString(number) : number + UNITS.substring(power - 1, power);
    }
}
