package io.nsjob.cli;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The hierarchy of user namespaces with what each owns, or that of pid namespaces. */
final class NsTree {
    private final NamespaceMap map;
    private final NamespaceKind kind;
    private final Style style;
    private final StringBuilder text = new StringBuilder();

    private NsTree(NamespaceMap map, NamespaceKind kind, Style style) {
        this.map = map;
        this.kind = kind;
        this.style = style;
    }

    static String text(NamespaceMap map, NamespaceKind kind, Style style) {
        NsTree tree = new NsTree(map, kind, style);
        map.roots(kind).forEach(root -> tree.branch(root, "", ""));
        List<NamespaceInfo> loose = loose(map, kind);
        if (!loose.isEmpty()) {
            tree.text.append("owner not known\n");
            tree.leaves(loose, "");
        }
        return tree.text.toString();
    }

    /** Those whose owner this caller may not know. */
    private static List<NamespaceInfo> loose(NamespaceMap map, NamespaceKind kind) {
        return kind == NamespaceKind.PID ? List.of() : map.all().stream().filter(info -> info.kind() != NamespaceKind.USER
            && (info.userNamespace().isEmpty() || map.get(info.userNamespace().getAsLong()).isEmpty())).toList();
    }

    private List<NamespaceInfo> below(NamespaceInfo info) {
        if (info.kind() != kind) {
            return List.of();
        }
        List<NamespaceInfo> below = new ArrayList<>(kind == NamespaceKind.USER ? map.ownedBy(info.inode()) : List.of());
        below.addAll(map.childrenOf(info.inode()));
        return below;
    }

    private void branch(NamespaceInfo info, String first, String next) {
        text.append(first).append(describe(info)).append('\n');
        leaves(below(info), next);
    }

    private void leaves(List<NamespaceInfo> below, String indent) {
        for (int i = 0; i < below.size(); i++) {
            boolean last = i == below.size() - 1;
            branch(below.get(i), indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
        }
    }

    private String describe(NamespaceInfo info) {
        StringBuilder line = new StringBuilder(style.bold(String.format("%-6s %d", info.kind().kernelName(), info.inode())));
        String name = NsListing.name(info);
        if (!name.isEmpty()) {
            line.append("  ").append(style.green(Console.oneLine(name)));
        }
        if (info.kind() == NamespaceKind.USER) {
            info.owner().ifPresent(owner -> line.append("  owner ").append(Console.oneLine(owner.label())));
        }
        if (map.self().getOrDefault(info.kind(), 0L) == info.inode()) {
            line.append("  ").append(style.cyan("(yours)"));
        }
        if (info.processes() == 0) {
            return line.append(style.dim("  no process")).toString();
        }
        return line.append(style.dim("  " + info.processes() + (info.processes() == 1 ? " process, " : " processes, ")
            + info.pid().getAsLong() + " " + Console.oneLine(Cells.clip(info.command(), 40)))).toString();
    }

    static String json(NamespaceMap map, NamespaceKind kind) {
        NsTree tree = new NsTree(map, kind, Style.PLAIN);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("nsjob", 1);
        document.put("by", kind.kernelName());
        document.put("roots", map.roots(kind).stream().map(tree::node).toList());
        document.put("ownerNotKnown", loose(map, kind).stream().map(tree::node).toList());
        Map<String, Object> unread = new LinkedHashMap<>();
        unread.put("processes", map.unread().processes());
        unread.put("descriptors", map.unread().descriptors());
        unread.put("relations", map.unread().relations());
        document.put("unread", unread);
        return JsonTree.pretty(document);
    }

    private Map<String, Object> node(NamespaceInfo info) {
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("inode", info.inode());
        node.put("kind", info.kind().kernelName());
        node.put("names", info.names());
        node.put("processes", info.processes());
        node.put("pid", number(info.pid()));
        node.put("command", info.command());
        node.put("below", below(info).stream().map(this::node).toList());
        return node;
    }

    private static Object number(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }
}
