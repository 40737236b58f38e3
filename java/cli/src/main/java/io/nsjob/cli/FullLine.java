package io.nsjob.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Any command line, read by picocli through its programmatic model; see {@link PlainLine} for those that do not need it. */
final class FullLine {
    /** What has other letters, or another form, in unshare(1). */
    private static final Set<RunOption> SHORT_IN_PLACE = EnumSet.of(RunOption.SPEC, RunOption.FORK, RunOption.KILL_CHILD);
    private static final Pattern IDS = Pattern.compile("[0-9]+(:[0-9]+)?");

    private FullLine() {}

    static RunLine parse(String name, Set<RunOption> options, String... args) throws UsageException {
        Map<RunOption, List<String>> values = new EnumMap<>(RunOption.class);
        CommandLine line = new CommandLine(model(name, options, values));
        // Everything from the first word that is no option belongs to the job; nothing in it may be touched.
        line.setStopAtPositional(true);
        line.setOverwrittenOptionsAllowed(true);
        line.setExpandAtFiles(false);
        line.setInterpolateVariables(false);
        try {
            List<String> command = line.parseArgs(args).matchedPositionalValue(0, List.of());
            return new RunLine(values, List.copyOf(command));
        } catch (CommandLine.ParameterException e) {
            throw new UsageException(name + ": " + explain(options, e));
        }
    }

    private static CommandSpec model(String name, Set<RunOption> options, Map<RunOption, List<String>> values) {
        CommandSpec model = CommandSpec.create().name("nsjob run");
        model.parser().posixClusteredShortOptionsAllowed(true);
        for (RunOption option : options) {
            boolean other = name.equals(RunLine.IN_PLACE) && SHORT_IN_PLACE.contains(option);
            model.addOption(other ? inPlace(option, values) : model(option, values));
        }
        return model.addPositional(PositionalParamSpec.builder()
            .index("0..*").arity("0..*").paramLabel("COMMAND").type(List.class).auxiliaryTypes(String.class).build());
    }

    private static OptionSpec inPlace(RunOption option, Map<RunOption, List<String>> values) {
        Recorder recorder = new Recorder(option, values);
        if (option == RunOption.FORK) {
            return OptionSpec.builder("-f", option.names()).type(boolean.class).arity("0").setter(recorder).build();
        }
        OptionSpec.Builder builder = OptionSpec.builder(option.longName()).type(String.class).arity("1").setter(recorder);
        return option == RunOption.KILL_CHILD ? builder.preprocessor(new OnlyAttached(option, values)).build() : builder.build();
    }

    private static OptionSpec model(RunOption option, Map<RunOption, List<String>> values) {
        OptionSpec.Builder builder = OptionSpec.builder(option.names()[0], tail(option.names()));
        if (option.isFlag()) {
            return builder.type(boolean.class).arity("0").setter(new Recorder(option, values)).build();
        }
        builder.type(String.class).arity("1").paramLabel(option.label).setter(new Recorder(option, values));
        if (option == RunOption.RUN_AS) {
            builder.preprocessor(new UserWithoutIds(values));
        }
        return builder.build();
    }

    private static String[] tail(String[] names) {
        return Arrays.copyOfRange(names, 1, names.length);
    }

    private static String explain(Set<RunOption> options, CommandLine.ParameterException e) {
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            String typed = unmatched.getUnmatched().get(0);
            return "unknown option " + typed + Suggestion.didYouMean(typed, optionNames(options));
        }
        if (e instanceof CommandLine.MissingParameterException missing && missing.getMissing().get(0) instanceof OptionSpec option) {
            return "option " + option.longestName() + " needs a value: " + option.paramLabel();
        }
        return e.getMessage();
    }

    private static List<String> optionNames(Set<RunOption> options) {
        List<String> names = new ArrayList<>();
        for (RunOption option : options) {
            // Between single letters everything is near everything.
            Arrays.stream(option.names()).filter(name -> name.startsWith("--")).forEach(names::add);
        }
        return names;
    }

    /** Keeps every value in the order given; picocli itself keeps the last of an option that is not a collection. */
    private static final class Recorder implements CommandLine.Model.ISetter {
        private final RunOption option;
        private final Map<RunOption, List<String>> values;

        Recorder(RunOption option, Map<RunOption, List<String>> values) {
            this.option = option;
            this.values = values;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T set(T value) {
            if (value != null && !Boolean.FALSE.equals(value)) {
                values.putIfAbsent(option, new ArrayList<>());
                values.get(option).add(value.toString());
            }
            return null;
        }
    }

    /** {@code --kill-child} and {@code --kill-child=SIGNAL}: the next word is never the signal. */
    private static final class OnlyAttached implements CommandLine.IParameterPreprocessor {
        private final RunOption option;
        private final Map<RunOption, List<String>> values;

        OnlyAttached(RunOption option, Map<RunOption, List<String>> values) {
            this.option = option;
            this.values = values;
        }

        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, CommandLine.Model.ArgSpec spec, Map<String, Object> info) {
            boolean attached = "=".equals(info.get("separator"));
            if (!attached) {
                values.put(option, List.of("KILL"));
            }
            return !attached;
        }
    }

    /** {@code --user} is a flag in unshare(1) and takes ids elsewhere: only a number makes it the latter. */
    private static final class UserWithoutIds implements CommandLine.IParameterPreprocessor {
        private final Map<RunOption, List<String>> values;

        UserWithoutIds(Map<RunOption, List<String>> values) {
            this.values = values;
        }

        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, CommandLine.Model.ArgSpec option,
            Map<String, Object> info) {
            boolean attached = "=".equals(info.get("separator"));
            if (attached || !args.isEmpty() && IDS.matcher(args.peek()).matches()) {
                return false;
            }
            values.put(RunOption.USER, List.of("true"));
            return true;
        }
    }
}
