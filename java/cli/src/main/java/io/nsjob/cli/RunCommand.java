package io.nsjob.cli;

import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.Profile;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code nsjob run}: from a command line to the exit status of the job. */
class RunCommand {
    final Console console;

    RunCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws Exception {
        RunLine line = RunLine.parse(args);
        if (line.has(RunOption.HELP)) {
            console.out().print(HelpText.run(console.outStyle()));
            return ExitStatus.OK;
        }
        Ahead.start();
        try {
            CommandLineText.check(args);
            JobSpec spec = spec(line);
            return line.has(RunOption.DRY_RUN) ? show(spec) : launch(line, spec);
        } catch (Exception e) {
            if (line.has(RunOption.DEBUG)) {
                e.printStackTrace(console.err());
            }
            throw e;
        }
    }

    static JobSpec spec(RunLine line) throws UsageException, IOException {
        Map<String, Object> base = null;
        Optional<String> file = line.value(RunOption.SPEC);
        if (file.isPresent()) {
            String text = readSpec(file.get());
            JobSpec.fromJson(text); // says what is wrong with the file itself, before anything is laid over it
            try {
                base = Redaction.cast(JsonTree.parse(text));
            } catch (IOException e) {
                throw new IOException(file.get() + ": " + e.getMessage(), e);
            }
        }
        String shell = System.getenv().getOrDefault("SHELL", "");
        Map<String, Object> tree = SpecAssembler.assemble(line, base, IdMapOptions.Caller.current(),
            shell.isEmpty() ? "/bin/sh" : shell);
        boolean keyboard = Terminal.isTerminal(0) && Terminal.inForeground();
        TerminalOptions.byDefault(line, keyboard, keyboard && Terminal.isTerminal(1) && Terminal.isTerminal(2), tree);
        return JobSpec.fromJson(JsonTree.compact(tree));
    }

    private static String readSpec(String file) throws UsageException, IOException {
        try {
            return SpecFile.read(file);
        } catch (NoSuchFileException e) {
            // "-pf COMMAND" is what readers of unshare(1) type.
            throw new UsageException("run: no job spec '" + file + "'; -f takes one here, and the -f of unshare(1) can be"
                + " left out, as nsjob always forks");
        }
    }

    /** {@code --dry-run}: what would be done, with no value of any variable and no content of a file. */
    private int show(JobSpec spec) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("spec", Redaction.spec(Redaction.cast(JsonTree.parse(spec.toJson()))));
        document.put("plan", Redaction.plan(Redaction.cast(JsonTree.parse(Launcher.plan(spec)))));
        console.out().println(JsonTree.pretty(document));
        return ExitStatus.OK;
    }

    int launch(RunLine line, JobSpec spec) throws Exception {
        checkReport(line);
        boolean terminal = spec.terminal().orElse(false);
        boolean ownSession = spec.newSession().orElse(terminal || spec.profile() != Profile.BARE);
        SignalRelay relay = new SignalRelay(Thread.currentThread(), ownSession, terminal);
        relay.install();
        try (Launcher launcher = Launcher.open(Driver.PER_JOB); Job job = start(launcher, spec, stdio(line, spec))) {
            OutputCopies output = limitsOutput(spec) ? OutputCopies.start(job) : null;
            relay.attach(job);
            showBefore(line, job);
            job.release();
            JobResult result = job.await();
            if (output != null) {
                output.finish(result, console);
            }
            return finish(line, result, relay);
        } catch (SandboxException e) {
            report(line, e.toJson(), "the sandbox failed");
            throw e;
        } catch (InterruptedException e) {
            OptionalInt status = relay.statusOfSetUp();
            console.error("set-up: ended by a signal, the command was not run");
            return status.orElse(ExitStatus.FAILED);
        }
    }

    /** How it becomes a job. */
    Job start(Launcher launcher, JobSpec spec, StartOptions options) throws Exception {
        return launcher.start(spec, options);
    }

    private static StartOptions stdio(RunLine line, JobSpec spec) throws IOException {
        // Held: the command runs once the relay knows the job, so that no signal falls into the gap between them.
        StartOptions options = StartOptions.inherited().withHold(true);
        if (line.has(RunOption.STDIN)) {
            Path file = Path.of(line.value(RunOption.STDIN).orElseThrow());
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw new FileNotFoundException("--stdin: " + file + " is not a readable file");
            }
            options = options.withIn(Stdio.file(file));
        }
        return limitsOutput(spec) ? options.withOut(Stdio.stream()).withErr(Stdio.stream()) : options;
    }

    /** Only what somebody wrote down: through pipes the job would lose its terminal. */
    private static boolean limitsOutput(JobSpec spec) {
        return spec.outputLimit().isPresent() || spec.outputAction().isPresent();
    }

    private void showBefore(RunLine line, Job job) {
        if (line.has(RunOption.TABLE) || line.has(RunOption.VERBOSE)) {
            console.err().print(NamespaceTable.render(job.report().namespaces(), console.errStyle()));
        }
    }

    private int finish(RunLine line, JobResult result, SignalRelay relay) throws IOException {
        Outcome outcome = result.outcome();
        if (line.has(RunOption.VERBOSE)) {
            Style style = console.errStyle();
            console.err().print(RunTrace.stages(result.report().stages(), style)
                + RunTrace.weakened(result.report(), style) + RunTrace.ending(result, style));
        }
        if (outcome.exitCode().isEmpty() && outcome.signal().isEmpty()) {
            console.error("job " + result.name() + ": " + outcome.describe());
        }
        CollectOption.tell(result, console);
        boolean written = !line.has(RunOption.REPORT)
            || report(line, result.toJson(), "job " + result.name() + ": " + outcome.describe());
        int status = outcome.kind() == Outcome.Kind.CANCELLED
            ? relay.statusOfCancel().orElse(result.exitStatus())
            : result.exitStatus();
        return written ? status : ExitStatus.FAILED;
    }

    private static void checkReport(RunLine line) throws UsageException {
        String file = line.value(RunOption.REPORT).orElse("-");
        try {
            if (!file.equals("-")) {
                ReportFile.check(Path.of(file));
            }
        } catch (IOException e) {
            throw new UsageException("report: cannot write " + Failure.describe(e));
        }
    }

    /** Writes the report that was asked for. When that fails, the result is not lost with it. */
    private boolean report(RunLine line, String json, String result) {
        Optional<String> file = line.value(RunOption.REPORT);
        if (file.isEmpty()) {
            return true;
        }
        if (file.get().equals("-")) {
            console.out().println(json);
            boolean failed = console.out().checkError();
            if (failed) {
                console.error("report: cannot write to standard output; " + result);
            }
            return !failed;
        }
        try {
            ReportFile.write(Path.of(file.get()), json);
            return true;
        } catch (IOException | RuntimeException e) {
            console.error("report: cannot write " + Failure.describe(e) + "; " + result);
            return false;
        }
    }
}
