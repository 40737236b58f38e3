package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
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
        compare("", "{\"nsjob\": 1, \"?\": 0}", SCHEMA, compared);
        for (Map.Entry<String, JsonElement> field : SCHEMA.getAsJsonObject("properties").entrySet()) {
            JsonObject schema = field.getValue().getAsJsonObject();
            if (schema.has("properties")) {
                compare(field.getKey(), "{\"nsjob\": 1, \"" + field.getKey() + "\": {\"?\": 0}}", schema, compared);
            }
        }
        JsonObject range = SCHEMA.getAsJsonObject("$defs").getAsJsonObject("ranges").getAsJsonObject("items");
        compare("idMap.users[0]", "{\"nsjob\": 1, \"idMap\": {\"users\": [{\"?\": 0}]}}", range, compared);
        JsonObject filesystem = SCHEMA.getAsJsonObject("properties").getAsJsonObject("filesystem").getAsJsonObject("properties");
        for (String list : List.of("binds", "tmpfs", "files", "symlinks")) {
            compare("filesystem." + list + "[0]", "{\"nsjob\": 1, \"filesystem\": {\"" + list + "\": [{\"?\": 0}]}}",
                filesystem.getAsJsonObject(list).getAsJsonObject("items"), compared);
        }
        compare("collect[0]", "{\"nsjob\": 1, \"collect\": [{\"?\": 0}]}",
            SCHEMA.getAsJsonObject("properties").getAsJsonObject("collect").getAsJsonObject("items"), compared);
        assertTrue(compared.size() >= 14, compared.toString());
    }

    private static void compare(String path, String document, JsonObject schema, List<String> compared) {
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> JobSpec.fromJson(document));
        String where = path.isEmpty() ? "$.?: " : "$." + path + ".?: ";
        String violation = e.violations().stream().filter(line -> line.startsWith(where)).findFirst().orElseThrow();
        Matcher known = KNOWN.matcher(violation);
        assertTrue(known.find(), violation);
        assertEquals(new TreeSet<>(schema.getAsJsonObject("properties").keySet()),
            new TreeSet<>(List.of(known.group(1).split(", "))), path);
        assertEquals("false", schema.get("additionalProperties").getAsString(), path);
        compared.add(path);
    }

    @Test
    void schemaAndCodeKnowTheSameChoices() {
        assertEquals(Stream.of(Profile.values()).map(Profile::jsonName).toList(), choices("profile"));
        assertEquals(Stream.of(LandlockMode.values()).map(LandlockMode::jsonName).toList(), choices("landlock"));
        assertEquals(Stream.of(Propagation.values()).map(Propagation::jsonName).toList(), choices("filesystem", "propagation"));
        assertEquals(Stream.of(OutputAction.values()).map(OutputAction::jsonName).toList(), choices("limits", "outputAction"));
        assertEquals(Stream.of(IoPriority.Type.values()).map(IoPriority.Type::jsonName).toList(), choices("ionice", "class"));
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
