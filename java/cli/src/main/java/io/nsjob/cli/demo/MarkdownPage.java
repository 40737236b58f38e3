package io.nsjob.cli.demo;

import java.util.List;

/** The story as Markdown (CommonMark). */
final class MarkdownPage {
    private final Texts texts;
    private final StringBuilder page = new StringBuilder();

    private MarkdownPage(Texts texts) {
        this.texts = texts;
    }

    static String of(List<DemoRun> runs, Texts texts) {
        MarkdownPage page = new MarkdownPage(texts);
        runs.forEach(page::demo);
        return page.page.toString().stripTrailing() + "\n";
    }

    private void demo(DemoRun run) {
        page.append("### `").append(run.name()).append("`: ").append(escape(run.title())).append("\n\n");
        if (!run.skipped().isEmpty()) {
            page.append(escape(texts.word("skipped", run.name(), run.skipped()))).append("\n\n");
            return;
        }
        if (!run.about().isEmpty()) {
            page.append(escape(run.about())).append("\n\n");
        }
        run.notes().forEach(note -> page.append("> ").append(escape(note)).append("\n\n"));
        run.steps().forEach(this::step);
    }

    private void step(StepRun step) {
        if (!step.say().isEmpty()) {
            page.append(escape(step.say())).append("\n\n");
        }
        StringBuilder block = new StringBuilder();
        String lead = step.session() + (step.prompt().isEmpty() ? " →" : " " + step.prompt()) + " ";
        for (String line : step.command().split("\n")) {
            block.append(lead).append(Lines.printable(line)).append('\n');
            lead = " ".repeat(lead.length());
        }
        Shown.lines(step.output().out(), texts).forEach(line -> block.append(line).append('\n'));
        Shown.lines(step.output().err(), texts).forEach(line -> block.append(line).append('\n'));
        for (StepRun.Claim claim : step.claims()) {
            block.append(claim.passed() ? "✔ " : "✘ ").append(Lines.printable(claim.text() + Shown.proves(claim)
                + (claim.passed() ? "" : " — " + claim.found()))).append('\n');
        }
        String fence = "```";
        while (block.indexOf(fence) >= 0) {
            fence += "`";
        }
        page.append(fence).append("text\n").append(block).append(fence).append("\n\n");
        if (!step.look().isEmpty()) {
            page.append(escape(step.look())).append("\n\n");
        }
    }

    /** Nothing in a text is markup. A line break would end a list or quotation. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            if ("\\`*_{}[]<>#|~&".indexOf(c) >= 0) {
                escaped.append('\\');
            }
            escaped.append(c == '\n' || c == '\r' ? ' ' : c);
        }
        return escaped.toString();
    }
}
