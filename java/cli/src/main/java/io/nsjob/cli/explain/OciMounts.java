package io.nsjob.cli.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The mount steps of a plan as {@code mounts} of a config.json. */
final class OciMounts {
    private final Work work;
    private final List<String> misses;
    private final List<Object> mounts = new ArrayList<>();
    private final Set<String> left = new TreeSet<>();
    private final Set<String> files = new TreeSet<>();

    OciMounts(Work work, List<String> misses) {
        this.work = work;
        this.misses = misses;
    }

    List<Object> list() {
        for (Map<String, Object> step : work.mounts()) {
            add(step, Tree.text(step, "target"));
        }
        if (!files.isEmpty()) {
            misses.add("files that are made: " + String.join(" ", files));
        }
        if (!left.isEmpty()) {
            misses.add("in its files: " + String.join(", ", left));
        }
        return mounts;
    }

    private void add(Map<String, Object> step, String target) {
        switch (Tree.text(step, "op")) {
            case "propagation", "root", "rootBind", "rootOverlay", "pivot", "mask", "readOnly" -> { }
            case "proc" -> mount(target, "proc", "proc", List.of("nosuid", "noexec", "nodev"));
            case "sysfs" -> mount(target, "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
            case "mqueue" -> mount(target, "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev"));
            case "tmpfs" -> mount(target, "tmpfs", "tmpfs", List.of("nosuid", "nodev", "size=" + Tree.number(step, "size"),
                "mode="
                + Long.toOctalString(Tree.number(step, "mode"))));
            case "writable" -> mount(target, "tmpfs", "tmpfs", List.of("nosuid", "nodev", "mode="
                + Long.toOctalString(Tree.number(step, "mode"))));
            case "dev" -> {
                mount(target, "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
                mount(target + "/pts", "devpts", "devpts", List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666",
                    "mode=0620"));
                mount(target + "/shm", "tmpfs", "shm", List.of("nosuid", "nodev", "mode=1777", "size=" + Tree.number(step,
                    "size")));
            }
            case "bind" -> bind(Tree.text(step, "source"), target, step);
            case "symlink" -> symlink(target, Tree.text(step, "text"));
            case "file" -> files.add(target);
            case "directory" -> left.add("the directory " + target);
            default -> left.add(Tree.text(step, "op"));
        }
    }

    /** There are no symlinks in a config.json: what they lead to is bound in their place. */
    private void symlink(String target, String text) {
        String source = text.startsWith("/") ? text : target.substring(0, target.lastIndexOf('/') + 1) + text;
        if (work.mounts("bind").stream().anyMatch(step -> source.startsWith(Tree.text(step, "target") + "/"))) {
            mount(target, "none", source, List.of("rbind", "ro", "nosuid", "nodev"));
        } else {
            left.add("the link " + target);
        }
    }

    private void bind(String source, String target, Map<String, Object> step) {
        List<String> options = new ArrayList<>(List.of(Tree.is(step, "recursive") ? "rbind" : "bind", "rprivate", Tree.is(step,
            "readOnly") ? "ro" : "rw"));
        Map<String, String> names = Map.of("noSuid", "nosuid", "noDev", "nodev", "noExec", "noexec", "noSymfollow",
            "nosymfollow");
        List.of("noSuid", "noDev", "noExec", "noSymfollow").stream().filter(flag -> Tree.is(step, flag)).forEach(flag ->
            options.add(names.get(flag)));
        if (step.containsKey("idMap")) {
            options.add("idmap");
        }
        if (Tree.is(step, "optional") && !new java.io.File(source).exists()) {
            return;
        }
        mount(target, "none", source, options);
    }

    private void mount(String target, String type, String source, List<String> options) {
        mounts.add(Tree.of("destination", target, "type", type, "source", source, "options", options));
    }
}
