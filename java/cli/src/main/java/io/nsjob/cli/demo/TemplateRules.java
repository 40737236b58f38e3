package io.nsjob.cli.demo;

import io.nsjob.NamespaceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which variables a text of a demo may have, known before anything runs.
 *
 * @param sessions all but the host's
 * @param earlier what earlier steps leave, by step
 */
record TemplateRules(Set<String> sessions, Map<String, Set<String>> earlier) {

    /** Checks a string, or every string of an array. */
    void check(Node node) {
        if (node.value() instanceof List) {
            node.list().forEach(this::check);
            return;
        }
        for (String variable : Template.variables(node.scalar())) {
            if (!known(variable)) {
                throw node.wrong("there is no ${" + variable + "} here; for a shell's own write $${" + variable + "}");
            }
        }
    }

    /** Checks all strings of a tree. */
    void checkAll(Node node) {
        if (node.value() instanceof Map) {
            node.fields().values().forEach(this::checkAll);
        } else if (node.value() instanceof List) {
            node.list().forEach(this::checkAll);
        } else if (node.value() instanceof String) {
            check(node);
        }
    }

    String session(Node node) {
        if (!isSession(node.string())) {
            throw node.wrong("there is no session " + node.string());
        }
        return node.string();
    }

    private boolean isSession(String name) {
        return name.equals(Demo.HOST) || sessions.contains(name);
    }

    private boolean known(String variable) {
        if (Set.of("dir", "uid", "gid", "U").contains(variable)) {
            return true;
        }
        int dot = variable.indexOf('.');
        if (dot < 0) {
            return false;
        }
        String of = variable.substring(0, dot);
        String what = variable.substring(dot + 1);
        if (isSession(of)) {
            return Set.of("pid", "init", "inside").contains(what)
                || what.startsWith("ns.") && NamespaceKind.ofKernelName(what.substring("ns.".length())).isPresent();
        }
        return earlier.containsKey(of) && earlier.get(of).contains(what);
    }
}
