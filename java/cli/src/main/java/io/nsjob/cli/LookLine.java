package io.nsjob.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The line of a command that looks at things: options in any place, each at most once, and words. */
final class LookLine {
    private final Map<String, String> options = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();

    /**
     * What a command takes.
     *
     * @param command for messages
     * @param flags names of options without a value, each a list such as {@code -h,--help}
     * @param valued names of options with a value
     */
    record Grammar(String command, List<String> flags, List<String> valued) {
        private String canonical(List<String> among, String typed) {
            return among.stream().filter(names -> Arrays.asList(names.split(",")).contains(typed)).findFirst().orElse("");
        }

        private List<String> all() {
            List<String> all = new ArrayList<>();
            flags.forEach(names -> all.addAll(Arrays.asList(names.split(","))));
            valued.forEach(names -> all.addAll(Arrays.asList(names.split(","))));
            return all;
        }
    }

    private LookLine() {}

    static LookLine parse(Grammar grammar, List<String> args) throws UsageException {
        LookLine line = new LookLine();
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            String flag = grammar.canonical(grammar.flags(), name);
            String valued = grammar.canonical(grammar.valued(), name);
            if (word.equals("--")) {
                line.words.addAll(args.subList(i + 1, args.size()));
                break;
            } else if (!word.startsWith("-") || word.equals("-")) {
                line.words.add(word);
            } else if (!flag.isEmpty() && equals < 0) {
                line.put(grammar, flag, name, "");
            } else if (!valued.isEmpty()) {
                if (equals < 0 && i + 1 == args.size()) {
                    throw new UsageException(grammar.command() + ": " + name + " needs a value");
                }
                line.put(grammar, valued, name, equals < 0 ? args.get(++i) : word.substring(equals + 1));
            } else {
                throw new UsageException(grammar.command() + ": " + (flag.isEmpty() ? "unknown option " + name
                    + Suggestion.didYouMean(name, grammar.all()) : name + " takes no value"));
            }
        }
        return line;
    }

    private void put(Grammar grammar, String option, String typed, String value) throws UsageException {
        if (options.put(option, value) != null) {
            throw new UsageException(grammar.command() + ": " + typed + " is there twice");
        }
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    Optional<String> value(String option) {
        return Optional.ofNullable(options.get(option));
    }

    List<String> words() {
        return words;
    }
}
