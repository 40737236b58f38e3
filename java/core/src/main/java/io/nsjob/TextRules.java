package io.nsjob;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** The rules of texts and paths, wherever they are in a spec. */
final class TextRules {
    /** Bytes of a path, PATH_MAX without its NUL. */
    private static final int MAX_PATH = 4095;

    private TextRules() {
    }

    /** What C strings and UTF-8 cannot carry: NUL, and halves of surrogate pairs. */
    static void text(String field, String value, BiConsumer<String, String> violation) {
        require(value.indexOf('\0') < 0, field, "contains a NUL character", violation);
        require(StandardCharsets.UTF_8.newEncoder().canEncode(value), field, "contains half a surrogate pair", violation);
    }

    /** What is in a symlink. */
    static void path(String field, String value, BiConsumer<String, String> violation) {
        text(field, value, violation);
        require(value.getBytes(StandardCharsets.UTF_8).length <= MAX_PATH, field, "is longer than " + MAX_PATH + " bytes",
            violation);
    }

    static void absolute(String field, String value, BiConsumer<String, String> violation) {
        path(field, value, violation);
        require(value.startsWith("/"), field, "must be an absolute path", violation);
    }

    /** As the helper wants it: one text for one place. */
    static void place(String field, String value, BiConsumer<String, String> violation) {
        absolute(field, value, violation);
        boolean normal = value.length() > 1;
        for (String part : value.substring(Math.min(1, value.length())).split("/", -1)) {
            normal &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
        }
        require(normal, field, "must not be / and have no empty, . or .. parts", violation);
    }

    private static void require(boolean holds, String field, String problem, BiConsumer<String, String> violation) {
        if (!holds) {
            violation.accept(field, problem);
        }
    }
}
