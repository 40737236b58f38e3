package io.nsjob.cli;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** {@code nsjob spec validate|show|schema}. */
final class SpecCommand {
    private static final List<String> ACTIONS = List.of("validate", "show", "schema");

    private final Console console;

    SpecCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException, IOException {
        String action = args.length == 0 ? "" : args[0];
        List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
        return switch (action) {
            case "validate" -> validate(rest);
            case "show" -> show(rest);
            case "schema" -> schema(rest);
            case "-h", "--help" -> help();
            case "" -> throw new UsageException("spec: one of " + String.join(", ", ACTIONS) + " is missing");
            default -> throw new UsageException("spec: there is no " + action + Suggestion.didYouMean(action, ACTIONS));
        };
    }

    private int help() {
        console.out().print(HelpText.spec(console.outStyle()));
        return ExitStatus.OK;
    }

    private int validate(List<String> files) throws UsageException {
        if (files.isEmpty()) {
            throw new UsageException("spec validate: no file given");
        }
        int status = ExitStatus.OK;
        for (String file : files) {
            try {
                JobSpec spec = JobSpec.fromJson(SpecFile.read(file));
                String verdict = spec.command().isEmpty() ? "valid, with the command left to the command line" : "valid";
                console.out().println(Console.oneLine(file + ": " + verdict));
            } catch (InvalidSpecException e) {
                e.violations().forEach(violation -> console.error(file + ": " + violation));
                status = ExitStatus.FAILED;
            } catch (IOException e) {
                console.error(Failure.describe(e));
                status = ExitStatus.FAILED;
            }
        }
        return status;
    }

    private int show(List<String> files) throws UsageException, IOException {
        if (files.size() != 1) {
            throw new UsageException("spec show: exactly one file is needed");
        }
        JobSpec spec = JobSpec.fromJson(SpecFile.read(files.get(0)));
        console.out().println(JsonTree.pretty(Redaction.spec(Redaction.cast(JsonTree.parse(spec.toJson())))));
        return ExitStatus.OK;
    }

    private int schema(List<String> more) throws UsageException {
        if (!more.isEmpty()) {
            throw new UsageException("spec schema: takes no argument, not " + more.get(0));
        }
        console.out().println(JobSpec.jsonSchema().stripTrailing());
        return ExitStatus.OK;
    }
}
