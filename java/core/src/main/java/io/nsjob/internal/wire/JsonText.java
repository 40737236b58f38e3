package io.nsjob.internal.wire;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON text. Gson reads it here but does not write it: its writer formats a table of escapes when it is loaded, which is
 * a twentieth of a start of the command, and each plan would go through three buffers.
 */
final class JsonText {
    private static final String DIGITS = "0123456789abcdef";

    private final StringBuilder text;
    private final String indent;
    private final List<JsonTemplate.Hole> holes;
    private final List<Integer> places;
    private int depth;

    private JsonText(StringBuilder text, String indent, List<JsonTemplate.Hole> holes, List<Integer> places) {
        this.text = text;
        this.indent = indent;
        this.holes = holes;
        this.places = places;
    }

    /**
     * @param tree of maps, lists, strings, numbers, booleans and {@link Json#NULL}; what else there is has no place in it
     * @param indent for each level; empty writes one line
     */
    static StringBuilder write(Object tree, String indent) {
        StringBuilder text = new StringBuilder(tree instanceof String string ? string.length() + 16 : 1024);
        new JsonText(text, indent, null, null).value(tree);
        return text;
    }

    /**
     * @param holes receives those in the tree, of which nothing is written
     * @param places receives where each is in the text
     */
    static StringBuilder write(Object tree, String indent, List<JsonTemplate.Hole> holes, List<Integer> places) {
        StringBuilder text = new StringBuilder(4096);
        new JsonText(text, indent, holes, places).value(tree);
        return text;
    }

    private void value(Object value) {
        if (value instanceof String string) {
            string(string);
        } else if (value instanceof Map<?, ?> map) {
            object(map);
        } else if (value instanceof Iterable<?> list) {
            array(list);
        } else if (value instanceof Boolean || value instanceof Number number && isFinite(number) || value == Json.NULL || value == null) {
            text.append(value);
        } else if (value instanceof JsonTemplate.Hole hole && holes != null) {
            holes.add(hole);
            places.add(text.length());
        } else {
            throw new IllegalArgumentException("not a value of JSON: " + value.getClass());
        }
    }

    private static boolean isFinite(Number number) {
        return !(number instanceof Double || number instanceof Float) || Double.isFinite(number.doubleValue());
    }

    private void object(Map<?, ?> map) {
        text.append('{');
        depth++;
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            next(first);
            first = false;
            string((String) entry.getKey());
            text.append(indent.isEmpty() ? ":" : ": ");
            value(entry.getValue());
        }
        end('}', first);
    }

    private void array(Iterable<?> list) {
        text.append('[');
        depth++;
        boolean first = true;
        for (Iterator<?> left = list.iterator(); left.hasNext(); first = false) {
            next(first);
            value(left.next());
        }
        end(']', first);
    }

    private void next(boolean first) {
        if (!first) {
            text.append(',');
        }
        line();
    }

    private void end(char bracket, boolean empty) {
        depth--;
        if (!empty) {
            line();
        }
        text.append(bracket);
    }

    private void line() {
        if (!indent.isEmpty()) {
            text.append('\n');
            for (int i = 0; i < depth; i++) {
                text.append(indent);
            }
        }
    }

    private void string(String string) {
        text.append('"');
        int written = 0;
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c == '\u2028' || c == '\u2029') {
                text.append(string, written, i);
                escaped(c);
                written = i + 1;
            }
        }
        text.append(string, written, string.length()).append('"');
    }

    private void escaped(char c) {
        switch (c) {
            case '"', '\\' -> text.append('\\').append(c);
            case '\t' -> text.append("\\t");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\b' -> text.append("\\b");
            case '\f' -> text.append("\\f");
            // And the two ends of a line that JSON allows and JavaScript does not.
            default -> text.append("\\u").append(DIGITS.charAt(c >> 12)).append(DIGITS.charAt(c >> 8 & 15))
                .append(DIGITS.charAt(c >> 4 & 15)).append(DIGITS.charAt(c & 15));
        }
    }
}
