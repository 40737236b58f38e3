package io.nsjob.cli.explain;

import io.nsjob.IdMaps;
import io.nsjob.NamespaceKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The same by bwrap(1) of bubblewrap 0.8. Its mounts are those of the plan, step by step. */
final class BwrapForm {
    private static final Map<NamespaceKind, String> OPTIONS = Map.of(NamespaceKind.USER, "--unshare-user", NamespaceKind.PID,
        "--unshare-pid",
        NamespaceKind.NET, "--unshare-net", NamespaceKind.IPC, "--unshare-ipc", NamespaceKind.UTS, "--unshare-uts",
        NamespaceKind.CGROUP, "--unshare-cgroup");

    private final Work work;
    private final List<String> words = new ArrayList<>(List.of("bwrap"));
    private final List<String> misses = new ArrayList<>();
    private final Set<String> left = new TreeSet<>();
    private final Set<String> files = new TreeSet<>();
    private final Set<Aspect> can = EnumSet.of(Aspect.CWD, Aspect.HOSTNAME, Aspect.LOOPBACK, Aspect.SESSION,
        Aspect.NO_NEW_PRIVILEGES,
        Aspect.FILES, Aspect.ROOT, Aspect.ENVIRONMENT, Aspect.INIT);

    BwrapForm(Work work) {
        this.work = work;
    }

    Equivalent equivalent() {
        if (!work.joined().isEmpty() || work.copied().isPresent()) {
            return Equivalent.none("bwrap", "it enters no namespaces by path or pid");
        }
        if (work.spec().chroot().isPresent()) {
            return Equivalent.none("bwrap", "it has no chroot(2)");
        }
        if (work.isNew(NamespaceKind.TIME)) {
            misses.add("a time namespace");
        }
        work.fresh().stream().filter(OPTIONS::containsKey).forEach(kind -> words.add(OPTIONS.get(kind)));
        if (!work.isNew(NamespaceKind.MNT)) {
            misses.add("the caller's mount namespace: it always makes one");
        }
        if (!work.isNew(NamespaceKind.USER) && !work.root()) {
            misses.add("the caller's user namespace: it makes one for everybody but root");
        }
        ids();
        tree();
        process();
        misses.addAll(Aspect.missing(work, can));
        if (!files.isEmpty()) {
            misses.add("files that are made: " + String.join(" ", files));
        }
        if (!left.isEmpty()) {
            misses.add("in its files: " + String.join(", ", left));
        }
        words.add("--");
        words.addAll(work.spec().command());
        return new Equivalent("bwrap", words, Map.of(), misses);
    }

    /** It maps one id, the caller's, and root too where that calls. */
    private void ids() {
        if (!work.isNew(NamespaceKind.USER)) {
            return;
        }
        Map<String, Object> process = work.process();
        IdMaps.Preset preset = work.spec().idMaps().map(IdMaps::preset).orElse(IdMaps.Preset.DEFAULT);
        if (process.containsKey("uid")) {
            words.addAll(List.of("--uid", Long.toString(Tree.number(process, "uid")), "--gid",
                Long.toString(Tree.number(process, "gid"))));
            can.add(Aspect.IDS);
        } else if (preset == IdMaps.Preset.ROOT) {
            words.addAll(List.of("--uid", "0", "--gid", "0"));
            can.add(Aspect.IDS);
        }
        List<Map<String, Object>> lines = Tree.maps(work.plan(), "idMaps", "uid");
        if (lines.size() > 1 || !lines.isEmpty() && Tree.number(lines.get(0), "count") > 1) {
            misses.add("more than one id");
        }
        if (Tree.number(work.plan(), "maxUserNamespaces") == 0 && work.plan().containsKey("maxUserNamespaces")) {
            words.add("--disable-userns");
            can.add(Aspect.NESTING);
        }
    }

