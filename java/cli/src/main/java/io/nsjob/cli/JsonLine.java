package io.nsjob.cli;

import java.util.List;
import java.util.Map;

/** JSON in one line, for what every run goes through: gson's own writer takes longer to load than the whole line to write. */
final class JsonLine {
    private static final String DIGITS = "0123456789abcdef";

    private JsonLine() {}

    static void append(StringBuilder text, Object tree) {
        String separator = "";
        if (tree instanceof Map<?, ?> object) {
            text.append('{');
            for (Map.Entry<?, ?> field : object.entrySet()) {
                string(text.append(separator), (String) field.getKey());
                append(text.append(':'), field.getValue());
                separator = ",";
            }
            text.append('}');
        } else if (tree instanceof List<?> array) {
            text.append('[');
            for (Object element : array) {
                append(text.append(separator), element);
                separator = ",";
            }
            text.append(']');
        } else if (tree == null || tree instanceof Number || tree instanceof Boolean) {
            text.append(tree);
        } else {
            string(text, (String) tree);
        }
    }

    private static void string(StringBuilder text, String string) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c < ' ') {
                text.append("\\u00").append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
            } else if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
