package io.nsjob.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The writer writes what gson's does, character for character. */
class JsonTextTest {
    private static final int TREES = 500;

    private static String gson(Object tree, String indent) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonWriter writer = new JsonWriter(text)) {
            writer.setHtmlSafe(false);
            writer.setIndent(indent);
            write(writer, tree);
        }
        return text.toString();
    }

    private static void write(JsonWriter writer, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            writer.beginObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                writer.name((String) entry.getKey());
                write(writer, entry.getValue());
            }
            writer.endObject();
        } else if (value instanceof List<?> list) {
            writer.beginArray();
            for (Object element : list) {
                write(writer, element);
            }
            writer.endArray();
        } else if (value instanceof Boolean bool) {
            writer.value(bool);
        } else if (value instanceof Number number) {
            writer.value(number);
        } else if (value == Json.NULL) {
            writer.nullValue();
        } else {
            writer.value((String) value);
        }
    }

    private static Object tree(Random random, int depth) {
        int kind = random.nextInt(depth > 3 ? 5 : 7);
        switch (kind) {
            case 0:
                return random.nextBoolean();
            case 1:
                return random.nextLong();
            case 2:
                return random.nextBoolean() ? (Object) (random.nextInt(100) / 4.0) : BigDecimal.valueOf(random.nextInt(), 3);
            case 3:
                return Json.NULL;
            case 4:
                StringBuilder text = new StringBuilder();
                random.ints(random.nextInt(40), 0, 0x2100).forEach(text::appendCodePoint);
                return text.append("\"\\/<>&'\u2028\u2029\u007f\uD83D\uDE00").substring(random.nextInt(text.length()));
            case 5:
                List<Object> list = new ArrayList<>();
                random.ints(random.nextInt(4)).forEach(any -> list.add(tree(random, depth + 1)));
                return list;
            default:
                Map<String, Object> map = new LinkedHashMap<>();
                random.ints(random.nextInt(4), 0, 128).forEach(c -> map.put("k" + (char) c, tree(random, depth + 1)));
                return map;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void writesWhatGsonWrites(String indent) throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < TREES; i++) {
            Object tree = List.of(tree(random, 0));
            assertEquals(gson(tree, indent), JsonText.write(tree, indent).toString());
        }
    }

    @Test
    void refusesWhatIsNoJson() {
        assertThrows(IllegalArgumentException.class, () -> Json.write(Map.of("a", new Object())));
        assertThrows(IllegalArgumentException.class, () -> Json.write(List.of(Double.NaN)));
    }
}
