package io.nsjob.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes the values of environment variables out of documents that are shown to people. Names stay. */
final class Redaction {
    static final String HIDDEN = "(hidden)";

    private Redaction() {}

    /** A job spec without the values under {@code environment.set}. */
    static Map<String, Object> spec(Map<String, Object> spec) {
        return replace(spec, "environment", environment ->
            replace(environment, "set", set -> {
            Map<String, Object> hidden = new LinkedHashMap<>();
            set.keySet().forEach(name -> hidden.put(name, HIDDEN));
            return hidden;
        }));
    }

    /** A launch plan without the values in {@code process.env}. */
    static Map<String, Object> plan(Map<String, Object> plan) {
        return replace(plan, "process", process -> {
            Map<String, Object> copy = new LinkedHashMap<>(process);
            copy.computeIfPresent("env", (field, env) -> env instanceof List<?> list
                ? list.stream().map(entry -> hideValue(String.valueOf(entry))).toList()
                : HIDDEN);
            return copy;
        });
    }

    private static String hideValue(String entry) {
        int equals = entry.indexOf('=');
        return equals < 0 ? entry : entry.substring(0, equals + 1) + HIDDEN;
    }

    private interface Change {
        Map<String, Object> apply(Map<String, Object> object);
    }

    private static Map<String, Object> replace(Map<String, Object> object, String field, Change change) {
        Map<String, Object> copy = new LinkedHashMap<>(object);
        copy.computeIfPresent(field, (name, value) -> value instanceof Map<?, ?> inner ? change.apply(cast(inner)) : HIDDEN);
        return copy;
    }

    /** Objects of a {@link JsonTree} have strings as names. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> cast(Object object) {
        return (Map<String, Object>) object;
    }
}
