package io.nsjob.cli.explain;

import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.NamespaceKind;
import io.nsjob.Propagation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same by unshare(1) of util-linux 2.38 and later. */
final class UnshareForm {
    private static final Set<Aspect> CAN = EnumSet.of(Aspect.CHROOT, Aspect.CWD, Aspect.PROPAGATION, Aspect.OFFSETS);
    private static final Map<NamespaceKind, String> OPTIONS = Map.of(NamespaceKind.USER, "--user", NamespaceKind.MNT, "--mount",
        NamespaceKind.PID,
        "--pid", NamespaceKind.NET, "--net", NamespaceKind.IPC, "--ipc", NamespaceKind.UTS, "--uts", NamespaceKind.CGROUP,
        "--cgroup",
        NamespaceKind.TIME, "--time");

    private final Work work;
    private final List<String> words = new ArrayList<>(List.of("unshare"));
    private final List<String> misses = new ArrayList<>();
    private final Set<Aspect> can = EnumSet.copyOf(CAN);

    private UnshareForm(Work work) {
        this.work = work;
    }

    static Equivalent of(Work work) {
        if (work.fresh().isEmpty()) {
            return Equivalent.none("unshare", "nothing is new");
        }
        if (!work.joined().isEmpty()) {
            return Equivalent.none("unshare", "it enters no namespaces: see nsenter");
        }
        if (work.copied().isPresent()) {
            return Equivalent.none("unshare", "it copies its own mounts only: see nsenter");
        }
        UnshareForm form = new UnshareForm(work);
        form.options();
        form.words.add("--");
        form.words.addAll(work.spec().command());
        form.misses.addAll(Aspect.missing(work, form.can));
        return new Equivalent("unshare", form.words, Map.of(), form.misses);
    }

    /** For nsenter(1), which starts it in what was entered. */
    static List<String> line(Work work) {
        UnshareForm form = new UnshareForm(work);
        form.options();
        form.words.add("--");
        return form.words;
    }

    private void options() {
        work.fresh().forEach(kind -> words.add(OPTIONS.get(kind)));
        if (work.isNew(NamespaceKind.PID)) {
            // Without it the command stays where it is and its children are in the new one.
            words.addAll(List.of("--fork", "--kill-child"));
        }
        if (work.isNew(NamespaceKind.USER)) {
            maps();
        }
        work.spec().propagation().filter(kind -> kind != Propagation.PRIVATE).ifPresent(kind ->
            words.addAll(List.of("--propagation", kind.jsonName())));
        if (work.has("proc") && !work.hasOwnRoot()) {
            words.add("--mount-proc");
        }
        work.spec().chroot().ifPresent(directory -> words.addAll(List.of("--root", directory)));
        if (!work.hasOwnRoot()) {
            work.spec().cwd().ifPresent(directory -> words.addAll(List.of("--wd", directory)));
        }
        work.spec().monotonicOffset().ifPresent(offset -> words.addAll(List.of("--monotonic",
            Long.toString(offset.toSeconds()))));
        work.spec().boottimeOffset().ifPresent(offset -> words.addAll(List.of("--boottime", Long.toString(offset.toSeconds()))));
        work.spec().user().ifPresent(user -> {
            words.addAll(List.of("--setuid", Long.toString(user.uid()), "--setgid", Long.toString(user.gid())));
            can.add(Aspect.IDS);
        });
    }

    private void maps() {
        IdMaps maps = work.spec().idMaps().orElse(IdMaps.of(IdMaps.Preset.DEFAULT));
        maps.setgroups().ifPresent(word -> words.addAll(List.of("--setgroups", word.jsonName())));
        if (!maps.users().isEmpty() || !maps.groups().isEmpty()) {
            can.add(Aspect.IDS);
            maps.users().forEach(range -> words.addAll(List.of("--map-users", range(range))));
            maps.groups().forEach(range -> words.addAll(List.of("--map-groups", range(range))));
            return;
        }
        switch (maps.preset()) {
            case ROOT -> words.add("--map-root-user");
            case CURRENT -> words.add("--map-current-user");
            case AUTO -> words.addAll(List.of("--map-auto", "--map-root-user"));
            default -> inside();
        }
    }

    /** Of a profile's own map unshare(1) can have one id. */
    private void inside() {
        List<Map<String, Object>> users = Tree.maps(work.plan(), "idMaps", "uid");
        if (work.isBare() || users.isEmpty()) {
            return;
        }
        long uid = Tree.number(work.process(), "uid");
        if (users.size() == 1 && Tree.number(users.get(0), "count") == 1) {
            words.addAll(List.of("--map-user", Long.toString(uid), "--map-group",
                Long.toString(Tree.number(work.process(), "gid"))));
            can.add(Aspect.IDS);
        }
    }

    /** In the notation that both older and newer versions take. */
    private static String range(IdRange range) {
        return range.outside() + "," + range.inside() + "," + range.count();
    }
}
