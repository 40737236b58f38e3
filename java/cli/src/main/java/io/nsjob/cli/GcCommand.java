package io.nsjob.cli;

import io.nsjob.Housekeeping;

/** {@code nsjob gc}. */
final class GcCommand {
    private final Console console;

    GcCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException {
        if (args.length > 0 && (args[0].equals("-h") || args[0].equals("--help"))) {
            console.out().print(HelpText.gc(console.outStyle()));
            return ExitStatus.OK;
        }
        if (args.length > 0) {
            throw new UsageException("gc: takes no argument, not " + args[0]);
        }
        for (String removed : Housekeeping.gc()) {
            console.out().println(Console.oneLine("removed " + removed));
        }
        return ExitStatus.OK;
    }
}
