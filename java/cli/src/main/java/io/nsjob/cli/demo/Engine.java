package io.nsjob.cli.demo;

import io.nsjob.JobResult;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plays a demo: one step after another, each with its checks. Everything it starts has ended when it returns. */
final class Engine {
    private final Demo demo;
    private final Caller caller;
    private final Texts texts;
    private final DemoRun.Audience audience;
    private final Stage stage;
    private final Actions actions;

    private Engine(Demo demo, Caller caller, Texts texts, DemoRun.Audience audience, Stage stage) {
        this.demo = demo;
        this.caller = caller;
        this.texts = texts;
        this.audience = audience;
        this.stage = stage;
        actions = new Actions(stage);
    }

    /**
     * Plays a demo.
     *
     * @param without isolations to leave out
     * @param audience is told as it goes
     * @return all of it
     */
    static DemoRun play(Demo demo, Launcher launcher, Caller caller, Texts texts, Set<String> without, DemoRun.Audience audience)
            throws SandboxException, IOException, InterruptedException {
        Optional<String> missing = Needs.missing(demo, launcher, caller, texts);
        if (missing.isPresent()) {
            DemoRun skipped = new DemoRun(demo.name(), title(demo, texts), "", Map.of(), List.of(), List.of(), missing.get());
            audience.end(skipped);
            return skipped;
        }
        try (Stage stage = new Stage(demo, launcher, caller, without)) {
            return new Engine(demo, caller, texts, audience, stage).play();
        }
    }

    private static String title(Demo demo, Texts texts) {
        return texts.of(demo, "title").orElse(demo.name());
    }

