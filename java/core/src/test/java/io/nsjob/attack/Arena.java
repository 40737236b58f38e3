package io.nsjob.attack;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.plan.SeccompPlan;
import io.nsjob.internal.run.EditedLauncher;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Runs attacks: in profile isolated as it is, or with defences taken away. */
final class Arena implements AutoCloseable {
    private static final Gson GSON = new Gson();

    private final Launcher launcher = Launcher.open();
    private final EditedLauncher edited = new EditedLauncher();
    private final Path directory;
    private final Canaries canaries;
    private final AtomicInteger wrappers = new AtomicInteger();

    Arena(Path directory, Canaries canaries) throws IOException {
        this.directory = directory;
        this.canaries = canaries;
    }

    Verdict attack(Attack attack, Collection<Defence> off) throws Exception {
        if (!attack.missing().isEmpty()) {
            return new Verdict(Verdict.Kind.NOT_HERE, attack.missing());
        }
        int signals = canaries.signals();
        Verdict verdict = run(attack, off);
        if (attack.outside().equals("signals") && canaries.signals() > signals) {
            return new Verdict(Verdict.Kind.ESCAPED, "a process of the host's was signalled");
        }
        if (attack.outside().equals("planted") && canaries.takePlanted()) {
            return new Verdict(Verdict.Kind.ESCAPED, "a file was made on the host");
        }
        return verdict;
    }

    private Verdict run(Attack attack, Collection<Defence> off) throws Exception {
        try {
            return Verdict.of(run(attack, JobSpec.fromJson(GSON.toJson(spec(attack, off))), off), attack.refusals());
        } catch (InvalidSpecException e) {
            return new Verdict(Verdict.Kind.BROKEN, e.getMessage());
        } catch (SandboxException e) {
            return Verdict.of(e, attack.refusals());
        }
    }

    private JobResult run(Attack attack, JobSpec spec, Collection<Defence> off) throws Exception {
        boolean plain = attack.helper().isEmpty()
            && off.stream().allMatch(defence -> defence.edits().isEmpty() && defence.helper().isEmpty());
        if (plain) {
            return launcher.run(spec);
        }
        Consumer<Map<String, Object>> edits = plan -> { };
        for (Defence defence : off) {
            for (String edit : defence.edits()) {
                edits = edits.andThen(PlanEdits.named(edit));
            }
        }
        return edited.run(spec, StartOptions.defaults(), helper(attack, off), edits);
    }

    /** A shell that starts the helper: with descriptors of the attack's, and less a defence. */
    private Path helper(Attack attack, Collection<Defence> off) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        off.forEach(defence -> names.addAll(defence.helper()));
        String program = names.isEmpty() ? System.getProperty("nsjob.helper") : System.getProperty("nsjob.faultHelper");
        String start = attack.helper().isEmpty() ? "$HELPER" : canaries.fill(attack.helper());
        String text = "#!/bin/sh\nHELPER='" + program + "'\n"
            + (names.isEmpty() ? "" : "export NSJOB_FAULT='off=" + String.join(",", names) + "'\n")
            + "exec " + start + "\n";
        return Canaries.open(Files.writeString(directory.resolve("helper-" + wrappers.incrementAndGet()), text));
    }

    JsonObject spec(Attack attack, Collection<Defence> off) {
        String programs = TestJobs.path("attacks").toString();
        JsonArray command = new JsonArray();
        command.add(programs + "/" + attack.program());
        canaries.fill(attack.arguments()).forEach(command::add);
        JsonObject tree = parse("{'nsjob': 1, 'profile': 'isolated', 'filesystem': {'root': 'minimal', 'binds': [{'source': '"
            + programs + "', 'readOnly': true}]}, 'limits': {'wallTime': '20s'}}");
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
        return parse(canaries.fill(GSON.toJson(tree)));
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
