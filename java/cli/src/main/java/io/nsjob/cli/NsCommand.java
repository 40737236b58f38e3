package io.nsjob.cli;

import io.nsjob.NamespacePin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** {@code nsjob ns}: namespaces themselves, whoever uses them. */
final class NsCommand {
    private static final List<String> ACTIONS = List.of("list", "tree", "graph", "rm");

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
            case "rm" -> remove(rest);
            case "-h", "--help" -> help();
            default -> throw new UsageException("ns: there is no " + action + Suggestion.didYouMean(action, ACTIONS));
        };
    }

    /** All of them, whatever happens to one. */
    private int remove(List<String> paths) throws UsageException {
        int status = ExitStatus.OK;
        if (paths.isEmpty() || paths.get(0).startsWith("-")) {
            throw new UsageException("ns rm: takes paths of files that namespaces are pinned to");
        }
        for (String path : paths) {
            try {
                NamespacePin.remove(Path.of(path));
            } catch (IOException e) {
                console.error("ns rm: " + Failure.describe(e));
                status = ExitStatus.FAILED;
            }
        }
        return status;
    }

    private int help() {
        console.out().print(LookHelp.ns(console.outStyle()));
        return ExitStatus.OK;
    }
}
