package io.nsjob.cli.demo;

import io.nsjob.Driver;
import io.nsjob.JobResult;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.cli.Console;
import io.nsjob.cli.ExitStatus;
import io.nsjob.cli.HelpText;
import io.nsjob.cli.JsonTree;
import io.nsjob.cli.UsageException;
import io.nsjob.cli.demo.DemoOptions.Option;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

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
     * @throws UsageException when the command line or a demo cannot be understood
     * @throws SandboxException when a sandbox cannot be made
     * @throws IOException when a file cannot be read or written
     * @throws InterruptedException when this thread is interrupted
     */
    public int run(String... args) throws UsageException, SandboxException, IOException, InterruptedException {
        DemoOptions options = DemoOptions.parse(args);
        if (options.has(Option.HELP)) {
            console.out().print(HelpText.demo(console.outStyle()));
            return ExitStatus.OK;
        }
        Texts texts = new Texts(options.has(Option.LANG) ? options.value(Option.LANG) : Texts.language(System.getenv()));
        try {
            return options.demos().isEmpty() ? list(options, texts) : perform(options, texts);
        } catch (DemoException e) {
            throw new UsageException("demo: " + e.getMessage());
        }
    }

    private int list(DemoOptions options, Texts texts) throws IOException, UsageException {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String name : Library.NAMES) {
            all.put(name, texts.of(Library.find(name), "title").orElse(""));
        }
        if (options.has(Option.JSON)) {
            console.out().println(JsonTree.pretty(Map.of("demos", all.entrySet().stream()
                .map(demo -> Map.of("name", demo.getKey(), "title", demo.getValue())).toList())));
        } else {
            all.forEach((name, title) -> console.out().println(console.outStyle().bold(String.format(Locale.ROOT, "%-10s", name)) + title));
        }
        return ExitStatus.OK;
    }

    private int perform(DemoOptions options, Texts texts) throws UsageException, SandboxException, IOException, InterruptedException {
        Map<String, Demo> demos = new LinkedHashMap<>();
        for (String name : options.demos().contains("all") ? Library.NAMES : options.demos()) {
            demos.put(name, Library.find(name));
        }
        known(options.without(), demos);
        boolean outer = options.has(Option.OUTER);
        if (outer) {
            OuterSandbox.verify(options.value(Option.OUTER));
        }
        try (Launcher launcher = Launcher.open(Driver.PER_JOB)) {
            if (options.has(Option.CONTROLS)) {
                return controls(new Controls(launcher).run(demos), options);
            }
            if (!outer && dangerous(options.without(), demos)) {
                JobResult result = OuterSandbox.run(launcher, options.again(),
                    StartOptions.defaults().withOut(Stdio.inherit()).withErr(Stdio.inherit()));
                return result.exitStatus();
            }
            return play(demos, launcher, options, texts);
        }
    }

    private static boolean dangerous(Set<String> without, Map<String, Demo> demos) {
        return without.stream().anyMatch(isolation -> demos.values().stream().anyMatch(demo -> demo.dangerous(isolation)));
    }

    /** An isolation that nobody knows would be left out without any effect. */
    private static void known(Set<String> without, Map<String, Demo> demos) throws UsageException {
        for (String isolation : without) {
            boolean named = demos.values().stream().anyMatch(demo -> demo.proven().contains(isolation)
                || demo.sessions().values().stream().anyMatch(place -> place.without().containsKey(isolation)));
            if (!named && !PlaceSpec.isKind(isolation)) {
                throw new UsageException("demo: --without " + isolation + ": nothing in this demo is called so");
            }
        }
    }

    private int play(Map<String, Demo> demos, Launcher launcher, DemoOptions options, Texts texts)
            throws UsageException, SandboxException, IOException, InterruptedException {
        Caller caller = Caller.current(options.has(Option.ROOTLESS));
        boolean passed = true;
        try (Theatre theatre = new Theatre(console, options, texts)) {
            for (Demo demo : demos.values()) {
                DemoRun run = Engine.play(demo, launcher, caller, texts, options.without(), theatre);
                passed &= run.claims(false) == 0 && (run.skipped().isEmpty() || !strict());
            }
            theatre.finish(passed);
        }
        return passed ? ExitStatus.OK : CLAIM_FAILED;
    }

    private int controls(List<Controls.Control> controls, DemoOptions options) {
        if (options.has(Option.JSON)) {
            console.out().println(JsonTree.pretty(Map.of("controls", controls.stream().map(control -> Map.of("demo", control.demo(),
                "without", control.without(), "failed", control.failed(), "held", control.held(), "passed", control.passed())).toList())));
        }
        for (Controls.Control control : options.has(Option.JSON) ? List.<Controls.Control>of() : controls) {
            console.out().println(String.format(Locale.ROOT, "%s %-8s without %-10s checks that fail: %d%s",
                control.passed() ? "✔" : "✘", control.demo(), control.without(), control.failed(),
                control.held().isEmpty() ? "" : ", but not: " + String.join("; ", control.held())));
        }
        return controls.stream().allMatch(Controls.Control::passed) ? ExitStatus.OK : CLAIM_FAILED;
    }

    private static boolean strict() {
        return "1".equals(System.getenv("STRICT"));
    }
}