    private DemoRun play() throws SandboxException, InterruptedException {
        DemoRun run = opening();
        audience.begin(run);
        List<Demo.Step> steps = new ArrayList<>();
        for (Demo.Step step : demo.steps()) {
            if (holds(step.when())) {
                steps.add(step);
            }
        }
        List<StepRun> row = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            if (row.isEmpty()) {
                audience.pause();
            }
            row.add(step(steps.get(i)));
            boolean goesOn = i + 1 < steps.size() && steps.get(i + 1).beside() && row.size() == 1
                && row.get(0).host() != steps.get(i + 1).session().equals(Demo.HOST);
            if (!goesOn) {
                run.rows().add(List.copyOf(row));
                audience.row(run.rows().get(run.rows().size() - 1));
                row.clear();
            }
        }
        audience.end(run);
        return run;
    }

    private boolean holds(Demo.When when) throws SandboxException, InterruptedException {
        return switch (when) {
            case ALWAYS -> true;
            case ROOT -> caller.privileged();
            case USER -> !caller.privileged();
            case CGROUP -> stage.cgroups();
            case NO_CGROUP -> !stage.cgroups();
        };
    }

    private DemoRun opening() {
        Map<String, String> sessions = new LinkedHashMap<>();
        sessions.put(Demo.HOST, texts.word("host"));
        boolean ownerAdded = false;
        for (Map.Entry<String, Demo.Place> session : demo.sessions().entrySet()) {
            sessions.put(session.getKey(), described(session.getKey(), session.getValue()));
            ownerAdded |= session.getValue().joins().isEmpty() && stage.ownerAdded(session.getValue());
        }
        List<String> notes = ownerAdded ? List.of(texts.word("ownerAdded")) : List.of();
        return new DemoRun(demo.name(), title(demo, texts), texts.of(demo, "about").orElse(""), sessions, notes, new ArrayList<>(), "");
    }

    /** What a session is: the kinds that are new in it, and those that are another session's. */
    private String described(String name, Demo.Place place) {
        List<String> fresh = new ArrayList<>();
        List<String> joined = new ArrayList<>(place.joins().keySet());
        if (place.job().get("namespaces") instanceof Map<?, ?> modes) {
            modes.forEach((kind, mode) -> {
                if ("new".equals(mode)) {
                    fresh.add((String) kind);
                } else if (mode instanceof Map) {
                    joined.add((String) kind);
                }
            });
        }
        String described = fresh.isEmpty() ? name : texts.word("session", name, String.join(", ", fresh));
        return joined.isEmpty() ? described : texts.word("joined", described, String.join(", ", joined));
    }

    private StepRun step(Demo.Step step) throws SandboxException, InterruptedException {
        long began = System.nanoTime();
        String line = step.id();
        String prompt = "";
        Output output;
        try {
            if (step.act() instanceof Demo.Run run) {
                Shell shell = stage.shell(step.session());
                String command = stage.fill(run.command());
                line = command;
                prompt = Stage.root(shell.report()) ? "#" : "$";
                output = shell.run(command, step.timeout());
            } else if (step.act() instanceof Demo.Single single) {
                List<String> command = single.command().stream().map(stage::fill).toList();
                PlaceSpec spec = stage.single(single);
                line = spec.line(words(command));
                prompt = callersPrompt();
                JobResult result = stage.run(spec, command, step.timeout());
                stage.keep(step.id(), result.outcome());
                output = output(result);
            } else {
                Demo.Do act = filled((Demo.Do) step.act());
                if (!act.action().equals("open")) {
                    stage.shell(step.session());
                }
                line = actions.line(act, step.session());
                prompt = act.action().equals("open") ? callersPrompt() : "";
                output = actions.perform(act, step.session(), step.timeout());
            }
        } catch (Template.Missing e) {
            output = Output.failed(e.getMessage());
        }
        stage.keep(step.id(), step, output);
        List<StepRun.Claim> claims = claims(step, output);
        long millis = (System.nanoTime() - began) / 1_000_000;
        String shown = step.show().map(this::filledOrAsIs).orElse(line);
        return new StepRun(step.id(), step.session(), prompt, shown, output, text(step, "say"), text(step, "look"), claims, millis);
    }

    private String callersPrompt() {
        return caller.privileged() ? "#" : "$";
    }

    private static Output output(JobResult result) {
        return new Output(result.stdoutText(), result.stderrText(), result.exitStatus(), "");
    }

    /** As typed in a shell. */
    private static String words(List<String> command) {
        return String.join(" ", command.stream().map(word -> word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : Shell.quote(word)).toList());
    }

    private Demo.Do filled(Demo.Do act) {
        Map<String, String> arguments = new LinkedHashMap<>();
        act.arguments().forEach((name, value) -> arguments.put(name, stage.fill(value)));
        return new Demo.Do(act.action(), arguments);
    }

    private String text(Demo.Step step, String what) {
        return texts.of(demo, step.id() + "." + what).map(this::filledOrAsIs).orElse("");
    }

    private String filledOrAsIs(String text) {
        try {
            return stage.fill(text);
        } catch (Template.Missing e) {
            return text;
        }
    }

    private List<StepRun.Claim> claims(Demo.Step step, Output output) throws SandboxException, InterruptedException {
        List<StepRun.Claim> claims = new ArrayList<>();
        boolean asExpected = output.problem().isEmpty() && switch (step.status()) {
            case "any" -> true;
            case "failure" -> output.status() != 0;
            default -> output.status() == Integer.parseInt(step.status());
        };
        if (!asExpected) {
            claims.add(new StepRun.Claim(List.of(), texts.word("status", step.status()), false,
                output.problem().isEmpty() ? "exit status " + output.status() : output.problem()));
        }
        for (String capture : step.captures().keySet()) {
            if (!stage.has(step.id() + "." + capture)) {
                claims.add(new StepRun.Claim(List.of(), texts.word("captured", capture), false,
                    "no match of " + step.captures().get(capture)));
            }
        }
        for (int i = 0; i < step.checks().size(); i++) {
            Check check = step.checks().get(i);
            if (holds(check.when())) {
                Check.Verdict verdict = look(check, output);
                String key = step.id() + ".claim" + (step.checks().size() == 1 ? "" : "." + (i + 1));
                String text = texts.of(demo, key).map(this::filledOrAsIs).orElse(verdict.found());
                claims.add(new StepRun.Claim(check.proves(), text, verdict.passed(), verdict.found()));
            }
        }
        return claims;
    }

    private Check.Verdict look(Check check, Output output) {
        try {
            return check.look(output.value(), stage::fill);
        } catch (Template.Missing e) {
            return new Check.Verdict(false, e.getMessage());
        }
    }
}
