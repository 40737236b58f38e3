package io.nsjob.cli.demo;

import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.cli.Console;
import io.nsjob.cli.ExitStatus;
import io.nsjob.cli.HelpText;
import io.nsjob.cli.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code nsjob demo}: tells and checks what namespaces do. */
public final class DemoCommand {
    private static final int CLAIM_FAILED = 1;

    private final Console console;

    /**
     * Makes the command.
     *
     * @param console where it writes
     */
    public DemoCommand(Console console) {
        this.console = console;
    }

    /**
     * Runs it.
     *
     * @param args without the word demo
     * @return the exit status: 1 when a claim failed, 125 when nsjob did
     * @throws UsageException when the command line cannot be understood
     * @throws SandboxException when a sandbox cannot be made
     * @throws IOException when a file cannot be read or written
     * @throws InterruptedException when this thread is interrupted
     */
    public int run(String... args) throws UsageException, SandboxException, IOException, InterruptedException {
        DemoOptions options = DemoOptions.parse(args);
        if (options.has(DemoOptions.Option.HELP)) {
            console.out().print(HelpText.demo(console.outStyle()));
            return ExitStatus.OK;
        }
        try {
            return options.demos().isEmpty() ? list(options) : play(options);
        } catch (DemoException e) {
            throw new UsageException("demo: " + e.getMessage());
        }
    }

    private int list(DemoOptions options) throws IOException, UsageException {
        Texts texts = texts(options);
        for (String name : Library.NAMES) {
            Demo demo = Library.find(name);
            console.out().println(String.format("%-8s %s", name, texts.of(demo, "title").orElse("")));
        }
        return ExitStatus.OK;
    }

    private static Texts texts(DemoOptions options) {
        return new Texts(options.has(DemoOptions.Option.LANG) ? options.value(DemoOptions.Option.LANG)
            : Texts.language(System.getenv()));
    }

    private int play(DemoOptions options) throws UsageException, SandboxException, IOException, InterruptedException {
        Texts texts = texts(options);
        List<Demo> demos = new ArrayList<>();
        for (String name : options.demos().equals(List.of("all")) ? Library.NAMES : options.demos()) {
            demos.add(Library.find(name));
        }
        try (Launcher launcher = Launcher.open()) {
            boolean passed = true;
            for (Demo demo : demos) {
                DemoRun run = Engine.play(demo, launcher, Caller.current(options.has(DemoOptions.Option.ROOTLESS)), texts,
                    options.without(), new PlainAudience(console.out(), console.outStyle(), texts));
                passed &= run.claims(false) == 0 && (run.skipped().isEmpty() || !strict());
            }
            return passed ? ExitStatus.OK : CLAIM_FAILED;
        }
    }

    private static boolean strict() {
        return Optional.ofNullable(System.getenv("STRICT")).filter(value -> value.equals("1")).isPresent();
    }
}