    private void tree() {
        boolean readOnlyRoot = false;
        if (!work.hasOwnRoot()) {
            words.addAll(List.of("--dev-bind", "/", "/"));
        }
        for (Map<String, Object> step : work.mounts()) {
            String target = Tree.text(step, "target");
            switch (Tree.text(step, "op")) {
                case "propagation", "root" -> { }
                case "rootBind" -> words.addAll(List.of(Tree.is(step, "readOnly") ? "--ro-bind" : "--bind", Tree.text(step,
                    "source"), "/"));
                case "proc" -> words.addAll(List.of("--proc", target));
                case "dev" -> words.addAll(List.of("--dev", target));
                case "mqueue" -> words.addAll(List.of("--mqueue", target));
                case "tmpfs" -> words.addAll(List.of("--perms", octal(step), "--size", Long.toString(Tree.number(step, "size")),
                    "--tmpfs", target));
                case "writable" -> words.addAll(List.of("--perms", octal(step), "--tmpfs", target));
                case "directory" -> words.addAll(List.of("--perms", octal(step), "--dir", target));
                case "symlink" -> words.addAll(List.of("--symlink", Tree.text(step, "text"), target));
                case "bind" -> bind(step, target);
                case "pivot" -> readOnlyRoot = Tree.is(step, "readOnly") && work.has("root");
                case "file" -> files.add(target);
                case "mask" -> left.add("hidden parts of /proc and /sys");
                case "readOnly" -> left.add("read-only parts of /proc");
                default -> left.add(Tree.text(step, "op"));
            }
        }
        if (readOnlyRoot) {
            words.addAll(List.of("--remount-ro", "/"));
        }
    }

    private static String octal(Map<String, Object> step) {
        return String.format("%04o", Tree.number(step, "mode"));
    }

    private void bind(Map<String, Object> step, String target) {
        String option = (Tree.is(step, "readOnly") ? "--ro-bind" : "--bind") + (Tree.is(step, "optional") ? "-try" : "");
        words.addAll(List.of(option, Tree.text(step, "source"), target));
        if (step.containsKey("idMap")) {
            left.add("mapped ids");
        }
    }

    private void process() {
        Map<String, Object> process = work.process();
        if (!work.isBare() || work.spec().clearEnvironment().orElse(false)) {
            words.add("--clearenv");
        }
        if (!work.isBare() || !work.spec().environment().isEmpty()) {
            for (String entry : Tree.texts(process, "env")) {
                String name = entry.substring(0, Math.max(0, entry.indexOf('=')));
                boolean wanted = !work.isBare() || work.spec().environment().containsKey(name);
                if (wanted && Shell.canBeVariable(name)) {
                    words.addAll(List.of("--setenv", name, value(name, entry)));
                }
            }
        }
        if (process.containsKey("hostname") || work.plan().containsKey("hostname")) {
            words.addAll(List.of("--hostname", Tree.text(work.plan(), "hostname")));
        }
        if (process.containsKey("cwd")) {
            words.addAll(List.of("--chdir", Tree.text(process, "cwd")));
        }
        if (Tree.is(process, "newSession")) {
            words.add("--new-session");
        }
        words.add("--die-with-parent");
        if (work.spec().asPid1()) {
            words.add("--as-pid-1");
        }
        if (Tree.is(process, "dropCapabilities")) {
            can.add(Aspect.CAPABILITIES);
            words.addAll(List.of("--cap-drop", "ALL"));
            ProcessStages.names(Tree.list(process, "capabilities")).forEach(name ->
                words.addAll(List.of("--cap-add", "CAP_" + name)));
        } else if (work.isNew(NamespaceKind.USER)) {
            words.addAll(List.of("--cap-add", "ALL"));
        }
        if (!Tree.is(process, "noNewPrivs")) {
            misses.add("set-user-id programs: it always sets no_new_privs");
        }
    }

    /** What a profile makes is no secret; what the user or the environment says is not shown. */
    private String value(String name, String entry) {
        boolean made = !work.isBare() && (name.equals("PATH") || name.equals("HOME") || name.equals("TMPDIR"))
            && !work.spec().environment().containsKey(name) && !work.spec().passEnvironment().contains(name);
        return made ? entry.substring(name.length() + 1) : Shell.variable(name);
    }
}
