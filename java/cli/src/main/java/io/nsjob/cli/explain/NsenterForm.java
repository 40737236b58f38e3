package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same by nsenter(1), and by {@code ip netns exec}. */
final class NsenterForm {
    private static final String NAMED = "^(/var)?/run/netns/";
    private static final Map<NamespaceKind, String> OPTIONS = Map.of(NamespaceKind.USER, "user", NamespaceKind.MNT, "mount",
        NamespaceKind.PID,
        "pid", NamespaceKind.NET, "net", NamespaceKind.IPC, "ipc", NamespaceKind.UTS, "uts", NamespaceKind.CGROUP, "cgroup",
        NamespaceKind.TIME, "time");

    private NsenterForm() {}

    static Equivalent of(Work work) {
        if (work.joined().isEmpty() && work.copied().isEmpty()) {
            return Equivalent.none("nsenter", "nothing is entered");
        }
        Set<Aspect> can = EnumSet.of(Aspect.CWD);
        List<String> words = new ArrayList<>(List.of("nsenter"));
        Set<Long> pids = new LinkedHashSet<>();
        for (NamespaceKind kind : work.joined()) {
            if (work.spec().namespace(kind) instanceof NamespaceMode.JoinPid pid) {
                pids.add(pid.pid());
            }
        }
        boolean one = pids.size() == 1;
        pids.stream().filter(pid -> one).forEach(pid -> words.addAll(List.of("--target", Long.toString(pid))));
        for (NamespaceKind kind : work.joined()) {
            boolean ofTarget = one && work.spec().namespace(kind) instanceof NamespaceMode.JoinPid;
            words.add("--" + OPTIONS.get(kind) + (ofTarget ? "" : "=" + work.joined(kind).orElseThrow()));
        }
        work.copied().ifPresent(pid -> words.add("--mount=/proc/" + pid + "/ns/mnt"));
        if (work.spec().user().isPresent()) {
            can.add(Aspect.IDS);
            words.addAll(List.of("--setuid", Long.toString(work.spec().user().get().uid()), "--setgid", Long.toString(work.spec()
                .user().get().gid())));
        } else if (work.spec().namespace(NamespaceKind.USER) instanceof NamespaceMode.JoinPath
            || work.spec().namespace(NamespaceKind.USER) instanceof NamespaceMode.JoinPid) {
            // Otherwise it becomes root of the user namespace that it enters.
            words.add("--preserve-credentials");
        }
        work.spec().cwd().ifPresent(directory -> words.add("--wd=" + directory));
        words.add("--");
        if (!work.fresh().isEmpty()) {
            words.addAll(UnshareForm.line(work));
            can.addAll(EnumSet.of(Aspect.CHROOT, Aspect.PROPAGATION, Aspect.OFFSETS));
        }
        words.addAll(work.spec().command());
        return new Equivalent("nsenter", words, Map.of(), Aspect.missing(work, can));
    }

    static Equivalent ipNetns(Work work) {
        String path = work.joined(NamespaceKind.NET).orElse("");
        String name = path.replaceFirst(NAMED, "");
        if (name.equals(path) || name.contains("/") || name.isEmpty()) {
            return Equivalent.none("ip-netns", "no network namespace of /run/netns is entered");
        }
        if (work.joined().size() > 1 || work.fresh().stream().anyMatch(kind -> kind != NamespaceKind.MNT)) {
            return Equivalent.none("ip-netns", "it enters a network namespace and makes a mount namespace, and no others");
        }
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name));
        words.addAll(work.spec().command());
        List<String> misses = new ArrayList<>(List.of("it takes root"));
        if (!work.has("sysfs")) {
            misses.add("it mounts a new /sys in a mount namespace of its own (here --mount-sys)");
        }
        misses.add("what is in /etc/netns/" + name + " is bound over /etc");
        misses.addAll(Aspect.missing(work, EnumSet.of(Aspect.SYS)));
        return new Equivalent("ip-netns", words, Map.of(), misses);
    }
}
