package io.nsjob.cli.explain;

import io.nsjob.cli.Suggestion;
import io.nsjob.cli.UsageException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words of another tool's command line, taken apart as getopt_long(3) does with a "+" in front: clusters of letters, values
 * attached or not, and the first word that is no option ends them.
 */
final class Words {
    /** Whether an option has a value. */
    enum Value { NONE, OPTIONAL, OPTIONAL_IF_LONG, REQUIRED }

    /** An option as it was typed: its long name, and its value, if it has one. */
    record Option(String name, Optional<String> value) {}

    private final String tool;
    private final List<String> words;
    private final Map<String, Value> known = new LinkedHashMap<>();
    private final Map<Character, String> letters = new LinkedHashMap<>();
    private int at;
    private String cluster = "";

    Words(String tool, List<String> words) {
        this.tool = tool;
        this.words = words;
    }

    /** An option with a letter, which may be blank. */
    Words option(char letter, String name, Value value) {
        known.put(name, value);
        if (letter != ' ') {
            letters.put(letter, name);
        }
        return this;
    }

    Words option(String name, Value value) {
        return option(' ', name, value);
    }

    /** The next option; empty where the command begins. */
    Optional<Option> next() throws UsageException {
        if (!cluster.isEmpty()) {
            return Optional.of(letter());
        }
        if (at == words.size() || !words.get(at).startsWith("-") || words.get(at).equals("-")) {
            return Optional.empty();
        }
        String word = words.get(at++);
        if (word.equals("--")) {
            return Optional.empty();
        }
        if (!word.startsWith("--")) {
            cluster = word.substring(1);
            return Optional.of(letter());
        }
        int equals = word.indexOf('=');
        String name = whole(equals < 0 ? word.substring(2) : word.substring(2, equals));
        Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1));
        if (known.get(name) == Value.NONE && value.isPresent()) {
            throw new UsageException("explain " + tool + ": --" + name + " takes no value");
        }
        return Optional.of(new Option(name, known.get(name) == Value.REQUIRED && value.isEmpty()
            ? Optional.of(value("--" + name)) : value));
    }

    /** Long names may be cut short while they are unique. */
    private String whole(String typed) throws UsageException {
        if (known.containsKey(typed)) {
            return typed;
        }
        List<String> begins = known.keySet().stream().filter(name -> name.startsWith(typed)).toList();
        if (begins.size() != 1) {
            List<String> names = known.keySet().stream().map(name -> "--" + name).toList();
            throw unknown("--" + typed, names);
        }
        return begins.get(0);
    }

    private Option letter() throws UsageException {
        char letter = cluster.charAt(0);
        String rest = cluster.substring(1);
        String name = letters.get(letter);
        if (name == null) {
            throw unknown("-" + letter, List.of());
        }
        cluster = known.get(name) == Value.NONE || known.get(name) == Value.OPTIONAL_IF_LONG ? rest : "";
        if (known.get(name) == Value.REQUIRED) {
            return new Option(name, Optional.of(rest.isEmpty() ? value("-" + letter) : rest));
        }
        return new Option(name, known.get(name) == Value.OPTIONAL && !rest.isEmpty() ? Optional.of(rest) : Optional.empty());
    }

    private String value(String option) throws UsageException {
        if (at == words.size()) {
            throw new UsageException("explain " + tool + ": " + option + " needs a value");
        }
        return words.get(at++);
    }

    private UsageException unknown(String option, Collection<String> names) {
        return new UsageException("explain " + tool + ": unknown option " + option + Suggestion.didYouMean(option, names));
    }

    /** What is left once there are no more options. */
    List<String> command() {
        return words.subList(at, words.size());
    }
}
