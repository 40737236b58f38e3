package io.nsjob;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Names and numbers of Linux signals, as on x86-64 and aarch64. */
public final class Signals {
    private static final int FIRST_REAL_TIME = 34;
    private static final int LAST = 64;

    private static final String[] NAMES = {
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",
        "SYS",
    };
    private static final Map<String, Integer> NUMBERS = numbers();

    private Signals() {
    }

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new TreeMap<>();
        for (int i = 1; i < NAMES.length; i++) {
            numbers.put(NAMES[i], i);
        }
        numbers.put("IOT", 6);
        numbers.put("CLD", 17);
        numbers.put("POLL", 29);
        numbers.put("UNUSED", 31);
        return numbers;
    }

    /**
     * The number of a signal.
     *
     * @param name such as {@code TERM}, {@code SIGTERM}, {@code sigterm}, {@code RTMIN+2} or {@code 15}
     * @return its number, or empty when there is no such signal
     */
    public static OptionalInt number(String name) {
        String plain = name.toUpperCase(Locale.ROOT);
        if (plain.startsWith("SIG")) {
            plain = plain.substring(3);
        }
        Integer number = NUMBERS.get(plain);
        if (number != null) {
            return OptionalInt.of(number);
        }
        int parsed = plain.startsWith("RTMIN") ? realTime(plain.substring(5)) : decimal(plain);
        return parsed >= 1 && parsed <= LAST && parsed != 32 && parsed != 33
            ? OptionalInt.of(parsed) : OptionalInt.empty();
    }

    private static int realTime(String offset) {
        if (offset.isEmpty()) {
            return FIRST_REAL_TIME;
        }
        int plus = offset.startsWith("+") ? decimal(offset.substring(1)) : -1;
        return plus < 0 ? -1 : FIRST_REAL_TIME + plus;
    }

    private static int decimal(String digits) {
        return digits.matches("[0-9]{1,2}") ? Integer.parseInt(digits) : -1;
    }

    /**
     * The name of a signal.
     *
     * @param number such as 15
     * @return such as {@code SIGTERM}; {@code signal 99} for a number without a name
     */
    public static String name(int number) {
        if (number >= 1 && number < NAMES.length) {
            return "SIG" + NAMES[number];
        }
        if (number >= FIRST_REAL_TIME && number <= LAST) {
            return number == FIRST_REAL_TIME ? "SIGRTMIN" : "SIGRTMIN+" + (number - FIRST_REAL_TIME);
        }
        return "signal " + number;
    }
}
