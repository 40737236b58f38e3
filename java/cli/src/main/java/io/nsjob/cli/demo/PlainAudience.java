package io.nsjob.cli.demo;

import io.nsjob.cli.Style;
import java.io.PrintStream;
import java.util.List;

/** One column. */
final class PlainAudience implements DemoRun.Audience {
    private final PrintStream out;
    private final Style style;
    private final Texts texts;

    PlainAudience(PrintStream out, Style style, Texts texts) {
        this.out = out;
        this.style = style;
        this.texts = texts;
    }

    @Override
    public void begin(DemoRun demo) {
        out.println(style.bold(demo.name() + ": " + demo.title()));
        out.println(demo.about());
        demo.notes().forEach(note -> out.println(style.cyan(note)));
    }

    @Override
    public void row(List<StepRun> row) {
        for (StepRun step : row) {
            out.println();
            out.println(step.say());
            out.println(style.cyan(step.session()) + " " + step.prompt() + " " + style.bold(step.command()));
            out.print(step.output().out());
            out.print(step.output().err());
            if (!step.look().isEmpty()) {
                out.println(style.dim(step.look()));
            }
            step.claims().forEach(claim -> out.println((claim.passed() ? style.green("✔") : style.red("✘")) + " " + claim.text()
                + (claim.passed() ? "" : " (" + claim.found() + ")")));
        }
    }

    @Override
    public void end(DemoRun demo) {
        out.println();
        if (!demo.skipped().isEmpty()) {
            out.println(style.red(texts.word("skipped", demo.name(), demo.skipped())));
        }
    }
}
