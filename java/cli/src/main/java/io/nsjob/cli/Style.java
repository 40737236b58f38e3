package io.nsjob.cli;

import java.util.Map;

/** Terminal colours, or none of them. */
enum Style {
    COLOUR,
    PLAIN;

    private static final String RESET = "\u001b[0m";

    /** Colour only on a terminal that can show it and whose user has not said no (no-color.org). */
    static Style choose(boolean terminal, Map<String, String> environment) {
        String noColor = environment.getOrDefault("NO_COLOR", "");
        String term = environment.getOrDefault("TERM", "");
        return terminal && noColor.isEmpty() && !term.isEmpty() && !term.equals("dumb") ? COLOUR : PLAIN;
    }

    String bold(String text) {
        return wrap("1", text);
    }

    String dim(String text) {
        return wrap("2", text);
    }

    String red(String text) {
        return wrap("1;31", text);
    }

    String green(String text) {
        return wrap("32", text);
    }

    String cyan(String text) {
        return wrap("36", text);
    }

    private String wrap(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + RESET;
    }
}
