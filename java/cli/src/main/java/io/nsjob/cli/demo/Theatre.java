package io.nsjob.cli.demo;

import io.nsjob.cli.Cells;
import io.nsjob.cli.Console;
import io.nsjob.cli.JsonTree;
import io.nsjob.cli.Style;
import io.nsjob.cli.Terminal;
import io.nsjob.cli.UsageException;
import io.nsjob.cli.demo.DemoOptions.Option;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everybody who was asked to show the demos: the terminal while they run, the files when they have. */
final class Theatre implements DemoRun.Audience, AutoCloseable {
    private static final int PIPE_WIDTH = 100;

    private final Console console;
    private final DemoOptions options;
    private final Texts texts;
    private final List<StoryAudience> stories = new ArrayList<>();
    private final CastScreen cast = new CastScreen();
    private final Optional<TerminalSession> terminal;
    private final List<DemoRun> runs = new ArrayList<>();
    private boolean first = true;

    Theatre(Console console, DemoOptions options, Texts texts) throws IOException, UsageException {
        this.console = console;
        this.options = options;
        this.texts = texts;
        if (!options.has(Option.JSON)) {
            boolean tty = Terminal.isTerminal(1);
            boolean plain = options.has(Option.PLAIN);
            PrintStream out = console.out();
            stories.add(new StoryAudience(out::print, plain ? Style.PLAIN : console.outStyle(), texts,
                tty ? TerminalSession.width() : PIPE_WIDTH, plain || !tty));
        }
        if (options.has(Option.RECORD)) {
            stories.add(new StoryAudience(cast, Style.COLOUR, texts, CastScreen.WIDTH, false));
        }
        if (options.has(Option.STEP) && !(Terminal.isTerminal(0) && Terminal.isTerminal(1))) {
            throw new UsageException("demo: --step waits for keys: it needs a terminal");
        }
        terminal = options.has(Option.STEP) ? Optional.of(TerminalSession.keys()) : Optional.empty();
    }

    @Override
    public void begin(DemoRun demo) {
        first = true;
        stories.forEach(story -> story.begin(demo));
    }

    @Override
    public void row(List<StepRun> row) {
        stories.forEach(story -> story.row(row));
    }

    @Override
    public void end(DemoRun demo) {
        stories.forEach(story -> story.end(demo));
        runs.add(demo);
    }

    @Override
    public void pause() {
        if (terminal.isPresent() && !first) {
            console.out().print(console.outStyle().dim("[" + texts.word("key") + "]"));
            console.out().flush();
            terminal.get().awaitKey();
            console.out().print("\r" + " ".repeat(Cells.of(texts.word("key")) + 2) + "\r");
        }
        first = false;
    }

    /** When the last demo is over. */
    void finish(boolean passed) throws IOException {
        if (options.has(Option.JSON)) {
            console.out().println(JsonTree.pretty(JsonResult.of(runs, passed)));
        } else if (runs.size() > 1) {
            stories.forEach(story -> story.summary(runs));
        }
        if (options.has(Option.RECORD)) {
            cast.write(Path.of(options.value(Option.RECORD)), "nsjob demo " + String.join(" ", runs.stream().map(DemoRun::name).toList()));
        }
        List<DemoRun> shown = options.has(Option.STABLE) ? runs.stream().map(Stable::of).toList() : runs;
        if (options.has(Option.MARKDOWN)) {
            Files.writeString(Path.of(options.value(Option.MARKDOWN)), MarkdownPage.of(shown, texts));
        }
        if (options.has(Option.HTML)) {
            Files.writeString(Path.of(options.value(Option.HTML)), HtmlPage.of(shown, texts));
        }
    }

    @Override
    public void close() throws IOException {
        if (terminal.isPresent()) {
            terminal.get().close();
        }
    }
}
