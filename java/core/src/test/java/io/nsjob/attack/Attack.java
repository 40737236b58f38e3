package io.nsjob.attack;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One entry of test-fixtures/attacks/index.json.
 *
 * @param name unique
 * @param type the class of the attack
 * @param history where it has been seen
 * @param program the file in test-fixtures/attacks
 * @param arguments with placeholders, see {@link Canaries}
 * @param caller "root" or "user" where only one of them can try it, else empty
 * @param missing what it needs of the machine and does not find; empty when it can be tried
 * @param spec merged into the job spec of every attack
 * @param helper what the shell that starts the helper is told besides
 * @param root a directory that is the job's root; empty for the ordinary one
 * @param partner arguments of a job that runs beside it; empty for none
 * @param outside what the host is asked afterwards
 * @param refusals other endings than the program's own that are refusals
 * @param known a channel that is documented as open: shown, and not counted
 * @param controls what is switched off to see it succeed
 */
record Attack(String name, String type, String history, String program, List<String> arguments, String caller, String missing,
        JsonObject spec, String helper, String root, List<String> partner, String outside, List<String> refusals, boolean known,
        List<Control> controls) {
    static final Path DIRECTORY = Fixtures.directory("attacks");

    /**
     * A defence switched off.
     *
     * @param off its name
     * @param without others that would stop the attack too: off as well, and alone they are not enough for it to succeed
     * @param caller "root" or "user" where only one of them can show it, else empty
     * @param absent what the attack says where this machine lacks what it attacks; empty when that cannot be
     */
    record Control(String off, List<String> without, String caller, String absent) {
        @Override
        public String toString() {
            return off + (without.isEmpty() ? "" : " (without " + String.join(", ", without) + ")");
        }
    }

    boolean concerns(String who) {
        return caller.isEmpty() || caller.equals(who);
    }

    List<Control> controls(String who) {
        return controls.stream().filter(control -> control.caller.isEmpty() || control.caller.equals(who)).toList();
    }

    @Override
    public String toString() {
        return name;
    }

    static List<Attack> all() {
        List<Attack> attacks = new ArrayList<>();
        for (Map.Entry<String, JsonElement> entry : Fixtures.index(DIRECTORY).entrySet()) {
            attacks.add(read(entry.getKey(), entry.getValue().getAsJsonObject()));
        }
        return attacks;
    }

    private static Attack read(String name, JsonObject tree) {
        List<Control> controls = new ArrayList<>();
        for (JsonElement control : list(tree, "controls")) {
            JsonObject one = control.getAsJsonObject();
            controls.add(new Control(text(one, "off", ""), strings(one, "without"), text(one, "caller", ""),
                text(one, "absent", "")));
        }
        JsonObject spec = tree.has("spec") ? tree.getAsJsonObject("spec") : new JsonObject();
        String missing = tree.has("needs") ? Feature.SUBORDINATE_IDS.missing() : "";
        return new Attack(name, text(tree, "class", ""), text(tree, "history", ""), text(tree, "program", name),
            strings(tree, "args"), text(tree, "caller", ""), missing, spec, text(tree, "helper", ""),
            text(tree, "root", ""), strings(tree, "partner"), text(tree, "outside", ""), strings(tree, "refusedBy"),
            tree.has("known"), controls);
    }

    static String text(JsonObject tree, String name, String otherwise) {
        return Optional.ofNullable(tree.get(name)).map(JsonElement::getAsString).orElse(otherwise);
    }

    static List<String> strings(JsonObject tree, String name) {
        List<String> strings = new ArrayList<>();
        list(tree, name).forEach(element -> strings.add(element.getAsString()));
        return strings;
    }

    private static JsonArray list(JsonObject tree, String name) {
        return tree.has(name) ? tree.getAsJsonArray(name) : new JsonArray();
    }
}
