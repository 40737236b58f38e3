package io.nsjob.cli.explain;

import io.nsjob.cli.Suggestion;
import io.nsjob.cli.UsageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** bwrap(1) of bubblewrap 0.11 and earlier. Options have no short forms, and each knows how many words follow. */
final class BwrapReader {
    private static final Map<String, Integer> KNOWN = known();
    /** What a minimal root of nsjob's has already. */
    private static final Set<String> THERE = Set.of("/usr", "/proc", "/dev", "/tmp", "/bin", "/sbin", "/lib", "/lib64", "/run",
        "/var/tmp");

    private final List<String> args;
    private final boolean root;
    private final List<String> line = new ArrayList<>();
    private final Map<String, Object> spec = Tree.of();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<String> kinds = new LinkedHashSet<>();
    private final List<String[]> binds = new ArrayList<>();
    private final Map<String, String> ids = new HashMap<>();
    private String size = "";
    private boolean newUser;

    BwrapReader(List<String> args, boolean root) {
        this.args = args;
        this.root = root;
    }

    private static Map<String, Integer> known() {
        Map<String, Integer> known = new HashMap<>();
        for (String name : List.of("unshare-all", "share-net", "unshare-user", "unshare-user-try", "unshare-ipc", "unshare-pid",
            "unshare-net",
            "unshare-uts", "unshare-cgroup", "unshare-cgroup-try", "clearenv", "new-session", "die-with-parent", "as-pid-1",
            "disable-userns",
            "assert-userns-disabled")) {
            known.put(name, 0);
        }
        for (String name : List.of("args", "argv0", "userns", "userns2", "pidns", "uid", "gid", "hostname", "chdir", "unsetenv",
            "lock-file", "sync-fd",
            "remount-ro", "exec-label", "file-label", "proc", "dev", "tmpfs", "mqueue", "dir", "seccomp", "add-seccomp-fd",
            "block-fd", "userns-block-fd",
            "info-fd", "json-status-fd", "cap-add", "cap-drop", "perms", "size", "overlay-src", "tmp-overlay", "ro-overlay")) {
            known.put(name, 1);
        }
        for (String name : List.of("setenv", "bind", "bind-try", "dev-bind", "dev-bind-try", "ro-bind", "ro-bind-try", "bind-fd",
            "ro-bind-fd", "file",
            "bind-data", "ro-bind-data", "symlink", "chmod")) {
            known.put(name, 2);
        }
        known.put("overlay", 3);
        return known;
    }

    Reading read() throws UsageException {
        int at = 0;
        while (at < args.size() && args.get(at).startsWith("--") && !args.get(at).equals("--")) {
            String name = args.get(at).substring(2);
            Integer count = KNOWN.get(name);
            if (count == null) {
                throw new UsageException("explain bwrap: unknown option --" + name + Suggestion.didYouMean("--" + name,
                    KNOWN.keySet().stream().map(known -> "--" + known).toList()));
            }
            if (at + count >= args.size()) {
                throw new UsageException("explain bwrap: --" + name + " needs " + count + (count == 1 ? " word" : " words"));
            }
            take(name, args.subList(at + 1, at + 1 + count));
            at += 1 + count;
        }
        if (at < args.size() && args.get(at).equals("--")) {
            at++;
        }
        if (at == args.size()) {
            throw new UsageException("explain bwrap: no command given");
        }
        return finish(args.subList(at, args.size()));
    }

    private void take(String name, List<String> values) {
        if (name.startsWith("unshare-")) {
            unshare(name.replace("-try", "").substring("unshare-".length()));
            return;
        }
        switch (name) {
            case "share-net" -> kinds.remove("net");
            case "uid", "gid", "hostname", "chdir" -> option(name, values.get(0));
            case "clearenv" -> line.add("--clear-env");
            case "setenv" -> setenv(values.get(0));
            case "unsetenv" -> notes.add("--unsetenv " + values.get(0)
                + ": start from an empty environment (--clear-env) and pass on what is wanted (--env NAME)");
            case "new-session" -> line.add("--new-session");
            case "as-pid-1" -> line.add("--as-pid-1");
            case "disable-userns" -> spec.put("allowNestedUserNamespaces", false);
            case "die-with-parent", "assert-userns-disabled" -> { }
            case "cap-add" -> line.addAll(List.of("--cap-add", values.get(0).toUpperCase(java.util.Locale.ROOT)));
            case "cap-drop" -> line.addAll(List.of("--cap-drop", values.get(0).toUpperCase(java.util.Locale.ROOT)));
            case "size" -> size = values.get(0);
            case "perms", "chmod" -> notes.add("--" + name + ": directories and files have modes of nsjob's here");
            case "remount-ro" -> notes.add("--remount-ro " + values.get(0) + ": say --bind-ro in place of --bind");
            case "seccomp", "add-seccomp-fd" -> notes.add("--" + name
                + ": a compiled filter is not read; nsjob takes a profile as JSON: --seccomp FILE");
            default -> files(name, values);
        }
    }

