package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import io.nsjob.cli.Console;
import io.nsjob.cli.HelpText;
import io.nsjob.cli.Style;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A job explained: its stages, and how other tools are asked for it. */
public final class Explanation {
    private static final int INDENT = 2;
    private static final int NAME = 18;
    /** Of the tools these have a line that is short enough to be always shown; the OCI document is shown on request. */
    private static final List<String> LINES = List.of("unshare", "nsenter", "ip-netns", "bwrap");

    private final Work work;

    /**
     * Explains a job.
     *
     * @param work the job
     */
    public Explanation(Work work) {
        this.work = work;
    }

    /**
     * How one tool is asked for it.
     *
     * @param tool one of {@link Equivalent#TOOLS}
     * @return it, or why there is none
     */
    public Equivalent equivalent(String tool) {
        return Equivalent.of(tool, work);
    }

    /**
     * All of it, as JSON.
     *
     * @return a tree
     */
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        List<Object> stages = new ArrayList<>();
        Stages.of(work).forEach(stage -> stages.add(stage.tree()));
        tree.put("stages", stages);
        if (work.process().containsKey("seccomp")) {
            FilterSummary filter = FilterSummary.of(Tree.text(work.process(), "seccomp", "filter"));
            tree.put("seccomp", Tree.of("instructions", filter.instructions(), "calls", filter.calls()));
        }
        List<Object> equivalents = new ArrayList<>();
        Equivalent.TOOLS.forEach(tool -> equivalents.add(equivalent(tool).tree()));
        tree.put("equivalents", equivalents);
        return tree;
    }

    /**
     * All of it, for people.
     *
     * @param style colours or none
     * @param width of a line
     * @return lines
     */
    public String text(Style style, int width) {
        StringBuilder text = new StringBuilder();
        text.append(style.bold("job")).append('\n');
        wrapped(text, " ".repeat(INDENT), summary(), width);
        text.append('\n').append(style.bold("stages")).append('\n');
        for (Stages.Stage stage : Stages.of(work)) {
            stage(text, stage, style, width);
        }
        text.append('\n').append(style.bold("the same by other tools")).append('\n');
        for (String tool : LINES) {
            equivalent(text, equivalent(tool), style, width);
        }
        Equivalent oci = equivalent("oci");
        wrapped(text, " ".repeat(INDENT) + style.cyan("oci") + " ".repeat(NAME - INDENT - "oci".length()),
            oci.exists() ? "a config.json: --as oci" : "none: " + String.join("; ", oci.misses()), width);
        return text.toString();
    }

    private String summary() {
        List<String> kinds = work.fresh().stream().map(NamespaceKind::kernelName).toList();
        List<String> joined = work.joined().stream().map(kind -> kind.kernelName() + " of " + work.joined(kind).orElseThrow())
            .toList();
        return "profile " + work.spec().profile().jsonName() + (kinds.isEmpty() ? "; nothing is new" : "; new: "
            + String.join(" ", kinds))
            + (joined.isEmpty() ? "" : "; entered: " + String.join(", ", joined)) + "; for " + (work.root() ? "root"
            : "an unprivileged user");
    }

    private static void stage(StringBuilder text, Stages.Stage stage, Style style, int width) {
        String start = " ".repeat(INDENT) + style.cyan(stage.name())
            + " ".repeat(Math.max(1, NAME - INDENT - stage.name().length()));
        for (String call : stage.calls()) {
            // A call goes on where the calls are, with an indent of its own.
            String lead = call.startsWith("  ") ? "  " : "";
            for (String line : HelpText.wrap(Console.oneLine(call.strip()), width - NAME - lead.length())) {
                text.append(start).append(lead).append(line).append('\n');
                start = " ".repeat(NAME);
                lead = lead.isEmpty() ? "    " : lead;
            }
        }
        for (String line : HelpText.wrap(Console.oneLine(stage.purpose()), width - NAME - INDENT)) {
            text.append(start).append(stage.calls().isEmpty() ? "" : " ".repeat(INDENT)).append(style.dim(line)).append('\n');
            start = " ".repeat(NAME);
        }
    }

    private static void equivalent(StringBuilder text, Equivalent one, Style style, int width) {
        String start = " ".repeat(INDENT) + style.cyan(one.tool()) + " ".repeat(Math.max(1, NAME - INDENT - one.tool().length()));
        if (!one.exists()) {
            wrapped(text, start, "none: " + String.join("; ", one.misses()), width);
            return;
        }
        text.append(start).append(style.bold("$ " + Console.oneLine(one.line()))).append('\n');
        wrapped(text, " ".repeat(NAME), "without: " + Console.oneLine(String.join("; ", one.misses())), width);
    }

    private static void wrapped(StringBuilder text, String start, String words, int width) {
        String lead = start;
        int column = start.replaceAll("\u001b\\[[0-9;]*m", "").length();
        for (String line : HelpText.wrap(words, width - column)) {
            text.append(lead).append(line).append('\n');
            lead = " ".repeat(column);
        }
    }
}
