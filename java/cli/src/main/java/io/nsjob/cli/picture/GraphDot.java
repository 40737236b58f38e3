package io.nsjob.cli.picture;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.cli.Cells;

/** The namespaces of a machine for dot(1) of Graphviz. */
public final class GraphDot {
    private static final int LABEL_CELLS = 40;

    private GraphDot() {}

    /**
     * Writes a graph: edges lead from owners to what they own, and dashed from parent to child pid namespaces.
     *
     * @param map what to draw
     * @return a digraph
     */
    public static String of(NamespaceMap map) {
        StringBuilder dot = new StringBuilder("digraph namespaces {\n  rankdir=LR;\n  node [shape=box style=\"rounded,filled\""
            + " fontname=\"sans-serif\" fillcolor=\"#f6f8fa\"];\n");
        for (NamespaceInfo info : map.all()) {
            String label = info.kind().kernelName() + " " + info.inode() + "\n" + Cells.clip(String.join(", ", info.names()), LABEL_CELLS)
                + "\n" + Words.members(info);
            dot.append("  n").append(info.inode()).append(" [label=").append(quote(label.replace("\n\n", "\n"))).append(" tooltip=")
                .append(quote(Words.all(info, map))).append(" fillcolor=\"").append(colour(info.kind())).append("\"];\n");
        }
        for (NamespaceInfo info : map.all()) {
            info.userNamespace().ifPresent(owner -> edge(dot, map, owner, info.inode(), ""));
            if (info.kind() == NamespaceKind.PID) {
                info.parent().ifPresent(parent -> edge(dot, map, parent, info.inode(), " [style=dashed]"));
            }
        }
        return dot.append("}\n").toString();
    }

    private static void edge(StringBuilder dot, NamespaceMap map, long from, long to, String style) {
        if (map.get(from).isPresent()) {
            dot.append("  n").append(from).append(" -> n").append(to).append(style).append(";\n");
        }
    }

    /** A quoted string of the dot language: a backslash begins an escape, which a stranger's text must not. */
    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                quoted.append("\\n");
            } else if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else {
                quoted.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c);
            }
        });
        return quoted.append('"').toString();
    }

    private static String colour(NamespaceKind kind) {
        return switch (kind) {
            case USER -> "#9cc9e6";
            case MNT -> "#e69f00";
            case PID -> "#cc79a7";
            case NET -> "#17b284";
            case IPC -> "#56b4e9";
            case UTS -> "#f0e442";
            case CGROUP -> "#e07b39";
            case TIME -> "#a6adb5";
        };
    }
}
