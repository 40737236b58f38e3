package io.nsjob.cli.explain;

import io.nsjob.cli.UsageException;
import io.nsjob.cli.explain.Words.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** unshare(1) of util-linux 2.41 and earlier. */
final class UnshareReader {
    private static final Map<String, String> KINDS = Map.of("mount", "-m", "uts", "-u", "ipc", "-i", "net", "-n", "pid", "-p",
        "user", "-U",
        "cgroup", "-C", "time", "-T");
    private static final List<String> SAME = List.of("map-root-user", "map-current-user", "map-auto", "map-user", "map-group",
        "map-users",
        "map-groups", "setgroups", "propagation", "boottime", "monotonic", "setuid", "setgid", "wd");

    private final boolean root;
    private final Words words;
    private final List<String> line = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> seen = new LinkedHashMap<>();

    UnshareReader(List<String> args, boolean root) {
        this.root = root;
        words = new Words("unshare", args)
            .option('m', "mount", Value.OPTIONAL_IF_LONG).option('u', "uts", Value.OPTIONAL_IF_LONG).option('i', "ipc",
            Value.OPTIONAL_IF_LONG)
            .option('n', "net", Value.OPTIONAL_IF_LONG).option('p', "pid", Value.OPTIONAL_IF_LONG).option('U', "user",
            Value.OPTIONAL_IF_LONG)
            .option('C', "cgroup", Value.OPTIONAL_IF_LONG).option('T', "time", Value.OPTIONAL_IF_LONG)
            .option('f', "fork", Value.NONE).option("kill-child", Value.OPTIONAL).option("mount-proc", Value.OPTIONAL)
            .option("mount-binfmt", Value.OPTIONAL).option('r', "map-root-user", Value.NONE).option('c', "map-current-user",
            Value.NONE)
            .option("map-auto", Value.NONE).option("map-user", Value.REQUIRED).option("map-group", Value.REQUIRED)
            .option("map-users", Value.REQUIRED).option("map-groups", Value.REQUIRED).option("map-subids", Value.NONE)
            .option("propagation", Value.REQUIRED).option("setgroups", Value.REQUIRED).option("keep-caps", Value.NONE)
            .option('R', "root", Value.REQUIRED).option('w', "wd", Value.REQUIRED).option('S', "setuid", Value.REQUIRED)
            .option('G', "setgid", Value.REQUIRED).option("monotonic", Value.REQUIRED).option("boottime", Value.REQUIRED)
            .option('l', "load-interp", Value.REQUIRED).option("owner", Value.REQUIRED).option("forward-signals", Value.NONE);
    }

    Reading read() throws UsageException {
        for (Optional<Words.Option> option = words.next(); option.isPresent(); option = words.next()) {
            take(option.get());
        }
        if (line.isEmpty()) {
            notes.add("nothing is new: this runs the command as it is");
            line.addAll(List.of("--profile", "bare"));
        }
        meanings();
        line.add("--");
        if (words.command().isEmpty()) {
            notes.add("without a command it is the shell");
            line.add("/bin/sh");
        }
        line.addAll(words.command());
        return new Reading(line, Map.of(), notes);
    }

    private void take(Words.Option option) throws UsageException {
        String name = option.name();
        seen.put(name, option.value().orElse(""));
        if (KINDS.containsKey(name)) {
            if (!line.contains(KINDS.get(name))) {
                line.add(KINDS.get(name));
            }
            option.value().ifPresent(file -> notes.add("--" + name + "=" + file + ": the namespace is not kept in that file"
                + (name.equals("net") ? "; see nsjob netns" : "")));
        } else if (SAME.contains(name)) {
            line.add("--" + name);
            option.value().ifPresent(line::add);
        } else {
            others(name, option.value());
        }
    }

    private void others(String name, Optional<String> value) {
        switch (name) {
            case "mount-proc" -> {
                line.add("--mount-proc");
                value.filter(point -> !point.equals("/proc")).ifPresent(point ->
                    notes.add("--mount-proc=" + point + ": here it is /proc"));
            }
            case "root" -> line.addAll(List.of("--chroot", value.orElseThrow()));
            case "kill-child" -> value.filter(signal -> !signal.matches("(SIG)?KILL|9")).ifPresent(signal ->
                notes.add("--kill-child=" + signal + ": when its parent is gone the job is killed"));
            case "keep-caps" -> notes.add("--keep-caps: profile bare keeps what it can; to have some at any uid: --cap-add NAME");
            case "fork", "forward-signals" -> { }
            case "map-subids" -> line.add("--map-auto");
            default -> notes.add("--" + name + ": has no counterpart and is left out");
        }
    }

    /** What the same words do otherwise here. */
    private void meanings() {
        boolean pid = seen.containsKey("pid");
        if (pid && !seen.containsKey("fork") && !seen.containsKey("kill-child") && !seen.containsKey("mount-proc")) {
            notes.add("without --fork, unshare leaves the command itself in the old pid namespace, and its first child is pid"
                + " 1; here the command is in the new one");
        } else if (pid) {
            notes.add("the command is not pid 1: an init of nsjob's is, which reaps; --as-pid-1 makes it pid 1");
        }
        if (pid && seen.containsKey("mount") && !seen.containsKey("mount-proc")) {
            line.add("--no-proc");
        }
        if (seen.containsKey("net")) {
            notes.add("lo is up");
        }
        if (root && (seen.containsKey("user") || seen.keySet().stream().anyMatch(name -> name.startsWith("map-")))) {
            notes.add("ids inside are unprivileged ones outside: the host's root is never mapped");
        }
    }
}
