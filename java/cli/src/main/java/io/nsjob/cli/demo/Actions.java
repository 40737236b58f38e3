package io.nsjob.cli.demo;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobReport;
import io.nsjob.NamespaceReport;
import io.nsjob.SandboxException;
import io.nsjob.Signals;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** What a step can do besides running a command. */
final class Actions {
    private static final Map<String, List<String>> FIELDS = Map.of(
        "open", List.of(),
        "close", List.of(),
        "wait", List.of(),
        "kill", List.of("target", "signal"),
        "namespaces", List.of(),
        "serve", List.of("port", "text"),
        "fetch", List.of("host", "port"));

    private final Stage stage;

    Actions(Stage stage) {
        this.stage = stage;
    }

    static Demo.Do read(Node node, TemplateRules rules) {
        Map<String, Node> one = node.fields(FIELDS.keySet().stream().sorted().toArray(String[]::new));
        if (one.size() != 1) {
            throw node.wrong("exactly one action is needed");
        }
        String action = one.keySet().iterator().next();
        Node arguments = one.get(action);
        List<String> known = FIELDS.get(action);
        Map<String, String> values = new LinkedHashMap<>();
        arguments.fields().forEach((name, value) -> {
            if (!known.contains(name)) {
                throw value.wrong("no such field" + (known.isEmpty() ? "" : "; there are " + String.join(", ", known)));
            }
            rules.check(value);
            values.put(name, value.scalar());
        });
        for (String needed : known) {
            arguments.needed(needed);
        }
        if (action.equals("kill")) {
            arguments.needed("target").oneOf("init", "main");
            Signals.number(values.get("signal")).orElseThrow(() -> arguments.needed("signal").wrong("there is no such signal"));
        }
        if (values.containsKey("port") && !values.get("port").matches("[1-9][0-9]{0,4}")) {
            throw arguments.needed("port").wrong("a port is needed");
        }
        return new Demo.Do(action, values);
    }

    /** How it is written down; empty for what starts a session, which has a command. */
    String line(Demo.Do act, String session) {
        Map<String, String> arguments = act.arguments();
        return switch (act.action()) {
            case "open" -> stage.openLine(session);
            case "close" -> "exit";
            case "kill" -> "kill -" + arguments.get("signal") + " " + target(act, session);
            case "serve" -> "serve \"" + arguments.get("text") + "\" on port " + arguments.get("port");
            case "fetch" -> "fetch " + arguments.get("host") + ":" + arguments.get("port");
            default -> act.action() + " " + session;
        };
    }

    Output perform(Demo.Do act, String session, Duration timeout) throws SandboxException, InvalidSpecException, InterruptedException {
        if (act.action().equals("open")) {
            stage.shell(session);
            return Output.of("");
        }
        Shell shell = stage.shell(session);
        return switch (act.action()) {
            case "close" -> told(shell.finish(), shell);
            case "wait" -> told(shell.end(""), shell);
            case "kill" -> kill(act, session);
            case "namespaces" -> Output.of(table(shell.report()));
            case "serve" -> stage.network().serve(session, act.arguments().get("port"), act.arguments().get("text"));
            default -> stage.network().fetch(session, act.arguments().get("host"), act.arguments().get("port"), timeout);
        };
    }

    /** What the shell had still to say, and how it ended. */
    private static Output told(Output output, Shell shell) {
        return new Output(output.out() + shell.ended() + "\n", output.err(), output.problem().isEmpty() ? 0 : -1, output.problem());
    }

    private long target(Demo.Do act, String session) {
        JobReport report = stage.report(session);
        OptionalLong init = report.initPid();
        return act.arguments().get("target").equals("init") && init.isPresent() ? init.getAsLong() : report.hostPid();
    }

    private Output kill(Demo.Do act, String session) throws SandboxException, InterruptedException {
        return stage.shell(Demo.HOST).run("kill -" + act.arguments().get("signal") + " " + target(act, session), Duration.ofSeconds(5));
    }

    private static String table(JobReport report) {
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-7s %-11s %-11s%n", "KIND", "HOST", "INSIDE"));
        for (NamespaceReport.Entry entry : report.namespaces().all()) {
            table.append(String.format(Locale.ROOT, "%-7s %-11d %-11d %s%n", entry.kind().kernelName(), entry.hostInode(), entry.inode(),
                entry.isolated() ? "differs" : "same").stripTrailing()).append('\n');
        }
        return table.toString();
    }
}
