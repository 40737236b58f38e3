package io.nsjob.cli;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.cli.explain.Equivalent;
import io.nsjob.cli.explain.Explanation;
import io.nsjob.cli.explain.Reading;
import io.nsjob.cli.explain.Work;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code nsjob explain}: what a job is made of, how other tools are asked for it, and what their command lines are here. */
final class ExplainCommand {
    private static final List<String> OPTIONS = List.of("--json", "--as", "--help");

    private final Console console;
    private boolean json;
    private String as = "";

    ExplainCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException, IOException {
        int at = 0;
        for (; at < args.length && args[at].startsWith("-") && !args[at].equals("-"); at++) {
            if (args[at].equals("-h") || args[at].equals("--help")) {
                console.out().print(HelpText.explain(console.outStyle()));
                return ExitStatus.OK;
            } else if (args[at].equals("--json")) {
                json = true;
            } else if (args[at].startsWith("--as=") || args[at].equals("--as") && at + 1 < args.length) {
                as = args[at].equals("--as") ? args[++at] : args[at].substring("--as=".length());
            } else {
                throw new UsageException("explain: " + (args[at].equals("--as") ? "--as needs a value: one of "
                    + String.join(", ", Equivalent.TOOLS) : "unknown option " + args[at] + Suggestion.didYouMean(args[at],
                    OPTIONS)));
            }
        }
        if (!as.isEmpty() && !Equivalent.TOOLS.contains(as)) {
            throw new UsageException("explain: --as: '" + as + "' is not one of " + String.join(", ", Equivalent.TOOLS)
                + Suggestion.didYouMean(as, Equivalent.TOOLS));
        }
        if (at == args.length) {
            throw new UsageException("explain: what? See 'nsjob explain --help'");
        }
        CommandLineText.check(args);
        return explain(args[at], Arrays.copyOfRange(args, at + 1, args.length));
    }

    private int explain(String what, String... rest) throws UsageException, IOException {
        if (what.equals("run")) {
            return forward(RunCommand.spec(RunLine.parse(rest)));
        }
        if (Reading.TOOLS.contains(what)) {
            return back(Reading.of(what, Arrays.asList(rest), isRoot()));
        }
        if (rest.length > 0) {
            throw new UsageException("explain: there is no " + what + Suggestion.didYouMean(what,
                List.of("run", "unshare", "nsenter", "ip", "bwrap")));
        }
        String text = SpecFile.read(what);
        Object tree;
        try {
            tree = JsonTree.parse(text);
        } catch (IOException e) {
            throw new IOException(what + ": " + e.getMessage(), e);
        }
        boolean oci = tree instanceof Map<?, ?> map && map.containsKey("ociVersion");
        return oci ? back(Reading.ofOci(Redaction.cast(tree))) : forward(JobSpec.fromJson(text));
    }

    private int forward(JobSpec spec) throws UsageException, IOException {
        Map<String, Object> plan = Redaction.cast(JsonTree.parse(Launcher.plan(spec)));
        Explanation explanation = new Explanation(new Work(spec, plan, isRoot()));
        if (!as.isEmpty()) {
            return as(explanation.equivalent(as));
        }
        if (json) {
            Map<String, Object> tree = explanation.tree();
            tree.put("spec", Redaction.spec(Redaction.cast(JsonTree.parse(spec.toJson()))));
            console.out().println(JsonTree.pretty(tree));
        } else {
            console.out().print(explanation.text(console.outStyle(), TextWidth.current()));
        }
        return ExitStatus.OK;
    }

    private static boolean isRoot() throws IOException {
        return IdMapOptions.Caller.current().uid() == 0;
    }

    /** The line or the document alone, to be used; what it misses goes to standard error. */
    private int as(Equivalent equivalent) throws UsageException {
        if (json) {
            console.out().println(JsonTree.pretty(equivalent.tree()));
            return ExitStatus.OK;
        }
        if (!equivalent.exists()) {
            throw new UsageException("explain: there is no such " + as + ": " + String.join("; ", equivalent.misses()));
        }
        console.out().println(equivalent.document().isEmpty() ? equivalent.line() : JsonTree.pretty(equivalent.document()));
        equivalent.misses().forEach(miss -> console.err().println(console.errStyle().dim("# without: " + Console.oneLine(miss))));
        return ExitStatus.OK;
    }

    private int back(Reading reading) throws UsageException, IOException {
        if (!as.isEmpty()) {
            throw new UsageException("explain: --as is for jobs of nsjob, not for the command lines of others");
        }
        Map<String, Object> base = reading.spec().isEmpty() ? null : reading.spec();
        Map<String, Object> tree = reading.words().isEmpty() ? base : SpecAssembler.assemble(
            RunLine.parse(reading.words().toArray(new String[0])), base, IdMapOptions.Caller.current(), "/bin/sh");
        JobSpec spec = JobSpec.fromJson(JsonTree.compact(tree));
        Map<String, Object> shown = Redaction.spec(Redaction.cast(JsonTree.parse(spec.toJson())));
        if (json) {
            console.out().println(JsonTree.pretty(reading.tree(shown)));
        } else {
            console.out().print(reading.text(JsonTree.pretty(shown), console.outStyle(), TextWidth.current()));
        }
        return ExitStatus.OK;
    }
}
