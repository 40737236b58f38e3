package io.nsjob.attack;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Changes of a launch plan that no job spec can ask for, by the names that defences.json has for them. */
final class PlanEdits {
    private static final Map<String, Consumer<Map<String, Object>>> EDITS = Map.ofEntries(
        Map.entry("no-masks", plan -> mounts(plan).removeIf(step -> step.get("op").equals("mask"))),
        Map.entry("no-read-only-paths", plan -> mounts(plan).removeIf(step -> step.get("op").equals("readOnly"))),
        Map.entry("writable-root", plan -> steps(plan, "pivot").forEach(step -> step.put("readOnly", false))),
        Map.entry("binds-with-devices", plan -> steps(plan, "bind").forEach(step -> step.put("noDev", false))),
        Map.entry("binds-with-setuid", plan -> steps(plan, "bind").forEach(step -> step.put("noSuid", false))),
        Map.entry("host-dev", PlanEdits::hostDev),
        Map.entry("writable-binds", plan -> steps(plan, "bind").forEach(step -> step.put("readOnly", false))),
        Map.entry("large-shm", plan -> steps(plan, "dev").forEach(step -> step.put("size", 64L << 20))),
        Map.entry("no-cgroups", PlanEdits::noCgroups),
        Map.entry("no-filter", plan -> process(plan).remove("seccomp")),
        Map.entry("nesting", plan -> plan.remove("maxUserNamespaces")),
        Map.entry("unlocked-mounts", plan -> process(plan).remove("lockMounts")),
        Map.entry("keep-groups", plan -> plan.put("dropGroups", false)),
        Map.entry("inherit-pid", PlanEdits::inheritPid),
        Map.entry("map-host-root", PlanEdits::mapHostRoot));

    private PlanEdits() {
    }

    static Consumer<Map<String, Object>> named(String name) {
        if (!EDITS.containsKey(name)) {
            throw new IllegalArgumentException("no edit of plans is called " + name);
        }
        return EDITS.get(name);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> mounts(Map<String, Object> plan) {
        List<Map<String, Object>> mounts = new ArrayList<>((List<Map<String, Object>>) plan.get("mounts"));
        plan.put("mounts", mounts);
        return mounts;
    }

    private static List<Map<String, Object>> steps(Map<String, Object> plan, String op) {
        return mounts(plan).stream().filter(step -> step.get("op").equals(op)).toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> process(Map<String, Object> plan) {
        return (Map<String, Object>) plan.get("process");
    }

    @SuppressWarnings("unchecked")
    private static void noCgroups(Map<String, Object> plan) {
        plan.remove("cgroups");
        ((Map<String, Object>) plan.get("limits")).remove("cpuSource");
    }

    /** The steps of an ordinary root on top of a directory that somebody else has filled. */
    static void root(Map<String, Object> plan, String directory) {
        if (directory.isEmpty()) {
            return;
        }
        List<Map<String, Object>> mounts = new ArrayList<>(steps(plan, "propagation"));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("op", "rootBind");
        root.put("source", directory);
        List.of("recursive", "readOnly", "noSuid", "noDev").forEach(flag -> root.put(flag, true));
        mounts.add(root);
        // A part of the root it is where the root is of its own filesystem.
        Map<String, Object> work = new LinkedHashMap<>(mounts(plan).stream().filter(step -> "/work".equals(step.get("target")))
            .findFirst().orElseThrow());
        if (work.put("op", "tmpfs").equals("writable")) {
            work.put("size", 1L << 20);
            work.put("inodes", 64);
        }
        mounts.add(work);
        mounts.addAll(steps(plan, "proc"));
        mounts.addAll(steps(plan, "dev"));
        // The programs of the attacks; everything else of the host's is in the directory.
        mounts.add(steps(plan, "bind").stream().filter(step -> step.get("source").toString().endsWith("/attacks"))
            .findFirst().orElseThrow());
        steps(plan, "file").stream().filter(step -> step.get("target").equals("/etc/passwd")).forEach(mounts::add);
        mounts.addAll(steps(plan, "pivot"));
        plan.put("mounts", mounts);
        process(plan).put("cwd", "/");
    }

    private static void hostDev(Map<String, Object> plan) {
        Map<String, Object> bind = new LinkedHashMap<>(steps(plan, "bind").get(0));
        bind.put("source", "/dev");
        bind.put("target", "/dev");
        bind.put("noDev", false);
        bind.put("readOnly", false);
        mounts(plan).removeIf(step -> step.get("op").equals("mqueue"));
        mounts(plan).replaceAll(step -> step.get("op").equals("dev") ? bind : step);
    }

    /** A root of the job's own needs a fresh /proc, says the compiler. Here there is none at all. */
    @SuppressWarnings("unchecked")
    private static void inheritPid(Map<String, Object> plan) {
        Map<String, Object> namespaces = new LinkedHashMap<>((Map<String, Object>) plan.get("namespaces"));
        namespaces.put("pid", Map.of("mode", "inherit"));
        plan.put("namespaces", namespaces);
        mounts(plan).removeIf(step -> step.get("op").equals("proc"));
    }

    /** What no compiler of ours ever writes: the job is uid 0 inside, and to the host. */
    @SuppressWarnings("unchecked")
    private static void mapHostRoot(Map<String, Object> plan) {
        Map<String, Object> maps = new LinkedHashMap<>((Map<String, Object>) plan.get("idMaps"));
        List<Map<String, Object>> root = List.of(Map.of("inside", 0, "outside", 0, "count", 1));
        maps.remove("block");
        maps.put("uid", root);
        maps.put("gid", root);
        plan.put("idMaps", maps);
        plan.remove("init");
        process(plan).put("uid", 0);
        process(plan).put("gid", 0);
    }
}
