package io.nsjob.cli.demo;

import io.nsjob.cli.Suggestion;
import io.nsjob.cli.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The command line of {@code nsjob demo}. */
final class DemoOptions {
    private final List<String> demos = new ArrayList<>();
    private final Map<Option, String> values = new EnumMap<>(Option.class);
    private final Set<String> without = new LinkedHashSet<>();

    /** Each option, and what its value is called; empty for those without one. */
    enum Option {
        PLAIN("--plain", ""),
        STEP("--step", ""),
        LANG("--lang", "en|ko"),
        RECORD("--record", "FILE"),
        MARKDOWN("--markdown", "FILE"),
        HTML("--html", "FILE"),
        JSON("--json", ""),
        ROOTLESS("--rootless", ""),
        STABLE("--stable", ""),
        WITHOUT("--without", "WHAT"),
        CONTROLS("--controls", ""),
        OUTER("--outer", "INODES"),
        HELP("--help", "");

        final String name;
        final String value;

        Option(String name, String value) {
            this.name = name;
            this.value = value;
        }
    }

    static DemoOptions parse(String... args) throws UsageException {
        DemoOptions options = new DemoOptions();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("-") || args[i].equals("-")) {
                options.demos.add(args[i]);
                continue;
            }
            int equals = args[i].indexOf('=');
            Option option = named(equals < 0 ? args[i] : args[i].substring(0, equals));
            if (option.value.isEmpty() && equals >= 0) {
                throw new UsageException("demo: " + option.name + " takes no value");
            }
            if (!option.value.isEmpty() && equals < 0 && i + 1 == args.length) {
                throw new UsageException("demo: " + option.name + " needs a value: " + option.value);
            }
            String value = option.value.isEmpty() ? "" : equals < 0 ? args[++i] : args[i].substring(equals + 1);
            options.take(option, value);
        }
        return options;
    }

    private void take(Option option, String value) throws UsageException {
        if (option == Option.WITHOUT) {
            without.addAll(List.of(value.split(",")));
        }
        if (option == Option.LANG && !value.equals("en") && !value.equals("ko")) {
            throw new UsageException("demo: --lang is en or ko, not " + value);
        }
        values.put(option, value);
    }

    private static Option named(String name) throws UsageException {
        if (name.equals("-h")) {
            return Option.HELP;
        }
        for (Option option : Option.values()) {
            if (option.name.equals(name)) {
                return option;
            }
        }
        throw new UsageException("demo: unknown option " + name
            + Suggestion.didYouMean(name, Stream.of(Option.values()).map(option -> option.name).toList()));
    }

    /** The same once more, for a program that starts in another directory. */
    List<String> again() {
        List<String> arguments = new ArrayList<>();
        values.forEach((option, value) -> {
            arguments.add(option.name);
            if (option == Option.WITHOUT) {
                arguments.add(String.join(",", without));
            } else if (!option.value.isEmpty()) {
                arguments.add(option.value.equals("FILE") ? absolute(value) : value);
            }
        });
        demos.forEach(demo -> arguments.add(demo.endsWith(".json") ? absolute(demo) : demo));
        return arguments;
    }

    private static String absolute(String file) {
        return Path.of(file).toAbsolutePath().toString();
    }

    boolean has(Option option) {
        return values.containsKey(option);
    }

    String value(Option option) {
        return values.getOrDefault(option, "");
    }

    Set<String> without() {
        return without;
    }

    List<String> demos() {
        return demos;
    }
}
