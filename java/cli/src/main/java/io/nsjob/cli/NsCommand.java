package io.nsjob.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** {@code nsjob ns}: namespaces themselves, whoever uses them. */
final class NsCommand {
    private static final List<String> ACTIONS = List.of("list", "tree", "graph");

    private final Console console;

    NsCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException, IOException {
        String action = args.length == 0 ? "list" : args[0];
        List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
        if (action.startsWith("-") && !action.equals("-h") && !action.equals("--help")) {
            // "nsjob ns --json", as lsns(8) has it.
            action = "list";
            rest = Arrays.asList(args);
        }
        return switch (action) {
            case "list" -> new NsListing(console).list(rest);
            case "tree" -> new NsListing(console).tree(rest);
            case "graph" -> new NsGraph(console).run(rest);
            case "-h", "--help" -> help();
            default -> throw new UsageException("ns: there is no " + action + Suggestion.didYouMean(action, ACTIONS));
        };
    }

    private int help() {
        console.out().print(LookHelp.ns(console.outStyle()));
        return ExitStatus.OK;
    }
}
