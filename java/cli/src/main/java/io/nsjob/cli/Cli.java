package io.nsjob.cli;

import io.nsjob.InvalidSpecException;
import io.nsjob.SandboxException;
import io.nsjob.cli.demo.DemoCommand;
import java.util.Arrays;
import java.util.List;

/** Chooses the command. Each lives in a class of its own that is loaded only when it is asked for. */
final class Cli {
    private static final List<String> COMMANDS = List.of("run", "exec", "unshare", "spec", "netns", "demo", "gc", "doctor", "ps", "inspect", "ns",
        "explain", "help");

    private final Console console;

    Cli(Console console) {
        this.console = console;
    }

    /** Runs one command line to its exit status. Nothing is thrown: every failure is one line. */
    int run(String... args) {
        try {
            return dispatch(args);
        } catch (UsageException e) {
            console.error(e.getMessage());
        } catch (InvalidSpecException e) {
            console.error("spec: " + String.join("; ", e.violations()));
        } catch (SandboxException e) {
            console.error(Failure.describe(e));
            return ExitStatus.of(e);
        } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
            console.error(Failure.describe(e));
        }
        return ExitStatus.FAILED;
    }

    private int dispatch(String... args) throws Exception {
        String first = args.length == 0 ? "" : args[0];
        String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
        return switch (first) {
            case "run" -> new RunCommand(console).run(rest);
            case "exec" -> new ExecCommand(console).run(rest);
            case "unshare" -> new UnshareCommand(console).run(rest);
            case "spec" -> new SpecCommand(console).run(rest);
            case "demo" -> new DemoCommand(console).run(rest);
            case "netns" -> new NetnsCommand(console).run(rest);
            case "ps" -> new PsCommand(console).run(rest);
            case "inspect" -> new InspectCommand(console).run(rest);
            case "ns" -> new NsCommand(console).run(rest);
            case "gc" -> new GcCommand(console).run(rest);
            case "doctor" -> new DoctorCommand(console).run(rest);
            case "explain" -> new ExplainCommand(console).run(rest);
            case "help" -> help(rest);
            case "-h", "--help" -> help();
            case "-V", "--version" -> version();
            case "" -> throw new UsageException("no command given; see 'nsjob --help'");
            default -> throw new UsageException((first.startsWith("-") ? "unknown option " : "unknown command ") + first
                + Suggestion.didYouMean(first, first.startsWith("-") ? List.of("--help", "--version") : COMMANDS));
        };
    }

    private int help(String... about) throws UsageException {
        String command = about.length == 0 ? "" : about[0];
        Style style = console.outStyle();
        console.out().print(switch (command) {
            case "" -> HelpText.overview(style);
            case "run" -> HelpText.run(style);
            case "exec" -> ExecCommand.help(style);
            case "unshare" -> UnshareCommand.help(style);
            case "spec" -> HelpText.spec(style);
            case "demo" -> HelpText.demo(style);
            case "netns" -> HelpText.netns(style);
            case "ps" -> LookHelp.ps(style);
            case "inspect" -> LookHelp.inspect(style);
            case "ns" -> LookHelp.ns(style);
            case "gc" -> HelpText.gc(style);
            case "doctor" -> HelpText.doctor(style);
            case "explain" -> HelpText.explain(style);
            default -> throw new UsageException("no help for " + command + Suggestion.didYouMean(command, COMMANDS));
        });
        return ExitStatus.OK;
    }

    private int version() {
        String version = Cli.class.getPackage().getImplementationVersion();
        console.out().println("nsjob " + (version == null ? "(unpackaged)" : version)
            + " (Java " + System.getProperty("java.version") + ", " + System.getProperty("os.arch") + ")");
        return ExitStatus.OK;
    }
}
