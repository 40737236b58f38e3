package io.nsjob.cli.picture;

import io.nsjob.IdRange;
import io.nsjob.NamespaceInfo;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A machine with many namespaces, and with processes that call themselves what breaks pictures. */
public final class MadeUp {
    /** What ends a text, a title, a script, a comment, an attribute; what turns the reading order; what is no XML; and Korean. */
    public static final String HOSTILE = "</text></title><script>document.documentElement.dataset.hacked=1</script>\" onload=\"x '&amp; ]]> -->"
        + "\u202Eevil\u0000\u0007\uFFFF\uD800 한국어이름이아주길고또길어서다들어가지못합니다";
    private static final NamespaceInfo.User ROOT = new NamespaceInfo.User(0, "root");
    private static final NamespaceInfo.User ALICE = new NamespaceInfo.User(1000, "alice");
    private static final long INITIAL = 4026531837L;

    private final List<NamespaceInfo> all = new ArrayList<>();
    private final List<NamespaceMap.MappedJob> jobs = new ArrayList<>();
    private long inode = 4026532000L;

    private MadeUp() {}

    /** With 40 jobs, 24 pinned networks, 60 services, a chain of nested ones, and some whose owner is not known: 300 in all. */
    public static NamespaceMap of300() {
        MadeUp made = new MadeUp();
        Map<NamespaceKind, Long> self = new EnumMap<>(NamespaceKind.class);
        self.put(NamespaceKind.USER, INITIAL);
        made.all.add(info(NamespaceKind.USER, INITIAL, ROOT, OptionalLong.empty(), "/sbin/init", List.of(), List.of()));
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (kind != NamespaceKind.USER) {
                self.put(kind, made.add(kind, ROOT, OptionalLong.of(INITIAL), "/sbin/init", List.of()));
            }
        }
        for (int i = 0; i < 40; i++) {
            made.job(i % 3 == 0 ? "a-very-long-name-of-a-job-that-goes-on-and-on-" + i : "job-" + i, 1 + i % 5);
        }
        for (int i = 0; i < 24; i++) {
            made.all.add(new NamespaceInfo(NamespaceKind.NET, made.inode++, Optional.of(ROOT), OptionalLong.of(INITIAL),
                OptionalLong.empty(), 0, OptionalLong.empty(), Optional.empty(), "",
                List.of(new NamespaceInfo.Pin("/run/netns/" + i + HOSTILE, 4026531832L)), List.of(), List.of(i + HOSTILE), List.of(),
                List.of()));
        }
        long user = INITIAL;
        for (int i = 0; i < 8; i++) {
            user = made.add(NamespaceKind.USER, ALICE, OptionalLong.of(user), HOSTILE, List.of());
            made.add(NamespaceKind.UTS, ALICE, OptionalLong.of(user), HOSTILE, List.of());
        }
        for (int i = 0; i < 4; i++) {
            made.add(NamespaceKind.MNT, ALICE, OptionalLong.empty(), HOSTILE, List.of());
        }
        while (made.all.size() < 300) {
            made.add(NamespaceKind.MNT, ROOT, OptionalLong.of(INITIAL), HOSTILE, List.of());
        }
        return new NamespaceMap(made.all, self, made.jobs, new NamespaceMap.Unread(12, 12, 4));
    }

    private void job(String name, int kinds) {
        List<Long> inodes = new ArrayList<>();
        long user = add(NamespaceKind.USER, ALICE, OptionalLong.of(INITIAL), "nsjob-init", List.of(name));
        inodes.add(user);
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (kind != NamespaceKind.USER && kind.ordinal() <= kinds) {
                inodes.add(add(kind, ALICE, OptionalLong.of(user), "nsjob-init", List.of(name)));
            }
        }
        jobs.add(new NamespaceMap.MappedJob(name, 5000 + jobs.size(), "isolated", List.of("sh", "-c", HOSTILE), inodes,
            List.of("memory 256m (cgroup2)")));
    }

    private long add(NamespaceKind kind, NamespaceInfo.User owner, OptionalLong above, String command, List<String> names) {
        all.add(info(kind, inode, owner, above, command, names, kind == NamespaceKind.USER ? List.of(new IdRange(0, 100000, 65536)) : List.of()));
        return inode++;
    }

    private static NamespaceInfo info(NamespaceKind kind, long inode, NamespaceInfo.User owner, OptionalLong above, String command,
            List<String> names, List<IdRange> map) {
        return new NamespaceInfo(kind, inode, Optional.of(owner), above, kind == NamespaceKind.USER ? above : OptionalLong.empty(), 2,
            OptionalLong.of(inode % 30_000), Optional.of(owner), command, List.of(), List.of(), names, map, map);
    }
}
