package io.nsjob.cli.demo;

import io.nsjob.cli.Cells;
import io.nsjob.cli.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The story on a terminal: what is told goes over the whole width, and below it are two panes, the host's on the left and all others
 * on the right. Where there is no room for two there is one column.
 */
final class StoryAudience implements DemoRun.Audience {
    /** A pane with less is no pane. */
    private static final int PANE = 36;
    private static final int MAX_WIDTH = 120;
    private static final int MAX_TEXT = 100;
    private static final String BETWEEN = " │ ";
    private static final String SAY = "▸ ";
    private static final String SEE = "  ☞ ";
    private static final int READ_A_COLUMN = 18;
    private static final int LOOK = 700;

    private final Screen screen;
    private final Style style;
    private final Texts texts;
    private final int width;
    private final boolean panes;
    /** Whether the pane of a step does not tell its session. */
    private boolean named;
    private String demo = "";

    /** A line of a pane. */
    private record Line(Kind kind, String lead, String text) {
        static final Line EMPTY = new Line(Kind.OUTPUT, "", "");
    }

    private enum Kind { SESSION, COMMAND, OUTPUT, ERROR, HOLDS, FAILS }

    StoryAudience(Screen screen, Style style, Texts texts, int width, boolean oneColumn) {
        this.screen = screen;
        this.style = style;
        this.texts = texts;
        this.width = Math.min(width, MAX_WIDTH);
        panes = !oneColumn && this.width >= 2 * PANE + BETWEEN.length();
    }

    @Override
    public void begin(DemoRun demo) {
        this.demo = demo.name();
        named = demo.sessions().size() > 2;
        screen.chapter(demo.name() + ": " + demo.title());
        String lead = "━━ ";
        for (String part : Lines.wrap(Lines.printable(demo.name() + ": " + demo.title()), width - Cells.of(lead))) {
            String head = lead + part + " ";
            line(style.bold(head + (lead.isBlank() ? "" : "━".repeat(Math.max(0, width - Cells.of(head))))));
            lead = "   ";
        }
        told(demo.about(), "");
        for (String note : demo.notes()) {
            told(note, "");
        }
        if (panes) {
            screen.newLine();
            List<Line> left = new ArrayList<>();
            List<Line> right = new ArrayList<>();
            demo.sessions().forEach((name, words) -> cut(name.equals(Demo.HOST) ? left : right, Kind.SESSION, "", Lines.printable(words)));
            side(left, right);
            line(style.dim("─".repeat(paneWidth() + 1) + "┼" + "─".repeat(paneWidth() + 1)));
        }
    }

    private int paneWidth() {
        return panes ? (width - BETWEEN.length()) / 2 : width;
    }

    @Override
    public void row(List<StepRun> row) {
        screen.chapter(demo + ": " + row.get(0).id());
        if (panes) {
            side(List.of(Line.EMPTY), List.of(Line.EMPTY));
            row.forEach(step -> told(step.say(), SAY));
            List<Line> left = new ArrayList<>();
            List<Line> right = new ArrayList<>();
            row.forEach(step -> lines(step, step.host() ? left : right));
            side(left, right);
            row.forEach(step -> told(step.look(), SEE));
            return;
        }
        for (StepRun step : row) {
            screen.newLine();
            told(step.say(), SAY);
            List<Line> all = new ArrayList<>();
            lines(step, all);
            all.forEach(one -> {
                write(one);
                screen.newLine();
            });
            told(step.look(), SEE);
        }
    }

