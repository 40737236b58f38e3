package io.nsjob.cli.demo;

import io.nsjob.NamespaceKind;
import io.nsjob.cli.JsonTree;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The job spec of a place, and the line of {@code nsjob run} that stands for it. */
final class PlaceSpec {
    private static final Map<String, String> LETTERS = letters();
    private static final String NAMESPACES = "namespaces";
    private static final String NEW = "new";

    private final Map<String, Object> spec;
    private final boolean ownerAdded;

    private PlaceSpec(Map<String, Object> spec, boolean ownerAdded) {
        this.spec = spec;
        this.ownerAdded = ownerAdded;
    }

    private static Map<String, String> letters() {
        Map<String, String> letters = new LinkedHashMap<>();
        letters.put("user", "U");
        letters.put("mnt", "m");
        letters.put("pid", "p");
        letters.put("net", "n");
        letters.put("ipc", "i");
        letters.put("uts", "u");
        letters.put("cgroup", "C");
        letters.put("time", "T");
        return letters;
    }

    /**
     * Makes one.
     *
     * @param place as the demo has it
     * @param privileged whether the caller can do without a user namespace
     * @param without isolations to leave out
     * @param joined the file of a session's own namespace of a kind, or empty where it has none of its own
     */
    static PlaceSpec of(Demo.Place place, boolean privileged, Set<String> without, BiFunction<String, String, String> joined) {
        Map<String, Object> spec = copy(place.job());
        spec.putIfAbsent("profile", "bare");
        Map<String, Object> namespaces = object(spec, NAMESPACES);
        place.joins().forEach((kind, session) -> {
            String file = joined.apply(session, kind);
            if (!file.isEmpty()) {
                namespaces.put(kind, Map.of("join", file));
            }
        });
        without.forEach(isolation -> leaveOut(spec, place, isolation));
        boolean needsOwner = !privileged && !namespaces.containsKey("user") && "bare".equals(spec.get("profile"))
            && (namespaces.containsValue(NEW) || spec.get("filesystem") instanceof Map<?, ?> tree && tree.containsKey("chroot"));
        if (needsOwner) {
            namespaces.put("user", NEW);
            spec.putIfAbsent("idMap", Map.of("preset", "root"));
        }
        return new PlaceSpec(spec, needsOwner);
    }

    private static void leaveOut(Map<String, Object> spec, Demo.Place place, String isolation) {
        Map<String, Object> patch = place.without().get(isolation);
        if (patch != null) {
            merge(spec, patch);
            return;
        }
        Map<String, Object> namespaces = object(spec, NAMESPACES);
        if (!namespaces.containsKey(isolation)) {
            return;
        }
        namespaces.put(isolation, "inherit");
        // What only a new namespace of this kind can have.
        switch (isolation) {
            case "user" -> spec.remove("idMap");
            case "uts" -> spec.keySet().removeAll(Set.of("hostname", "domainname"));
            case "time" -> spec.remove("timeOffsets");
            case "net" -> spec.remove("network");
            default -> { }
        }
    }

    /** Whether a user namespace was added for a caller that is not root. */
    boolean ownerAdded() {
        return ownerAdded;
    }

    Map<String, Object> spec() {
        return spec;
    }

    /** The kinds in which a job of this spec is not where its caller is. */
    Set<String> kinds() {
        Set<String> kinds = new LinkedHashSet<>();
        object(spec, NAMESPACES).forEach((kind, mode) -> {
            if (!"inherit".equals(mode)) {
                kinds.add(kind);
            }
        });
        return kinds;
    }

    /** With a command, as JSON. */
    String json(List<String> command, Map<String, String> environment, String cwd) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("nsjob", 1);
        whole.putAll(copy(spec));
        whole.put("command", command);
        Map<String, Object> set = object(object(whole, "environment"), "set");
        environment.forEach(set::putIfAbsent);
        boolean hostTree = !(spec.get("filesystem") instanceof Map<?, ?> tree)
            || !(tree.containsKey("chroot") || tree.containsKey("root") || tree.containsKey("rootfs"));
        if (hostTree && "bare".equals(spec.get("profile"))) {
            whole.putIfAbsent("cwd", cwd);
        }
        return JsonTree.compact(whole);
    }

    /** The line to type for it. */
    String line(String command) {
        StringBuilder letters = new StringBuilder();
        StringBuilder more = new StringBuilder();
        LETTERS.forEach((kind, letter) -> {
            Object mode = object(spec, NAMESPACES).get(kind);
            if (NEW.equals(mode)) {
                letters.append(letter);
                if (kind.equals("user") && spec.get("idMap") instanceof Map<?, ?> map && "root".equals(map.get("preset"))) {
                    letters.append('r');
                }
            } else if (mode instanceof Map<?, ?> map) {
                more.append(" --join ").append(kind).append('=').append(map.get("join"));
            }
        });
        if (!"bare".equals(spec.get("profile"))) {
            more.append(" --profile ").append(spec.get("profile"));
        } else if (letters.length() == 0 && more.length() == 0) {
            more.append(" --profile bare");
        }
        if (Boolean.TRUE.equals(spec.get("asPid1"))) {
            more.append(" --as-pid-1");
        }
        option(more, "--hostname", spec.get("hostname"));
        option(more, "--boottime", field("timeOffsets", "boottime"));
        option(more, "--monotonic", field("timeOffsets", "monotonic"));
        option(more, "--memory", field("limits", "memory"));
        option(more, "--swap", field("limits", "swap"));
        option(more, "--chroot", field("filesystem", "chroot"));
        option(more, "--rootfs", field("filesystem", "rootfs") instanceof Map<?, ?> rootfs ? rootfs.get("directory") : null);
        option(more, "--root", field("filesystem", "root"));
        return "nsjob run " + (letters.length() == 0 ? "" : "-" + letters) + (letters.length() == 0 ? more.toString().trim() : more)
            + " -- " + command;
    }

    private Object field(String object, String name) {
        return spec.get(object) instanceof Map<?, ?> map ? map.get(name) : null;
    }

    private static void option(StringBuilder line, String option, Object value) {
        if (value != null) {
            line.append(' ').append(option).append(' ').append(value);
        }
    }

    /** The object of this name, made where it is missing. */
    @SuppressWarnings("unchecked") // JSON objects have names for keys
    private static Map<String, Object> object(Map<String, Object> tree, String name) {
        return (Map<String, Object>) tree.compute(name, (key, old) -> old instanceof Map<?, ?> ? old : new LinkedHashMap<>());
    }

    @SuppressWarnings("unchecked") // JSON objects have names for keys
    private static void merge(Map<String, Object> spec, Map<String, Object> patch) {
        patch.forEach((name, value) -> {
            if (value == null) {
                spec.remove(name);
            } else if (value instanceof Map<?, ?> && spec.get(name) instanceof Map<?, ?>) {
                merge((Map<String, Object>) spec.get(name), (Map<String, Object>) value);
            } else {
                spec.put(name, value instanceof Map<?, ?> map ? copy((Map<String, Object>) map) : value);
            }
        });
    }

    @SuppressWarnings("unchecked") // JSON objects have names for keys
    private static Map<String, Object> copy(Map<String, Object> tree) {
        Map<String, Object> copy = new LinkedHashMap<>();
        tree.forEach((name, value) -> copy.put(name, value instanceof Map<?, ?> map ? copy((Map<String, Object>) map) : value));
        return copy;
    }

    static boolean isKind(String isolation) {
        return NamespaceKind.ofKernelName(isolation).isPresent();
    }
}
