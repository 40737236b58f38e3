package io.nsjob.bench;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** The three sets of kinds that are measured: what is asked of us, and the plan that tells the C side the same. */
enum Kinds {
    FIVE("five kinds, /proc"),
    EIGHT("all eight kinds, /proc"),
    ISOLATED("profile isolated");

    private final String what;

    Kinds(String what) {
        this.what = what;
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String what() {
        return what;
    }

    JobSpec spec(String... command) {
        return builder().command(command).build();
    }

    /** Without a command: for sandboxes. */
    JobSpec world(String program) {
        return this == ISOLATED ? isolated(program).build() : builder().build();
    }

    /** For jobs that stay: no limit of time ends them meanwhile. */
    JobSpec staying(String program) {
        JobSpec.Builder builder = this == ISOLATED ? isolated(program) : builder();
        return builder.command(program, "stay").wallTime(Duration.ofHours(1)).build();
    }

    JobSpec job(String program) {
        return this == ISOLATED ? isolated(program).command(program).build() : spec(program);
    }

    private static JobSpec.Builder isolated(String program) {
        return JobSpec.isolated().bindReadOnly(Path.of(program).getParent().toString());
    }

    private JobSpec.Builder builder() {
        return switch (this) {
            case FIVE -> bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID, NamespaceKind.IPC, NamespaceKind.UTS);
            case EIGHT -> bare(NamespaceKind.values());
            case ISOLATED -> JobSpec.isolated();
        };
    }

    private static JobSpec.Builder bare(NamespaceKind... kinds) {
        return JobSpec.bare(kinds).idMaps(IdMaps.of(IdMaps.Preset.ROOT));
    }

    /** The plan as the helper would get it, but for the streams: the C side gives /dev/null, not pipes. */
    JsonObject plan(String program) {
        JsonObject plan = new Gson().fromJson(Launcher.plan(job(program)), JsonObject.class);
        plan.getAsJsonObject("process").add("ownedStdio", new JsonArray());
        return plan;
    }

    Path writePlan(String program, Path directory, String name) throws IOException {
        return Files.writeString(directory.resolve(name + ".json"), new Gson().toJson(plan(program)));
    }
}
