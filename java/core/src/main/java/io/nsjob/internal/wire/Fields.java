package io.nsjob.internal.wire;

import io.nsjob.Sizes;
import java.util.ArrayList;
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
    private final Fields parent;
    private final String ownName;
    private final Map<String, Object> object;
    private final List<String> problems;
    private final List<String> known = new ArrayList<>();

    /** Its path is put together only for who complains: of most documents nobody does. */
    private Fields(Fields parent, String ownName, Map<String, Object> object, List<String> problems) {
        this.parent = parent;
        this.ownName = ownName;
        this.object = object;
        this.problems = problems;
    }

    /** The outermost object; one without fields when the document is something else. */
    static Fields root(Object tree, List<String> problems) {
        return of(null, "$", tree, problems);
    }

    @SuppressWarnings("unchecked")
    private static Fields of(Fields parent, String name, Object value, List<String> problems) {
        boolean isObject = value instanceof Map;
        // Json makes maps of strings to values, and no other.
        Fields fields = new Fields(parent, name, isObject ? (Map<String, Object>) value : Map.of(), problems);
        if (!isObject) {
            problems.add(fields.own() + ": must be an object");
        }
        return fields;
    }

    private String own() {
        return parent == null ? ownName : parent.path(ownName);
    }

    String path(String name) {
        return own() + "." + name;
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
        return has(name) ? of(this, name, object.get(name), problems) : null;
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
            list.add(of(this, name + "[" + i + "]", values.get(i), problems));
        }
        return list;
    }

    /** Refuses every field that nobody asked for. */
    void refuseOthers() {
        Set<String> all = new LinkedHashSet<>(known);
        for (String name : object.keySet()) {
            if (!all.contains(name)) {
                problem(name, "unknown field; known are " + String.join(", ", all));
            }
        }
    }
}