    private void unshare(String kind) {
        if (kind.equals("all")) {
            kinds.addAll(List.of("user", "ipc", "pid", "net", "uts", "cgroup"));
        } else {
            kinds.add(kind);
        }
        newUser = kinds.contains("user");
    }

    private void option(String name, String value) {
        switch (name) {
            case "hostname" -> line.addAll(List.of("--hostname", value));
            case "chdir" -> line.addAll(List.of("--cwd", value));
            default -> ids.put(name, value);
        }
    }

    private void setenv(String name) {
        line.addAll(List.of("--env", name));
        notes.add("--setenv " + name + ": its value is not shown; it is taken from the environment here, or say --env " + name
            + "=VALUE");
    }

    private void files(String name, List<String> values) {
        switch (name) {
            case "bind", "bind-try", "ro-bind", "ro-bind-try", "dev-bind", "dev-bind-try" ->
                binds.add(new String[] {name, values.get(0), values.get(1)});
            case "tmpfs" -> {
                if (!THERE.contains(values.get(0))) {
                    line.addAll(List.of("--tmpfs", values.get(0) + (size.isEmpty() ? "" : ":" + size)));
                }
                size = "";
            }
            case "dev", "proc", "mqueue" -> {
                if (!values.get(0).equals("/" + name) && !values.get(0).equals("/dev/mqueue")) {
                    notes.add("--" + name + " " + values.get(0) + ": here they are at /proc and /dev");
                }
            }
            case "dir" -> Tree.array(Tree.object(spec, "filesystem"), "directories").add(values.get(0));
            case "symlink" -> {
                if (!THERE.contains(values.get(1))) {
                    Tree.array(Tree.object(spec, "filesystem"), "symlinks")
                        .add(Tree.of("path", values.get(1), "target", values.get(0)));
                }
            }
            default -> notes.add("--" + name + " " + String.join(" ", values) + ": has no counterpart and is left out");
        }
    }

    /** What a bind of / says is what kind of root there is; on one of nsjob's own what it has already needs no bind. */
    private Reading finish(List<String> command) {
        List<String> words = new ArrayList<>(List.of("--profile", "bare", "-m"));
        Map<String, String> letters = Map.of("user", "-U", "ipc", "-i", "pid", "-p", "net", "-n", "uts", "-u", "cgroup", "-C");
        kinds.forEach(kind -> words.add(letters.get(kind)));
        userNamespace(words);
        String root = binds.stream().filter(bind -> bind[2].equals("/") && bind[1].equals("/")).map(bind -> bind[0]).findFirst()
            .orElse("");
        if (!kinds.contains("pid") && (root.isEmpty() || root.startsWith("ro-"))) {
            words.add("-p");
            notes.add("a root of nsjob's own takes a new pid namespace");
        }
        words.addAll(List.of("--root", root.isEmpty() ? "minimal" : root.startsWith("ro-") ? "readonly-host" : "host"));
        if (root.isEmpty()) {
            notes.add("bwrap begins with an empty root; a minimal one of nsjob's has /usr, /proc, /dev, /tmp and a small /etc");
        } else if (root.startsWith("ro-")) {
            notes.add("a read-only host of nsjob's also hides homes, sockets and /run");
        }
        for (String[] bind : binds) {
            boolean needless = bind[2].equals("/") || root.isEmpty() && THERE.contains(bind[2]) && bind[1].equals(bind[2]);
            if (!needless) {
                String option = (bind[0].contains("ro-") ? "--bind-ro" : "--bind") + (bind[0].endsWith("-try") ? "-try" : "");
                words.addAll(List.of(option, bind[1].equals(bind[2]) ? bind[1] : bind[1] + ":" + bind[2]));
            }
        }
        words.addAll(line);
        words.add("--no-new-privs");
        // It drops all, and gives back what is named.
        if (!line.contains("ALL") || line.indexOf("ALL") != line.indexOf("--cap-add") + 1) {
            words.addAll(List.of("--cap-drop", "ALL"));
        }
        words.add("--");
        words.addAll(command);
        if (kinds.contains("pid")) {
            notes.add("the command is not pid 1: as with bwrap an init is, which reaps");
        }
        if (!spec.isEmpty()) {
            spec.put("nsjob", 1);
            Map<String, Object> document = Tree.of("nsjob", 1);
            document.putAll(spec);
            return new Reading(words, document, List.copyOf(notes));
        }
        return new Reading(words, Map.of(), List.copyOf(notes));
    }

    private void userNamespace(List<String> words) {
        if (!newUser && root) {
            return;
        }
        if (!newUser) {
            words.add("-U");
            notes.add("bwrap makes a user namespace for everybody but root, asked for or not; so it is here");
        }
        if (ids.isEmpty()) {
            words.add(root ? "-r" : "-c");
        } else if (root) {
            notes.add("--uid, --gid: root's own id is never mapped, so inside it is root on an unprivileged one");
            words.add("-r");
        } else {
            words.addAll(List.of("--map-user", ids.getOrDefault("uid", ids.get("gid")), "--map-group", ids.getOrDefault("gid",
                ids.get("uid"))));
        }
    }
}