    private void lines(StepRun step, List<Line> lines) {
        String who = panes && (step.host() || !named) ? "" : step.session() + " ";
        String lead = who + (step.prompt().isEmpty() ? "→" : step.prompt()) + " ";
        for (String line : step.command().split("\n")) {
            cut(lines, Kind.COMMAND, lead, Lines.printable(line));
            lead = " ".repeat(Cells.of(lead));
        }
        Shown.lines(step.output().out(), texts).forEach(line -> cut(lines, Kind.OUTPUT, "", line));
        Shown.lines(step.output().err(), texts).forEach(line -> cut(lines, Kind.ERROR, "", line));
        for (StepRun.Claim claim : step.claims()) {
            String text = claim.text() + Shown.proves(claim) + (claim.passed() ? "" : " — " + claim.found());
            String mark = claim.passed() ? "✔ " : "✘ ";
            for (String line : Lines.wrap(Lines.printable(text), paneWidth() - 2)) {
                lines.add(new Line(claim.passed() ? Kind.HOLDS : Kind.FAILS, mark, line));
                mark = "  ";
            }
        }
    }

    private void cut(List<Line> lines, Kind kind, String lead, String text) {
        String first = lead;
        for (String part : Lines.fold(text, paneWidth() - Cells.of(lead))) {
            lines.add(new Line(kind, first, part));
            first = " ".repeat(Cells.of(lead));
        }
    }

    private void side(List<Line> left, List<Line> right) {
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            Line one = i < left.size() ? left.get(i) : Line.EMPTY;
            Line other = i < right.size() ? right.get(i) : Line.EMPTY;
            write(one);
            screen.put(" ".repeat(Math.max(0, paneWidth() - Cells.of(one.lead()) - Cells.of(one.text()))) + style.dim(BETWEEN.stripTrailing()));
            if (!other.lead().isEmpty() || !other.text().isEmpty()) {
                screen.put(" ");
                write(other);
            }
            screen.newLine();
        }
    }

    private void write(Line line) {
        switch (line.kind()) {
            case SESSION -> screen.put(style.cyan(line.text()));
            case COMMAND -> {
                screen.put(style.cyan(line.lead()));
                screen.pause(LOOK / 2);
                screen.type(style.bold(line.text()));
                screen.pause(LOOK / 2);
            }
            case OUTPUT -> screen.put(line.lead() + line.text());
            case ERROR -> screen.put(line.lead() + style.yellow(line.text()));
            case HOLDS -> screen.put(style.green(line.lead()) + line.text());
            default -> screen.put(style.red(line.lead()) + style.bold(line.text()));
        }
        if (line.kind() == Kind.HOLDS || line.kind() == Kind.FAILS) {
            screen.pause(LOOK);
        }
    }

    private void line(String text) {
        screen.put(text);
        screen.newLine();
    }

    /** What the reader is told, with time to read it. */
    private void told(String text, String lead) {
        if (text.isEmpty()) {
            return;
        }
        String first = lead;
        for (String part : Lines.wrap(Lines.printable(text), Math.min(width, MAX_TEXT) - Cells.of(lead))) {
            line(style.dim(first) + (lead.isEmpty() ? part : lead.startsWith(" ") ? style.dim(part) : part));
            first = " ".repeat(Cells.of(lead));
        }
        screen.pause(Cells.of(text) * READ_A_COLUMN + LOOK);
    }

    @Override
    public void end(DemoRun demo) {
        if (!demo.skipped().isEmpty()) {
            line(style.yellow(texts.word("skipped", demo.name(), demo.skipped())));
            screen.newLine();
            return;
        }
        long failed = demo.claims(false);
        screen.newLine();
        String verdict = failed == 0 ? texts.word("holds", demo.claims(true)) : texts.word("fails", failed, demo.claims(true) + failed);
        line(failed == 0 ? style.green("✔ ") + style.bold(verdict) : style.red("✘ " + verdict));
        screen.newLine();
        screen.pause(LOOK);
    }

    /** After several demos: one line each. */
    void summary(List<DemoRun> runs) {
        for (DemoRun run : runs) {
            boolean skipped = !run.skipped().isEmpty();
            String mark = skipped ? style.yellow("–") : run.claims(false) == 0 ? style.green("✔") : style.red("✘");
            line(mark + " " + String.format(Locale.ROOT, "%-8s", run.name()) + " "
                + (skipped ? run.skipped() : run.claims(true) + "/" + (run.claims(true) + run.claims(false))) + "  " + style.dim(run.title()));
        }
    }
}
