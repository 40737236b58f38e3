package io.nsjob.cli.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads and makes JSON as maps and lists; a path of names that leads nowhere is empty. */
final class Tree {
    private Tree() {}

    static Map<String, Object> of(Object... namesAndValues) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            tree.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return tree;
    }

    static Optional<Object> at(Object tree, String... path) {
        Object at = tree;
        for (String name : path) {
            at = at instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return Optional.ofNullable(at);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object tree, String... path) {
        return at(tree, path).filter(Map.class::isInstance).map(map -> (Map<String, Object>) map).orElse(Map.of());
    }

    static List<Map<String, Object>> maps(Object tree, String... path) {
        List<Map<String, Object>> maps = new ArrayList<>();
        list(tree, path).forEach(element -> maps.add(map(element)));
        return maps;
    }

    static List<Object> list(Object tree, String... path) {
        return at(tree, path).filter(List.class::isInstance).map(list -> List.<Object>copyOf((List<?>) list)).orElse(List.of());
    }

    static List<String> texts(Object tree, String... path) {
        return list(tree, path).stream().map(String::valueOf).toList();
    }

    static String text(Object tree, String... path) {
        return at(tree, path).map(String::valueOf).orElse("");
    }

    static boolean is(Object tree, String... path) {
        return at(tree, path).filter(Boolean.TRUE::equals).isPresent();
    }

    static long number(Object tree, String... path) {
        return at(tree, path).filter(Number.class::isInstance).map(number -> ((Number) number).longValue()).orElse(0L);
    }

    /** The object in a field, made when it is not there. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Map<String, Object> tree, String field) {
        return (Map<String, Object>) tree.computeIfAbsent(field, name -> new LinkedHashMap<String, Object>());
    }

    /** The list in a field, made when it is not there. */
    @SuppressWarnings("unchecked")
    static List<Object> array(Map<String, Object> tree, String field) {
        return (List<Object>) tree.computeIfAbsent(field, name -> new ArrayList<>());
    }
}
