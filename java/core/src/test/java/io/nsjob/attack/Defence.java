package io.nsjob.attack;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.testing.Fixtures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One entry of test-fixtures/attacks/defences.json: what holds attacks back, and how a test takes just that away.
 *
 * @param name unique
 * @param caller "root" or "user" where only one of them has it, else empty
 * @param spec merged into the job spec, where a user could write the same
 * @param allow system calls that the default filter then lets through
 * @param edits changes of the launch plan, see {@link PlanEdits}
 * @param helper what the helper built for tests leaves out, see native/src/fault.h
 */
record Defence(String name, String caller, JsonObject spec, List<String> allow, List<String> edits, List<String> helper) {
    static Map<String, Defence> all() {
        Map<String, Defence> defences = new LinkedHashMap<>();
        JsonObject file = new Gson().fromJson(Fixtures.text(Attack.DIRECTORY.resolve("defences.json")), JsonObject.class);
        for (Map.Entry<String, JsonElement> entry : file.entrySet()) {
            JsonObject tree = entry.getValue().getAsJsonObject();
            JsonObject spec = tree.has("spec") ? tree.getAsJsonObject("spec") : new JsonObject();
            defences.put(entry.getKey(), new Defence(entry.getKey(), Attack.text(tree, "caller", ""), spec,
                Attack.strings(tree, "allow"), Attack.strings(tree, "plan"), Attack.strings(tree, "helper")));
        }
        return defences;
    }
}
