package io.nsjob.cli;

import java.util.Map;

/** Terminal colours, or none of them. */
public enum Style {
    COLOUR,
    PLAIN;

    private static final String RESET = "\u001b[0m";

    /** Colour only on a terminal that can show it and whose user has not said no (no-color.org). */
    static Style choose(boolean terminal, Map<String, String> environment) {
        String noColor = environment.getOrDefault("NO_COLOR", "");
        String term = environment.getOrDefault("TERM", "");
        return terminal && noColor.isEmpty() && !term.isEmpty() && !term.equals("dumb") ? COLOUR : PLAIN;
    }

    public String bold(String text) {
        return wrap("1", text);
    }

    public String dim(String text) {
        return wrap("2", text);
    }

    public String red(String text) {
        return wrap("1;31", text);
    }

    public String green(String text) {
        return wrap("32", text);
    }

    public String yellow(String text) {
        return wrap("33", text);
    }

    public String cyan(String text) {
        return wrap("36", text);
    }

    private String wrap(String code, String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + RESET;
    }
}
