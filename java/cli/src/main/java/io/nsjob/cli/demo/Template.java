package io.nsjob.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts with variables: {@code ${name}} is replaced, {@code $${} stands for {@code ${}. */
final class Template {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}");

    private Template() {}

    /** A variable that has no value in this run: its step was not run, or its pattern not found. */
    static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Missing(String variable) {
            super("${" + variable + "} has no value");
        }
    }

    static List<String> variables(String text) {
        List<String> variables = new ArrayList<>();
        Matcher matcher = VARIABLE.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                variables.add(matcher.group(1));
            }
        }
        return variables;
    }

    static String fill(String text, Function<String, Optional<String>> values) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            String variable = matcher.group(1);
            String value = variable == null ? "${" : values.apply(variable).orElseThrow(() -> new Missing(variable));
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }
}
