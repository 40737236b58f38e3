package io.nsjob.cli;

import io.nsjob.Diagnosis;
import io.nsjob.Doctor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code nsjob doctor}: what jobs can have here, and what to do about the rest. */
final class DoctorCommand {
    /** Profile isolated cannot be had. */
    private static final int NOT_ISOLATED = 1;

    private final Console console;

    DoctorCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException, InterruptedException {
        boolean json = false;
        for (String arg : args) {
            switch (arg) {
                case "-h", "--help" -> {
                    console.out().print(HelpText.doctor(console.outStyle()));
                    return ExitStatus.OK;
                }
                case "--json" -> json = true;
                default -> throw new UsageException("doctor: " + (arg.startsWith("-") ? "unknown option "
                    : "takes no argument, not ") + arg
                    + Suggestion.didYouMean(arg, List.of("--json", "--help")));
            }
        }
        List<Diagnosis> diagnoses = Doctor.examine();
        boolean isolated = Doctor.canIsolate(diagnoses);
        if (json) {
            console.out().println(JsonTree.pretty(tree(diagnoses, isolated)));
        } else {
            console.out().print(new DoctorText(console.outStyle(), TextWidth.current()).render(diagnoses, isolated));
        }
        return isolated ? ExitStatus.OK : NOT_ISOLATED;
    }

    static Map<String, Object> tree(List<Diagnosis> diagnoses, boolean isolated) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("isolated", isolated);
        List<Object> features = new ArrayList<>();
        for (Diagnosis diagnosis : diagnoses) {
            features.add(feature(diagnosis));
        }
        tree.put("features", features);
        return tree;
    }

    private static Map<String, Object> feature(Diagnosis diagnosis) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("feature", diagnosis.feature());
        tree.put("state", diagnosis.state().jsonName());
        tree.put("detail", diagnosis.detail());
        diagnosis.failure().ifPresent(failure -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("stage", failure.stage());
            fields.put("syscall", failure.syscall());
            fields.put("errno", failure.errno());
            fields.put("subject", failure.subject());
            fields.put("message", failure.message());
            tree.put("failure", fields);
        });
        diagnosis.cause().ifPresent(cause -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("code", cause.code());
            fields.put("text", cause.text());
            cause.command().ifPresent(command -> fields.put("command", command));
            fields.put("hint", cause.hint());
            tree.put("cause", fields);
        });
        return tree;
    }
}
