package io.nsjob.attack;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.internal.plan.SeccompPlan;
import io.nsjob.internal.run.EditedLauncher;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Runs attacks: in profile isolated as it is, or with defences taken away. */
final class Arena implements AutoCloseable {
    private static final Gson GSON = new Gson();
    private static final int PATIENCE_SECONDS = 60;
    /** For a partner to take away what it made on the host; some have nothing to take away and wait for their end. */
    private static final int CLEANING_MILLIS = 300;

    private final Launcher launcher = Launcher.open();
    private final EditedLauncher edited = new EditedLauncher();
    private final Path directory;
    private final Canaries canaries;
    private final AtomicInteger wrappers = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong();

    Arena(Path directory, Canaries canaries) throws IOException {
        this.directory = directory;
        this.canaries = canaries;
    }

    Verdict attack(Attack attack, Collection<Defence> off) throws Exception {
        if (!attack.missing().isEmpty()) {
            return new Verdict(Verdict.Kind.NOT_HERE, attack.missing());
        }
        String token = "nsjob-" + Long.toHexString(tokens.incrementAndGet() ^ System.nanoTime());
        int signals = canaries.signals();
        Verdict verdict = verdict(attack, off, token);
        String outside = switch (attack.outside()) {
            case "signals" -> canaries.signals() > signals ? "a process of the host's was signalled" : "";
            case "planted" -> canaries.takePlanted() ? "a file was made on the host" : "";
            case "processes" -> Canaries.endProcesses(token) ? "a process is left" : "";
            default -> "";
        };
        return outside.isEmpty() ? verdict : new Verdict(Verdict.Kind.ESCAPED, outside);
    }

    private Verdict verdict(Attack attack, Collection<Defence> off, String token) throws Exception {
        try {
            if (attack.partner().isEmpty()) {
                return verdict(attack, start(attack, attack.arguments(), off, token, StartOptions.defaults()).await());
            }
            CompletableFuture<String> ready = new CompletableFuture<>();
            StartOptions lines = StartOptions.defaults().withOut(Stdio.lines(ready::complete));
            Job partner = start(attack, attack.partner(), off, token, lines);
            try {
                String said = ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (!said.equals("ready")) {
                    return new Verdict(Verdict.Kind.REFUSED, said);
                }
                Verdict verdict = verdict(attack, start(attack, attack.arguments(), off, token, StartOptions.defaults()).await());
                if (verdict.is(Verdict.Kind.ESCAPED)) {
                    partner.onExit().completeOnTimeout(null, CLEANING_MILLIS, TimeUnit.MILLISECONDS).join();
                }
                return verdict;
            } finally {
                partner.close();
            }
        } catch (InvalidSpecException e) {
            return new Verdict(Verdict.Kind.BROKEN, e.getMessage());
        } catch (SandboxException e) {
            return Verdict.of(e, attack.refusals());
        }
    }

    private static Verdict verdict(Attack attack, JobResult result) {
        Verdict verdict = Verdict.of(result, attack.refusals());
        boolean found = result.files().values().stream()
            .anyMatch(file -> new String(file, StandardCharsets.UTF_8).contains(Canaries.TEXT));
        return found && verdict.is(Verdict.Kind.REFUSED)
            ? new Verdict(Verdict.Kind.ESCAPED, "a file of the host's was collected as a result") : verdict;
    }

    /** Through the public API, unless something is done for which it has no door. */
    private Job start(Attack attack, List<String> arguments, Collection<Defence> off, String token, StartOptions options)
            throws Exception {
        JobSpec spec = JobSpec.fromJson(GSON.toJson(spec(attack, arguments, off, token)));
        boolean plain = attack.helper().isEmpty() && attack.root().isEmpty()
            && off.stream().allMatch(defence -> defence.edits().isEmpty() && defence.helper().isEmpty());
        if (plain) {
            return launcher.start(spec, options);
        }
        Consumer<Map<String, Object>> edits = plan -> PlanEdits.root(plan, fill(attack.root(), token));
        for (Defence defence : off) {
            for (String edit : defence.edits()) {
                edits = edits.andThen(PlanEdits.named(edit));
            }
        }
        return edited.start(spec, options, helper(attack, off, token), edits);
    }

    /** A shell that starts the helper: with descriptors of the attack's, and less a defence. */
    private Path helper(Attack attack, Collection<Defence> off, String token) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        off.forEach(defence -> names.addAll(defence.helper()));
        String program = names.isEmpty() ? System.getProperty("nsjob.helper") : System.getProperty("nsjob.faultHelper");
        String start = attack.helper().isEmpty() ? "$HELPER" : fill(attack.helper(), token);
        String text = "#!/bin/sh\nHELPER='" + program + "'\n"
            + (names.isEmpty() ? "" : "export NSJOB_FAULT='off=" + String.join(",", names) + "'\n")
            + "exec " + start + "\n";
        return Canaries.open(Files.writeString(directory.resolve("helper-" + wrappers.incrementAndGet()), text));
    }

    private String fill(String text, String token) {
        return canaries.fill(text.replace("${token}", token));
    }

    private JsonObject spec(Attack attack, List<String> arguments, Collection<Defence> off, String token) {
        String programs = TestJobs.path("attacks").toString();
        JsonArray command = new JsonArray();
        command.add(programs + "/" + attack.program());
        arguments.forEach(command::add);
        JsonObject tree = parse("{'nsjob': 1, 'profile': 'isolated', 'filesystem': {'binds': [{'source': '" + programs
            + "', 'readOnly': true}]}, 'limits': {'wallTime': '20s'}}");
        tree.add("command", command);
        merge(tree, attack.spec());
        List<String> allowed = new ArrayList<>();
        for (Defence defence : off) {
            merge(tree, defence.spec());
            allowed.addAll(defence.allow());
        }
        if (!allowed.isEmpty() && !tree.has("seccomp")) {
            tree.add("seccomp", allowing(allowed));
        }
        return parse(fill(GSON.toJson(tree), token));
    }

    /** The default list with one more rule, at its top: the first that matches decides. */
    private static JsonObject allowing(List<String> calls) {
        JsonObject profile = parse(SeccompPlan.defaultProfile());
        JsonArray rules = new JsonArray();
        rules.add(GSON.toJsonTree(Map.of("names", calls, "action", "SCMP_ACT_ALLOW")));
        rules.addAll(profile.getAsJsonArray("syscalls"));
        profile.add("syscalls", rules);
        return profile;
    }

    private static JsonObject parse(String json) {
        return GSON.fromJson(json, JsonObject.class);
    }

    /** Objects are merged, lists grow, null takes away, everything else replaces. */
    private static void merge(JsonObject tree, JsonObject patch) {
        for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
            JsonElement old = tree.get(entry.getKey());
            JsonElement value = entry.getValue();
            if (value.isJsonNull()) {
                tree.remove(entry.getKey());
            } else if (old instanceof JsonObject object && value instanceof JsonObject other) {
                merge(object, other);
            } else if (old instanceof JsonArray list && value instanceof JsonArray more) {
                list.addAll(more.deepCopy());
            } else {
                tree.add(entry.getKey(), value.deepCopy());
            }
        }
    }

    @Override
    public void close() {
        launcher.close();
        edited.close();
    }
}
