package io.nsjob.internal.wire;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON text from and to trees of plain values: {@code Map}, {@code List}, {@code String}, {@code Boolean}, numbers and
 * {@link #NULL}. No reflection: what a document may contain is decided by {@link Fields}, field by field.
 */
public final class Json {
    /** The JSON value null, which no document of ours uses; a value of its own, so that "absent" stays {@code null}. */
    public static final Object NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    /** Depth of nesting, as in the helper. */
    private static final int MAX_DEPTH = 16;

    private Json() {
    }

    /**
     * Reads one document, strictly as RFC 8259 has it.
     *
     * @param text a document
     * @param problems receives duplicate fields, each with its path
     * @return the tree
     * @throws JsonSyntaxException when it is not JSON
     */
    static Object parse(String text, List<String> problems) throws JsonSyntaxException {
        if (text.startsWith("\uFEFF")) {
            throw new JsonSyntaxException("$: begins with a byte order mark");
        }
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            Object tree = value(reader, new Place(null, "$", 0), 1, problems);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new JsonSyntaxException("$: something follows the document");
            }
            return tree;
        } catch (MalformedJsonException e) {
            throw new JsonSyntaxException("$: not JSON" + where(e));
        } catch (EOFException e) {
            throw new JsonSyntaxException("$: not JSON: it ends too early");
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw new JsonSyntaxException("$: not JSON");
        }
    }

    /** The place only: gson's own text may quote the document, and a document may hold secrets. */
    private static String where(MalformedJsonException e) {
        Matcher place = Pattern.compile("line \\d+ column \\d+").matcher(String.valueOf(e.getMessage()));
        return place.find() ? ": see " + place.group() : "";
    }

    /** Where a value is. Only who complains wants it as text. */
    private static final class Place {
        private final Place parent;
        private final String name;
        private final int index;

        Place(Place parent, String name, int index) {
            this.parent = parent;
            this.name = name;
            this.index = index;
        }

        @Override
        public String toString() {
            return parent == null ? name : name == null ? parent + "[" + index + "]" : parent + "." + name;
        }
    }

    private static Object value(JsonReader reader, Place path, int depth, List<String> problems)
            throws IOException, JsonSyntaxException {
        if (depth > MAX_DEPTH) {
            throw new JsonSyntaxException(path + ": nested deeper than " + MAX_DEPTH);
        }
        switch (reader.peek()) {
            case BEGIN_OBJECT:
                return object(reader, path, depth, problems);
            case BEGIN_ARRAY:
                List<Object> list = new ArrayList<>();
                reader.beginArray();
                while (reader.hasNext()) {
                    list.add(value(reader, new Place(path, null, list.size()), depth + 1, problems));
                }
                reader.endArray();
                return list;
            case STRING:
                return reader.nextString();
            case NUMBER:
                return number(reader.nextString());
            case BOOLEAN:
                return reader.nextBoolean();
            default:
                reader.nextNull();
                return NULL;
        }
    }

    private static Map<String, Object> object(JsonReader reader, Place path, int depth, List<String> problems)
            throws IOException, JsonSyntaxException {
        Map<String, Object> object = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            Place at = new Place(path, name, 0);
            Object value = value(reader, at, depth + 1, problems);
            if (object.put(name, value) != null) {
                problems.add(at + ": appears twice");
            }
        }
        reader.endObject();
        return object;
    }

    /** Integers that fit are {@code Long}; the rest stays exact, and is refused where an integer is asked for. */
    private static Object number(String digits) throws JsonSyntaxException {
        if (digits.length() > 64) {
            throw new JsonSyntaxException("$: a number is too long");
        }
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            return new BigDecimal(digits);
        }
    }

    /**
     * Writes a tree, indented by two spaces.
     *
     * @param tree a value
     * @return JSON text
     */
    public static String write(Object tree) {
        return JsonText.write(tree, "  ").toString();
    }

    /**
     * Writes a tree in one line.
     *
     * @param tree a value
     * @return JSON text
     */
    public static String writeCompact(Object tree) {
        return JsonText.write(tree, "").toString();
    }
}
