package io.nsjob.cli.demo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code --json} prints: everything that happened and what was claimed of it. */
final class JsonResult {
    private JsonResult() {}

    static Map<String, Object> of(List<DemoRun> runs, boolean passed) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("passed", passed);
        tree.put("demos", runs.stream().map(JsonResult::demo).toList());
        return tree;
    }

    private static Map<String, Object> demo(DemoRun run) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", run.name());
        tree.put("title", run.title());
        if (!run.skipped().isEmpty()) {
            tree.put("skipped", run.skipped());
            return tree;
        }
        tree.put("claims", Map.of("passed", run.claims(true), "failed", run.claims(false)));
        tree.put("notes", run.notes());
        tree.put("sessions", run.sessions());
        tree.put("steps", run.steps().stream().map(JsonResult::step).toList());
        return tree;
    }

    private static Map<String, Object> step(StepRun step) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", step.id());
        tree.put("session", step.session());
        tree.put("say", step.say());
        tree.put("command", step.command());
        tree.put("stdout", step.output().out());
        tree.put("stderr", step.output().err());
        tree.put("exitStatus", step.output().status());
        if (!step.output().problem().isEmpty()) {
            tree.put("problem", step.output().problem());
        }
        tree.put("look", step.look());
        tree.put("millis", step.millis());
        List<Object> checks = new ArrayList<>();
        for (StepRun.Claim claim : step.claims()) {
            Map<String, Object> check = new LinkedHashMap<>();
            check.put("claim", claim.text());
            check.put("proves", claim.proves());
            check.put("passed", claim.passed());
            check.put("found", claim.found());
            checks.add(check);
        }
        tree.put("checks", checks);
        return tree;
    }
}
