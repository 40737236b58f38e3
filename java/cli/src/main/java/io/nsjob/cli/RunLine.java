package io.nsjob.cli;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of {@code nsjob run}, taken apart but not yet understood.
 *
 * <p>Classes where lambdas and records would do, here and in {@link SpecAssembler}: the first lambda of a run, and the
 * first hash code of a record, cost several milliseconds each, and this is what every run goes through.
 */
final class RunLine {
    static final String IN_PLACE = "unshare";
    private static final Set<RunOption> RUN = EnumSet.complementOf(EnumSet.range(RunOption.ALL, RunOption.PRESERVE_ENV));

    private final Map<RunOption, List<String>> values;
    private final List<String> command;

    RunLine(Map<RunOption, List<String>> values, List<String> command) {
        this.values = values;
        this.command = command;
    }

    static RunLine parse(String... args) throws UsageException {
        return parse("run", RUN, args);
    }

    /** As unshare(1) has them: {@code -f} is {@code --fork}, and {@code --kill-child} takes a signal. */
    static RunLine parseInPlace(String... args) throws UsageException {
        return parse(IN_PLACE, RUN, args);
    }

    /**
     * @param name the command, for messages
     * @param options those that it has
     */
    static RunLine parse(String name, Set<RunOption> options, String... args) throws UsageException {
        PlainLine plain = name.equals(IN_PLACE) ? null : PlainLine.read(options, args);
        return plain == null ? FullLine.parse(name, options, args) : new RunLine(plain.values, plain.command());
    }

    boolean has(RunOption option) {
        return values.containsKey(option);
    }

    /** The last value given: a later option wins over an earlier one. */
    Optional<String> value(RunOption option) {
        List<String> given = values(option);
        return given.isEmpty() ? Optional.empty() : Optional.of(given.get(given.size() - 1));
    }

    List<String> values(RunOption option) {
        return values.getOrDefault(option, List.of());
    }

    List<String> command() {
        return command;
    }

    /** The same line with another command and without some options. */
    RunLine with(List<String> otherCommand, Set<RunOption> without) {
        Map<RunOption, List<String>> kept = new EnumMap<>(values);
        kept.keySet().removeAll(without);
        return new RunLine(kept, List.copyOf(otherCommand));
    }
}
