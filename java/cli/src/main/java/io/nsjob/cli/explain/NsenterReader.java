package io.nsjob.cli.explain;

import io.nsjob.cli.UsageException;
import io.nsjob.cli.explain.Words.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** nsenter(1) of util-linux 2.41 and earlier. */
final class NsenterReader {
    /** Its names and ours, in its order for --all. */
    private static final Map<String, String> KINDS = kinds();

    private final Words words;
    private final List<String> notes = new ArrayList<>();
    private final Map<String, String> seen = new LinkedHashMap<>();

    NsenterReader(List<String> args) {
        words = new Words("nsenter", args)
            .option('a', "all", Value.NONE).option('t', "target", Value.REQUIRED).option('N', "net-socket", Value.REQUIRED)
            .option('m', "mount", Value.OPTIONAL).option('u', "uts", Value.OPTIONAL).option('i', "ipc", Value.OPTIONAL)
            .option('n', "net", Value.OPTIONAL).option('p', "pid", Value.OPTIONAL).option('U', "user", Value.OPTIONAL)
            .option("user-parent", Value.NONE).option('C', "cgroup", Value.OPTIONAL).option('T', "time", Value.OPTIONAL)
            .option('S', "setuid", Value.REQUIRED).option('G', "setgid", Value.REQUIRED).option("preserve-credentials",
            Value.NONE)
            .option("keep-caps", Value.NONE).option('r', "root", Value.OPTIONAL).option('w', "wd", Value.OPTIONAL)
            .option('W', "wdns", Value.REQUIRED).option('e', "env", Value.NONE).option('F', "no-fork", Value.NONE)
            .option('Z', "follow-context", Value.NONE).option('c', "join-cgroup", Value.NONE);
    }

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new LinkedHashMap<>();
        for (String pair : List.of("user=user", "mount=mnt", "uts=uts", "ipc=ipc", "net=net", "pid=pid", "cgroup=cgroup",
            "time=time")) {
            kinds.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        return kinds;
    }

    Reading read() throws UsageException {
        for (Optional<Words.Option> option = words.next(); option.isPresent(); option = words.next()) {
            seen.put(option.get().name(), option.get().value().orElse(""));
        }
        List<String> line = new ArrayList<>();
        for (Map.Entry<String, String> kind : KINDS.entrySet()) {
            if (seen.containsKey(kind.getKey()) || seen.containsKey("all")) {
                line.addAll(List.of("--join", kind.getValue() + "=" + place(kind.getKey())));
            }
        }
        if (line.isEmpty()) {
            throw new UsageException("explain nsenter: no namespace is named: -m, -n, --all, …");
        }
        ids(line);
        rest(line);
        line.add("--");
        line.addAll(words.command().isEmpty() ? List.of("/bin/sh") : words.command());
        return new Reading(line, Map.of(), notes);
    }

    private String place(String kind) throws UsageException {
        String file = seen.getOrDefault(kind, "");
        if (!file.isEmpty()) {
            return file;
        }
        String target = seen.getOrDefault("target", "");
        if (target.isEmpty()) {
            throw new UsageException("explain nsenter: --" + kind + " needs a file, or a process: --target PID");
        }
        if (!target.matches("[0-9]{1,10}")) {
            throw new UsageException("explain nsenter: --target: '" + target + "' is not a pid");
        }
        return target;
    }

    private void ids(List<String> line) {
        boolean user = seen.containsKey("user") || seen.containsKey("all");
        boolean named = seen.containsKey("setuid") || seen.containsKey("setgid");
        if (named || user && !seen.containsKey("preserve-credentials")) {
            line.addAll(List.of("--setuid", seen.getOrDefault("setuid", "0"), "--setgid", seen.getOrDefault("setgid", "0")));
        }
        if (user && !named && !seen.containsKey("preserve-credentials")) {
            notes.add("as nsenter does, it becomes root of the user namespace that it enters");
        }
    }

    private void rest(List<String> line) {
        if (seen.containsKey("wd") && !seen.get("wd").isEmpty()) {
            line.addAll(List.of("--wd", seen.get("wd")));
        } else if (seen.containsKey("wd") || seen.containsKey("root")) {
            notes.add("root and working directory of the target: nsjob exec PID takes them");
        }
        if (seen.containsKey("wdns")) {
            line.addAll(List.of("--wd", seen.get("wdns")));
        }
        if (seen.containsKey("all") || seen.containsKey("mount")) {
            notes.add("nsjob exec PID does the same, with the target's root, directory, cgroup, ids and filter");
        }
        for (String name : List.of("env", "no-fork", "follow-context", "join-cgroup", "keep-caps", "user-parent", "net-socket")) {
            if (seen.containsKey(name)) {
                notes.add("--" + name + ": has no counterpart and is left out");
            }
        }
        if (seen.containsKey("pid") || seen.containsKey("all")) {
            notes.add("an init of nsjob's is above the command, in the same pid namespace");
        }
    }
}
