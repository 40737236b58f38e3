package io.nsjob.cli.demo;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value in a demo's file, with the path that names it in a message. */
record Node(Object value, String path) {

    DemoException wrong(String what) {
        return new DemoException((path.isEmpty() ? "" : path + ": ") + what);
    }

    /** The fields of an object. With {@code known}, a field that is not among them is a mistake. */
    Map<String, Node> fields(String... known) {
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong("an object is needed");
        }
        Map<String, Node> fields = new LinkedHashMap<>();
        map.forEach((name, field) -> fields.put((String) name, new Node(field, path.isEmpty() ? "" + name : path + "." + name)));
        for (String name : fields.keySet()) {
            if (known.length > 0 && !Arrays.asList(known).contains(name)) {
                throw fields.get(name).wrong("no such field; there are " + String.join(", ", known));
            }
        }
        return fields;
    }

    Node needed(String name) {
        return optional(name).orElseThrow(() -> wrong(name + " is missing"));
    }

    Optional<Node> optional(String name) {
        return Optional.ofNullable(fields().get(name));
    }

    List<Node> list() {
        if (!(value instanceof List<?> list)) {
            throw wrong("an array is needed");
        }
        List<Node> nodes = new ArrayList<>();
        for (Object element : list) {
            nodes.add(new Node(element, path + "[" + nodes.size() + "]"));
        }
        return nodes;
    }

    String string() {
        if (value instanceof String text) {
            return text;
        }
        throw wrong("a string is needed");
    }

    BigDecimal number() {
        if (value instanceof BigDecimal number) {
            return number;
        }
        throw wrong("a number is needed");
    }

    boolean bool() {
        if (value instanceof Boolean bool) {
            return bool;
        }
        throw wrong("true or false is needed");
    }

    /** A string or a number, as text. */
    String scalar() {
        return value instanceof BigDecimal number ? number.toPlainString() : string();
    }

    /** A string, or an array of them that are lines. */
    String lines() {
        if (value instanceof String text) {
            return text;
        }
        return String.join("\n", list().stream().map(Node::string).toList());
    }

    String oneOf(String... words) {
        String word = scalar();
        if (!Arrays.asList(words).contains(word)) {
            throw wrong("one of " + String.join(", ", words) + " is needed, not " + word);
        }
        return word;
    }
}
