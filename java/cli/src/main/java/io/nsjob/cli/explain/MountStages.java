package io.nsjob.cli.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The mount steps of a plan as system calls, a line each. */
final class MountStages {
    private static final int MOST_PATHS = 4;

    private MountStages() {}

    static Stages.Stage mount(Work work) {
        List<String> calls = new ArrayList<>();
        for (Map<String, Object> step : work.mounts()) {
            if (!Tree.text(step, "op").equals("pivot")) {
                calls.add(line(step, work.hasOwnRoot()));
            }
        }
        if (calls.isEmpty()) {
            return null;
        }
        String purpose = work.hasOwnRoot() ? "a new tree is built on top of the old one. A bind is open_tree(CLONE),"
            + " mount_setattr(flags|PRIVATE) before anything is mounted,"
            + " and move_mount; a filesystem is fsopen, fsmount(flags) and move_mount"
            : work.has("proc") ? "mounts made inside do not reach the host, and /proc shows the new pid namespace"
            : "mounts made inside do not reach the host";
        return new Stages.Stage("mount", "init", calls, purpose);
    }

    static Stages.Stage pivot(Work work) {
        return work.has("pivot") ? new Stages.Stage("pivot", "init", List.of("pivot_root(\".\", \".\")",
            "umount2(\".\", MNT_DETACH)",
            Tree.is(work.mounts("pivot").get(0), "readOnly") ? "mount_setattr(\"/\", RDONLY)" : "chdir(\"/\")"),
            "the host's tree is let go of: unlike after chroot(2), there is no way back to it") : null;
    }

    static String line(Map<String, Object> step, boolean ownRoot) {
        String target = Tree.text(step, "target");
        String source = Tree.text(step, "source");
        switch (Tree.text(step, "op")) {
            case "propagation":
                return "mount(NULL, \"" + target + "\", NULL, " + (Tree.is(step, "recursive") ? "MS_REC|" : "") + "MS_"
                    + Tree.text(step, "value").toUpperCase(Locale.ROOT) + ")";
            case "proc":
                return ownRoot ? "proc " + target + " NOSUID|NODEV|NOEXEC" : "mount(\"proc\", \"" + target
                    + "\", \"proc\", MS_NOSUID|MS_NODEV|MS_NOEXEC)";
            case "root":
                return "tmpfs / NOSUID|NODEV size " + Tree.number(step, "size");
            case "rootBind":
                return "bind " + source + " on / " + flags(step);
            case "rootOverlay": case "overlay":
                return "overlay " + (target.isEmpty() ? "/" : target) + " NOSUID|NODEV" + (Tree.number(step, "size") == 0 ? ""
                    : " changes in memory, size " + Tree.number(step, "size"));
            case "lower": case "upper":
                return Tree.text(step, "op") + " layer " + source;
            case "bind":
                return "bind " + source + (source.equals(target) ? "" : " on " + target) + " " + flags(step)
                    + (Tree.is(step, "optional") ? " if there" : "");
            case "tmpfs":
                return "tmpfs " + target + " NOSUID|NODEV" + (Tree.is(step, "noExec") ? "|NOEXEC" : "") + " size "
                    + Tree.number(step, "size");
            default:
                return small(step, target);
        }
    }

    private static String small(Map<String, Object> step, String target) {
        switch (Tree.text(step, "op")) {
            case "writable":
                return "bind " + target + " NOSUID|NODEV" + (Tree.is(step, "noExec") ? "|NOEXEC" : "")
                    + ", which stays writable when / does not";
            case "dev":
                return "tmpfs " + target + " with null zero full random urandom tty, devpts " + target + "/pts";
            case "sysfs": case "mqueue":
                return Tree.text(step, "op") + " " + target + " NOSUID|NODEV|NOEXEC";
            case "directory":
                return "mkdirat(\"" + target + "\", 0" + Long.toOctalString(Tree.number(step, "mode")) + ")";
            case "symlink":
                return "symlinkat(\"" + Tree.text(step, "text") + "\", \"" + target + "\")";
            case "file":
                return "openat(\"" + target + "\", O_CREAT), write()";
            case "mask":
                return "an empty file or directory over " + some(Tree.texts(step, "paths"));
            case "readOnly":
                return "mount_setattr(RDONLY) of " + some(Tree.texts(step, "paths"));
            default:
                return Tree.text(step, "op") + " " + target;
        }
    }

    private static String some(List<String> paths) {
        return String.join(" ", paths.subList(0, Math.min(MOST_PATHS, paths.size())))
            + (paths.size() > MOST_PATHS ? " and " + (paths.size() - MOST_PATHS) + " more" : "");
    }

    private static String flags(Map<String, Object> step) {
        List<String> flags = new ArrayList<>();
        Map<String, String> names = Map.of("readOnly", "RDONLY", "noSuid", "NOSUID", "noDev", "NODEV", "noExec", "NOEXEC",
            "noSymfollow", "NOSYMFOLLOW");
        for (String flag : List.of("readOnly", "noSuid", "noDev", "noExec", "noSymfollow")) {
            if (Tree.is(step, flag)) {
                flags.add(names.get(flag));
            }
        }
        if (step.containsKey("idMap")) {
            flags.add("IDMAP");
        }
        return String.join("|", flags);
    }
}
