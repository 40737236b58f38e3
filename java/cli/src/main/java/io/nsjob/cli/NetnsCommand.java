package io.nsjob.cli;

import io.nsjob.JobSpec;
import io.nsjob.NetNamespace;
import io.nsjob.SandboxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code nsjob netns}: the commands of ip-netns(8). */
final class NetnsCommand {
    private static final List<String> ACTIONS = List.of("list", "add", "exec", "delete");

    private final Console console;

    NetnsCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws Exception {
        String action = args.length == 0 ? "list" : args[0];
        List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
        return switch (action) {
            case "list", "show" -> list(rest);
            case "--json" -> list(Arrays.asList(args));
            case "add" -> add(rest);
            case "exec" -> exec(rest);
            case "delete", "del" -> delete(rest);
            case "-h", "--help", "help" -> help();
            default -> throw new UsageException("netns: there is no " + action + Suggestion.didYouMean(action, ACTIONS));
        };
    }

    private int help() {
        console.out().print(HelpText.netns(console.outStyle()));
        return ExitStatus.OK;
    }

    private int list(List<String> options) throws UsageException {
        Words words = new Words("list", options, List.of("--json"));
        words.only(0, "takes no name");
        List<NetNamespace> all = NetNamespace.list();
        if (!words.has("--json")) {
            all.forEach(one -> console.out().println(Console.oneLine(one.name().orElseThrow())));
            return ExitStatus.OK;
        }
        List<Object> tree = new ArrayList<>();
        for (NetNamespace one : all) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", one.name().orElseThrow());
            entry.put("path", one.file().toString());
            // A file that stands for nothing any more has a name, and no number.
            one.inode().ifPresent(inode -> entry.put("inode", inode));
            tree.add(entry);
        }
        console.out().println(JsonTree.pretty(tree));
        return ExitStatus.OK;
    }

    private int add(List<String> args) throws UsageException, SandboxException, InterruptedException {
        Words words = new Words("add", args, List.of("--up"));
        words.atLeast(1, "a name is missing");
        for (String name : words.names()) {
            named("add", name);
        }
        for (String name : words.names()) {
            NetNamespace.create(name, words.has("--up"));
        }
        return ExitStatus.OK;
    }

    private int delete(List<String> args) throws UsageException, SandboxException, InterruptedException {
        Words words = new Words("delete", args, List.of());
        words.atLeast(1, "a name is missing");
        for (String name : words.names()) {
            named("delete", name);
        }
        for (String name : words.names()) {
            NetNamespace.delete(name);
        }
        return ExitStatus.OK;
    }

    private int exec(List<String> args) throws Exception {
        if (!args.isEmpty() && args.get(0).equals("--home")) {
            Words home = new Words("exec", args.subList(1, args.size()), List.of(), 0);
            home.atLeast(1, "a command is missing");
            return new RunCommand(console).launch(RunLine.parse(), NetNamespace.home().command(home.names()).build());
        }
        Words words = new Words("exec", args, List.of("--host-sys"), 1);
        words.atLeast(1, "a name is missing");
        words.atLeast(2, "a command is missing");
        JobSpec.Builder job = named("exec", words.names().get(0)).job().command(words.names().subList(1, words.names().size()));
        if (words.has("--host-sys")) {
            job.freshSys(false);
        }
        return new RunCommand(console).launch(RunLine.parse(), job.build());
    }

    private static NetNamespace named(String action, String name) throws UsageException {
        try {
            return NetNamespace.named(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException("netns " + action + ": '" + name + "' is " + e.getMessage());
        }
    }

    /** Options of ours, then words: of a command that follows {@code last} of them nothing is looked at. */
    private static final class Words {
        private final String action;
        private final List<String> options = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        Words(String action, List<String> args, List<String> known) throws UsageException {
            this(action, args, known, Integer.MAX_VALUE);
        }

        Words(String action, List<String> args, List<String> known, int last) throws UsageException {
            this.action = action;
            boolean words = false;
            for (String arg : args) {
                if (names.size() >= last) {
                    names.add(arg);
                } else if (!words && arg.equals("--")) {
                    words = true;
                } else if (!words && known.contains(arg)) {
                    options.add(arg);
                } else if (!words && arg.startsWith("-")) {
                    throw new UsageException("netns " + action + ": unknown option " + arg + Suggestion.didYouMean(arg, known));
                } else {
                    names.add(arg);
                }
            }
            // Between the name and the command it may stand as well.
            if (names.size() > last && names.get(last).equals("--")) {
                names.remove(last);
            }
        }

        boolean has(String option) {
            return options.contains(option);
        }

        List<String> names() {
            return names;
        }

        void only(int count, String otherwise) throws UsageException {
            if (names.size() > count) {
                throw new UsageException("netns " + action + ": " + otherwise + ", not " + names.get(count));
            }
        }

        void atLeast(int count, String otherwise) throws UsageException {
            if (names.size() < count) {
                throw new UsageException("netns " + action + ": " + otherwise);
            }
        }
    }
}
