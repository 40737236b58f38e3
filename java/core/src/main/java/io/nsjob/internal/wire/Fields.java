package io.nsjob.internal.wire;

import io.nsjob.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One JSON object that is read field by field. What is mistyped is noted with its path and read as absent, that is
 * {@code null}, so that a reader can go on and find everything that is wrong at once.
 */
final class Fields {
    private final String path;
    private final Map<String, Object> object;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(String path, Map<String, Object> object, List<String> problems) {
        this.path = path;
        this.object = object;
        this.problems = problems;
    }

    /** The outermost object; one without fields when the document is something else. */
    static Fields root(Object tree, List<String> problems) {
        return of("$", tree, problems);
    }

    private static Fields of(String path, Object value, List<String> problems) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                fields.put((String) entry.getKey(), entry.getValue());
            }
        } else {
            problems.add(path + ": must be an object");
        }
        return new Fields(path, fields, problems);
    }

    String path(String name) {
        return path + "." + name;
    }

    void problem(String name, String text) {
        problems.add(path(name) + ": " + text);
    }

    boolean has(String name) {
        known.add(name);
        return object.containsKey(name);
    }

    Set<String> names() {
        return object.keySet();
    }

    private <T> T typed(String name, Class<T> type, String what) {
        if (!has(name)) {
            return null;
        }
        Object value = object.get(name);
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        problem(name, "must be " + what);
        return null;
    }

    String string(String name) {
        return typed(name, String.class, "a string");
    }

    /** A string, required. */
    String text(String name) {
        String text = string(name);
        if (text == null && !has(name)) {
            problem(name, "is required");
        }
        return text;
    }

    /** One of a few names; empty also when it is another. */
    <T> Optional<T> choice(String name, T[] values, Function<T, String> jsonName) {
        String text = string(name);
        for (T value : values) {
            if (jsonName.apply(value).equals(text)) {
                return Optional.of(value);
            }
        }
        if (text != null) {
            problem(name, "must be one of " + Stream.of(values).map(jsonName).collect(Collectors.joining(", ")));
        }
        return Optional.empty();
    }

    Boolean bool(String name) {
        return typed(name, Boolean.class, "true or false");
    }

    Long integer(String name) {
        return typed(name, Long.class, "an integer");
    }

    /** An integer from 0 to {@code max}, required. */
    Long required(String name, long max) {
        if (!has(name)) {
            problem(name, "is required");
            return null;
        }
        Long value = integer(name);
        if (value != null && (value < 0 || value > max)) {
            problem(name, "must be 0 to " + max);
            return null;
        }
        return value;
    }

    /** The value as it is: for fields that may be of several types. */
    Object any(String name) {
        return has(name) ? object.get(name) : null;
    }

    /** A size in bytes: a number, or a text as {@link Sizes} reads it. */
    Long size(String name) {
        Object value = any(name);
        if (value == null || value instanceof Long) {
            return (Long) value;
        }
        try {
            return Sizes.parse(value instanceof String text ? text : "");
        } catch (IllegalArgumentException e) {
            problem(name, e.getMessage());
            return null;
        }
    }

    Fields object(String name) {
        return has(name) ? of(path(name), object.get(name), problems) : null;
    }

    List<String> strings(String name) {
        return list(name, String.class, "a string");
    }

    List<Long> integers(String name) {
        return list(name, Long.class, "an integer");
    }

    private <T> List<T> list(String name, Class<T> type, String what) {
        List<?> values = typed(name, List.class, "an array");
        if (values == null) {
            return null;
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (type.isInstance(values.get(i))) {
                list.add(type.cast(values.get(i)));
            } else {
                problem(name + "[" + i + "]", "must be " + what);
            }
        }
        return list;
    }

    List<Fields> objects(String name) {
        List<?> values = typed(name, List.class, "an array");
        List<Fields> list = new ArrayList<>();
        for (int i = 0; values != null && i < values.size(); i++) {
            list.add(of(path(name) + "[" + i + "]", values.get(i), problems));
        }
        return list;
    }

    /** Refuses every field that nobody asked for. */
    void refuseOthers() {
        for (String name : object.keySet()) {
            if (!known.contains(name)) {
                problem(name, "unknown field; known are " + String.join(", ", known));
            }
        }
    }
}
