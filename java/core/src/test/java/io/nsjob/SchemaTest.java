package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The schema is for editors, the code decides; they must name the same fields and the same choices. */
class SchemaTest {
    private static final JsonObject SCHEMA = new Gson().fromJson(JobSpec.jsonSchema(), JsonObject.class);
    private static final Pattern KNOWN = Pattern.compile("unknown field; known are (.*)");

    @Test
    void schemaAndCodeKnowTheSameFields() {
        List<String> compared = new ArrayList<>();
        walk("$", UnaryOperator.identity(), SCHEMA, compared);
        assertTrue(compared.size() >= 48 && compared.containsAll(List.of("$", "$.namespaces.user", "$.idMap.users[0]", "$.limits.io[0]",
            "$.filesystem.rootfs", "$.filesystem.overlays[0]", "$.capabilities", "$.terminal", "$.rlimits.nofile")), compared.toString());
    }

    /** Every object that the schema describes, wherever it is, with a document around it. */
    private static void walk(String path, UnaryOperator<String> around, JsonObject schema, List<String> compared) {
        JsonObject fields = new JsonObject();
        for (JsonObject form : forms(schema)) {
            if (form.has("items")) {
                walk(path + "[0]", inner -> around.apply("[" + inner + "]"), form.getAsJsonObject("items"), compared);
            }
            if (form.has("properties")) {
                assertEquals("false", String.valueOf(form.get("additionalProperties")), path);
                form.getAsJsonObject("properties").entrySet().forEach(field -> fields.add(field.getKey(), field.getValue()));
            }
        }
        if (fields.size() == 0) {
            return;
        }
        compare(path, around.apply("{\"?\": 0}"), fields.keySet());
        compared.add(path);
        fields.entrySet().forEach(field -> walk(path + "." + field.getKey(),
            inner -> around.apply("{\"" + field.getKey() + "\": " + inner + "}"), field.getValue().getAsJsonObject(), compared));
    }

    private static List<JsonObject> forms(JsonObject schema) {
        List<JsonObject> forms = new ArrayList<>();
        if (schema.has("$ref")) {
            forms.addAll(forms(SCHEMA.getAsJsonObject("$defs")
                .getAsJsonObject(schema.get("$ref").getAsString().substring("#/$defs/".length()))));
        } else if (schema.has("oneOf") && !schema.has("properties")) {
            schema.getAsJsonArray("oneOf").forEach(form -> forms.addAll(forms(form.getAsJsonObject())));
        } else {
            forms.add(schema);
        }
        return forms;
    }

    private static void compare(String path, String document, Set<String> fields) {
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> JobSpec.fromJson(document));
        String violation = e.violations().stream().filter(line -> line.startsWith(path + ".?: ")).findFirst()
            .orElseThrow(() -> new AssertionError(path + " takes a field that nobody knows: " + e.violations()));
        Matcher known = KNOWN.matcher(violation);
        assertTrue(known.find(), violation);
        assertEquals(new TreeSet<>(fields), new TreeSet<>(List.of(known.group(1).split(", "))), path);
    }

    @Test
    void schemaAndCodeKnowTheSameChoices() {
        assertEquals(Stream.of(Profile.values()).map(Profile::jsonName).toList(), choices("profile"));
        assertEquals(Stream.of(LandlockMode.values()).map(LandlockMode::jsonName).toList(), choices("landlock"));
        assertEquals(Stream.of(Propagation.values()).map(Propagation::jsonName).toList(), choices("filesystem", "propagation"));
        assertEquals(Stream.of(OutputAction.values()).map(OutputAction::jsonName).toList(), choices("limits", "outputAction"));
        assertEquals(Stream.of(IoPriority.Type.values()).map(IoPriority.Type::jsonName).toList(), choices("ionice", "class"));
        assertEquals(Stream.of(Rootfs.Access.values()).map(Rootfs.Access::jsonName).toList(),
            choices("filesystem", "rootfs", "access"));
        assertEquals(Stream.of(RootKind.values()).map(RootKind::jsonName).toList(), choices("filesystem", "root"));
        assertEquals(Stream.of(IdMaps.Preset.values()).map(IdMaps.Preset::jsonName).toList(), choices("idMap", "preset"));
        assertEquals(Stream.of(IdMaps.Setgroups.values()).map(IdMaps.Setgroups::jsonName).toList(), choices("idMap", "setgroups"));
        assertEquals(Stream.of(NamespaceKind.values()).map(NamespaceKind::kernelName).toList(),
            List.copyOf(SCHEMA.getAsJsonObject("properties").getAsJsonObject("namespaces").getAsJsonObject("properties").keySet()));
    }

    private static List<String> choices(String... path) {
        JsonObject at = SCHEMA;
        for (String name : path) {
            at = at.getAsJsonObject("properties").getAsJsonObject(name);
        }
        List<String> choices = new ArrayList<>();
        at.getAsJsonArray("enum").forEach(choice -> choices.add(choice.getAsString()));
        return choices;
    }
}
