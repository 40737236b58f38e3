package io.nsjob.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a command line without picocli where nothing in it is unusual: loading and setting up a parser that can do
 * everything takes longer than a Java that says hello. What is not plain here, a mistake above all, is left to picocli, so
 * that one parser decides and speaks; a test holds the two together.
 */
final class PlainLine {
    private static final String ON = "true";

    final Map<RunOption, List<String>> values = new EnumMap<>(RunOption.class);
    private final Set<RunOption> options;
    private final String[] args;
    private int next;

    private PlainLine(Set<RunOption> options, String... args) {
        this.options = options;
        this.args = args;
    }

    /**
     * @param options those that the command has
     * @return null when this line is for picocli
     */
    static PlainLine read(Set<RunOption> options, String... args) {
        PlainLine line = new PlainLine(options, args);
        while (line.next < args.length && args[line.next].startsWith("-")) {
            String word = args[line.next++];
            if (word.equals("--")) {
                return line;
            }
            if (!(word.startsWith("--") ? line.longOption(word) : line.letters(word))) {
                return null;
            }
        }
        return line;
    }

    /** What belongs to the job. */
    List<String> command() {
        return List.of(Arrays.copyOfRange(args, next, args.length));
    }

    private boolean longOption(String word) {
        int equals = word.indexOf('=');
        RunOption option = find(equals < 0 ? word : word.substring(0, equals));
        if (option == null) {
            return false;
        }
        if (option.isFlag()) {
            return equals < 0 && add(option, ON);
        }
        return equals < 0 ? nextWord(option) : equals < word.length() - 1 && add(option, word.substring(equals + 1));
    }

    /** Flags in one word, or one option and its value in the next. */
    private boolean letters(String word) {
        if (word.length() == 2) {
            RunOption option = find(word);
            return option != null && (option.isFlag() ? add(option, ON) : nextWord(option));
        }
        for (int i = 1; i < word.length(); i++) {
            RunOption option = find("-" + word.charAt(i));
            if (option == null || !option.isFlag()) {
                return false;
            }
            add(option, ON);
        }
        return word.length() > 1;
    }

    private boolean nextWord(RunOption option) {
        return next < args.length && isPlain(args[next]) && add(option, args[next++]);
    }

    /** A dash stands for a standard stream; with more behind it, it may be an option whose value was forgotten. */
    private static boolean isPlain(String value) {
        return value.equals("-") || !value.isEmpty() && !value.startsWith("-");
    }

    private boolean add(RunOption option, String value) {
        List<String> given = values.get(option);
        if (given == null) {
            given = new ArrayList<>();
            values.put(option, given);
        }
        return given.add(value);
    }

    /** The option of this name that has no rules of its own about what follows it. */
    private RunOption find(String name) {
        for (RunOption option : options) {
            if (option.isNamed(name)) {
                return option == RunOption.RUN_AS ? null : option;
            }
        }
        return null;
    }
}
