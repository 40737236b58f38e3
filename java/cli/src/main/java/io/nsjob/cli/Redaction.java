package io.nsjob.cli;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes values of environment variables and contents of files out of documents that are shown to people. Names stay. */
final class Redaction {
    static final String HIDDEN = "(hidden)";

    private Redaction() {}

    /** A job spec without the values under {@code environment.set} and the contents under {@code filesystem.files}. */
    static Map<String, Object> spec(Map<String, Object> spec) {
        Map<String, Object> withoutFiles = replace(spec, "filesystem", filesystem -> {
            Map<String, Object> copy = new LinkedHashMap<>(filesystem);
            copy.computeIfPresent("files", (field, files) -> withoutContents(files));
            return copy;
        });
        return replace(withoutFiles, "environment", environment ->
            replace(environment, "set", set -> {
            Map<String, Object> hidden = new LinkedHashMap<>();
            set.keySet().forEach(name -> hidden.put(name, HIDDEN));
            return hidden;
        }));
    }

    private static Object withoutContents(Object files) {
        return files instanceof List<?> list
            ? list.stream().map(file -> file instanceof Map<?, ?> ? withoutContent(cast(file)) : HIDDEN).toList() : HIDDEN;
    }

    /** Enough to see whether it is the right one. */
    private static Map<String, Object> withoutContent(Map<String, Object> file) {
        Map<String, Object> copy = new LinkedHashMap<>();
        file.forEach((field, value) -> {
            if (field.equals("content") || field.equals("base64")) {
                byte[] content = field.equals("base64") ? Base64.getDecoder().decode(String.valueOf(value))
                    : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
                copy.put("bytes", content.length);
                copy.put("sha256", sha256(content));
            } else {
                copy.put(field, value);
            }
        });
        return copy;
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** A launch plan without the values in {@code process.env} and the contents of files in {@code mounts}. */
    static Map<String, Object> plan(Map<String, Object> plan) {
        Map<String, Object> withoutFiles = new LinkedHashMap<>(plan);
        withoutFiles.computeIfPresent("mounts", (field, mounts) -> withoutContents(mounts));
        return replace(withoutFiles, "process", process -> {
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
