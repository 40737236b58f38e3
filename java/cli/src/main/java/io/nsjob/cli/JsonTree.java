package io.nsjob.cli;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as maps, lists, strings, numbers and booleans. The token reader and writer of gson only: its object mapping
 * works by reflection and would cost a good part of the start-up time.
 */
public final class JsonTree {
    private JsonTree() {}

    public static Object parse(String text) throws IOException {
        try (JsonReader in = new JsonReader(new StringReader(text))) {
            in.setStrictness(com.google.gson.Strictness.STRICT);
            Object value = read(in);
            if (in.peek() != com.google.gson.stream.JsonToken.END_DOCUMENT) {
                throw new IOException("text after the end of the document");
            }
            return value;
        }
    }

    private static Object read(JsonReader in) throws IOException {
        return switch (in.peek()) {
            case BEGIN_OBJECT -> readObject(in);
            case BEGIN_ARRAY -> readArray(in);
            case STRING -> in.nextString();
            case NUMBER -> new BigDecimal(in.nextString());
            case BOOLEAN -> in.nextBoolean();
            default -> {
                in.nextNull();
                yield null;
            }
        };
    }

    private static Map<String, Object> readObject(JsonReader in) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        in.beginObject();
        while (in.hasNext()) {
            String name = in.nextName();
            if (object.containsKey(name)) {
                throw new IOException("the field " + name + " is there twice, at " + in.getPath());
            }
            object.put(name, read(in));
        }
        in.endObject();
        return object;
    }

    private static List<Object> readArray(JsonReader in) throws IOException {
        List<Object> array = new ArrayList<>();
        in.beginArray();
        while (in.hasNext()) {
            array.add(read(in));
        }
        in.endArray();
        return array;
    }

    public static String compact(Object tree) {
        StringBuilder text = new StringBuilder();
        JsonLine.append(text, tree);
        return text.toString();
    }

    public static String pretty(Object tree) {
        return write(tree, "  ");
    }

    private static String write(Object tree, String indent) {
        StringWriter text = new StringWriter();
        JsonWriter out = new JsonWriter(text);
        out.setIndent(indent);
        out.setHtmlSafe(false);
        try {
            write(out, tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonWriter out, Object tree) throws IOException {
        if (tree instanceof Map<?, ?> object) {
            out.beginObject();
            for (Map.Entry<?, ?> field : object.entrySet()) {
                out.name((String) field.getKey());
                write(out, field.getValue());
            }
            out.endObject();
        } else if (tree instanceof List<?> array) {
            out.beginArray();
            for (Object element : array) {
                write(out, element);
            }
            out.endArray();
        } else if (tree instanceof Number number) {
            out.value(number);
        } else if (tree instanceof Boolean bool) {
            out.value(bool);
        } else {
            out.value((String) tree);
        }
    }
}
