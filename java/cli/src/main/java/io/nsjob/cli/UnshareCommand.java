package io.nsjob.cli;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Signals;
import io.nsjob.UnshareOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** {@code nsjob unshare}: this very process becomes the command. */
final class UnshareCommand {
    /** What somebody would have to stay for, and what a shell does as well. Limits and results are refused by the library. */
    private static final List<RunOption> NOT_HERE = List.of(RunOption.SPEC, RunOption.REPORT, RunOption.TABLE, RunOption.VERBOSE,
        RunOption.DRY_RUN, RunOption.STDIN, RunOption.NAME, RunOption.NO_TTY);

    private final Console console;

    UnshareCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws Exception {
        try {
            RunLine line = RunLine.parseInPlace(args);
            if (line.has(RunOption.HELP)) {
                console.out().print(help(console.outStyle()));
                return ExitStatus.OK;
            }
            CommandLineText.check(args);
            throw Launcher.become(spec(line), options(line));
        } catch (UsageException e) {
            throw new UsageException(e.getMessage().replaceFirst("^run: ", "unshare: ").replace("nsjob run --help", "nsjob unshare --help"));
        }
    }

    private static JobSpec spec(RunLine line) throws UsageException, IOException {
        for (RunOption option : NOT_HERE) {
            if (line.has(option)) {
                throw new UsageException("unshare: " + option.longName() + " is of 'nsjob run'");
            }
        }
        String shell = System.getenv().getOrDefault("SHELL", "");
        Map<String, Object> tree = SpecAssembler.assemble(line, null, IdMapOptions.Caller.current(), shell.isEmpty() ? "/bin/sh" : shell, true);
        if (!line.has(RunOption.MOUNT_PROC)) {
            // Only when it is asked for, as in unshare(1).
            SpecAssembler.object(tree, "filesystem").putIfAbsent("proc", false);
        }
        return JobSpec.fromJson(JsonTree.compact(tree));
    }

    private static UnshareOptions options(RunLine line) throws UsageException {
        UnshareOptions options = UnshareOptions.inherited().withFork(line.has(RunOption.FORK));
        if (line.value(RunOption.KILL_CHILD).isEmpty()) {
            return options;
        }
        String name = line.value(RunOption.KILL_CHILD).get();
        OptionalInt signal = Signals.number(name);
        if (signal.isEmpty()) {
            throw new UsageException("unshare: --kill-child: there is no signal " + name);
        }
        return options.withKillSignal(signal.getAsInt());
    }

    static String help(Style style) {
        HelpText help = new HelpText(style);
        help.usage("nsjob unshare [OPTION...] [--] [COMMAND [ARG...]]");
        help.paragraph("Leaves the namespaces named and becomes the command, or $SHELL, under the pid that nsjob was started with: nobody"
            + " stays to supervise it. Options are those of 'nsjob run', without what takes somebody who stays: limits of time, output,"
            + " memory and pids, results, reports, a terminal of its own.");
        help.heading("Options that are different here");
        help.entry("-f, --fork", "the command is a child, and nsjob waits for it: with -p it is pid 1");
        help.entry("    --kill-child[=SIGNAL]", "the child gets this signal (KILL) when the one that waits ends; implies --fork");
        help.entry("    --mount-proc", "a fresh /proc, which is mounted only when it is asked for; needs -p and --fork");
        help.heading("Exit status");
        help.entry("the command's own", "126, 127: it cannot be executed, or was not found; 125: nsjob failed");
        help.heading("Examples");
        help.example("nsjob unshare -m", "a shell whose mounts are its own");
        help.example("exec nsjob unshare -Urn ./server", "for a supervisor that knows the server by its pid");
        help.example("nsjob unshare -pf --mount-proc ps aux", "pid 1 of its own");
        help.example("nsjob unshare --persist net=/run/netns/blue true", "a network that stays, as 'ip netns add blue' makes it");
        return help.text();
    }
}
