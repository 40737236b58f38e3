package io.nsjob.internal.wire;

import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Maps of namespaces as JSON documents. Every namespace has the same fields: what is not known is null. */
public final class NamespaceMapJson {
    private static final long MAX_INT = Integer.MAX_VALUE;

    private NamespaceMapJson() {
    }

    /**
     * Writes a map.
     *
     * @param map any
     * @return JSON, indented
     */
    public static String write(NamespaceMap map) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("nsjob", 1);
        Map<String, Object> self = new LinkedHashMap<>();
        map.self().forEach((kind, inode) -> self.put(kind.kernelName(), inode));
        tree.put("self", self);
        tree.put("namespaces", map.all().stream().map(NamespaceMapJson::namespace).toList());
        tree.put("jobs", map.jobs().stream().map(NamespaceMapJson::job).toList());
        Map<String, Object> unread = new LinkedHashMap<>();
        unread.put("processes", map.unread().processes());
        unread.put("descriptors", map.unread().descriptors());
        unread.put("relations", map.unread().relations());
        tree.put("unread", unread);
        return Json.write(tree);
    }

    private static Map<String, Object> namespace(NamespaceInfo info) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("inode", info.inode());
        tree.put("kind", info.kind().kernelName());
        tree.put("owner", user(info.owner()));
        tree.put("userNamespace", number(info.userNamespace()));
        tree.put("parent", number(info.parent()));
        tree.put("processes", info.processes());
        tree.put("pid", number(info.pid()));
        tree.put("user", user(info.user()));
        tree.put("command", info.command());
        tree.put("pins", info.pins().stream().map(pin -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("path", pin.path());
            entry.put("mountNamespace", pin.mountNamespace());
            return entry;
        }).toList());
        tree.put("holders", info.holders());
        tree.put("names", info.names());
        tree.put("uidMap", SpecJson.ranges(info.uidMap()));
        tree.put("gidMap", SpecJson.ranges(info.gidMap()));
        return tree;
    }

    private static Map<String, Object> job(NamespaceMap.MappedJob job) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", job.name());
        tree.put("pid", job.pid());
        tree.put("profile", job.profile());
        tree.put("command", job.command());
        tree.put("namespaces", job.namespaces());
        tree.put("limits", job.limits());
        return tree;
    }

    private static Object number(OptionalLong number) {
        return number.isPresent() ? (Object) number.getAsLong() : Json.NULL;
    }

    private static Object user(Optional<NamespaceInfo.User> user) {
        if (user.isEmpty()) {
            return Json.NULL;
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("uid", user.get().uid());
        tree.put("name", user.get().name());
        return tree;
    }

    /**
     * Reads a map.
     *
     * @param json its text
     * @return the map
     * @throws IllegalArgumentException with what is wrong
     */
    public static NamespaceMap read(String json) {
        List<String> problems = new ArrayList<>();
        try {
            NamespaceMap map = map(Fields.root(Json.parse(json, problems), problems));
            if (problems.isEmpty()) {
                return map;
            }
        } catch (JsonSyntaxException | IllegalArgumentException | NullPointerException e) {
            // A field that is missing or out of range; the list says which.
            if (problems.isEmpty()) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        throw new IllegalArgumentException("not a map of namespaces: " + String.join("; ", problems));
    }

    private static NamespaceMap map(Fields root) {
        Map<NamespaceKind, Long> self = new EnumMap<>(NamespaceKind.class);
        Fields own = root.object("self");
        for (NamespaceKind kind : NamespaceKind.values()) {
            optional(own, kind.kernelName()).ifPresent(inode -> self.put(kind, inode));
        }
        List<NamespaceInfo> all = root.objects("namespaces").stream().map(NamespaceMapJson::namespace).toList();
        List<NamespaceMap.MappedJob> jobs = root.objects("jobs").stream().map(job -> new NamespaceMap.MappedJob(job.text("name"),
            job.required("pid", Long.MAX_VALUE), job.text("profile"), job.strings("command"), job.integers("namespaces"),
            job.strings("limits"))).toList();
        Fields unread = root.object("unread");
        return new NamespaceMap(all, self, jobs, new NamespaceMap.Unread(count(unread, "processes"), count(unread, "descriptors"),
            count(unread, "relations")));
    }

    private static NamespaceInfo namespace(Fields fields) {
        NamespaceKind kind = NamespaceKind.ofKernelName(fields.text("kind"))
            .orElseThrow(() -> new IllegalArgumentException(fields.path("kind") + ": no such kind"));
        List<NamespaceInfo.Pin> pins = fields.objects("pins").stream()
            .map(pin -> new NamespaceInfo.Pin(pin.text("path"), pin.required("mountNamespace", Long.MAX_VALUE))).toList();
        return new NamespaceInfo(kind, fields.required("inode", Long.MAX_VALUE), user(fields, "owner"), optional(fields, "userNamespace"),
            optional(fields, "parent"), count(fields, "processes"), optional(fields, "pid"), user(fields, "user"), fields.text("command"),
            pins, fields.integers("holders"), fields.strings("names"), EventReader.ranges(fields, "uidMap"),
            EventReader.ranges(fields, "gidMap"));
    }

    private static int count(Fields fields, String name) {
        return (int) (long) fields.required(name, MAX_INT);
    }

    private static OptionalLong optional(Fields fields, String name) {
        Object value = fields.any(name);
        return value == null || value == Json.NULL ? OptionalLong.empty() : OptionalLong.of(fields.required(name, Long.MAX_VALUE));
    }

    private static Optional<NamespaceInfo.User> user(Fields fields, String name) {
        Object value = fields.any(name);
        if (value == null || value == Json.NULL) {
            return Optional.empty();
        }
        Fields user = fields.object(name);
        return Optional.of(new NamespaceInfo.User(user.required("uid", Long.MAX_VALUE), user.text("name")));
    }
}
