package io.nsjob.internal.os;

import io.nsjob.IdRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Ids of a process and of its user namespace.
 *
 * @param uid effective user id
 * @param gid effective group id
 * @param groups supplementary groups
 * @param uidMap how uids of this user namespace relate to its parent's
 * @param gidMap how gids do
 * @param mayDropGroups whether setgroups(2) works for uid 0 here
 */
public record Identity(long uid, long gid, List<Long> groups, List<IdRange> uidMap, List<IdRange> gidMap,
        boolean mayDropGroups) {
    /** Copies the lists. */
    public Identity {
        groups = List.copyOf(groups);
        uidMap = List.copyOf(uidMap);
        gidMap = List.copyOf(gidMap);
    }

    /** What a caller may do about ids. */
    public enum Caller {
        /** Uid 0 that is uid 0 in the parent user namespace as well: files of the host's root are its own. */
        HOST_ROOT,
        /** Uid 0 of a user namespace that is another uid outside. */
        NESTED_ROOT,
        /** Anybody else. */
        USER
    }

    static Identity read(Path self) {
        long uid = -1;
        long gid = -1;
        List<Long> groups = new ArrayList<>();
        for (String line : ProcText.lines(self.resolve("status"))) {
            if (!line.startsWith("Uid:") && !line.startsWith("Gid:") && !line.startsWith("Groups:")) {
                continue;
            }
            List<String> parts = ProcText.words(line);
            if (parts.get(0).equals("Uid:")) {
                uid = Long.parseLong(parts.get(2));
            } else if (parts.get(0).equals("Gid:")) {
                gid = Long.parseLong(parts.get(2));
            } else {
                for (String group : parts.subList(1, parts.size())) {
                    groups.add(Long.parseLong(group));
                }
            }
        }
        if (uid < 0 || gid < 0) {
            throw new IllegalStateException("no ids in " + self.resolve("status") + "; is /proc mounted?");
        }
        boolean deny = ProcText.lines(self.resolve("setgroups")).contains("deny");
        return new Identity(uid, gid, groups, idMap(self.resolve("uid_map")), idMap(self.resolve("gid_map")),
            !deny);
    }

    static List<IdRange> idMap(Path file) {
        List<IdRange> map = new ArrayList<>();
        for (String line : ProcText.lines(file)) {
            List<String> parts = ProcText.words(line);
            if (parts.size() == 3) {
                map.add(new IdRange(Long.parseLong(parts.get(0)), Long.parseLong(parts.get(1)), Long.parseLong(parts.get(2))));
            }
        }
        return map;
    }

    /**
     * What this caller may do about ids.
     *
     * @return the kind of caller
     */
    public Caller caller() {
        if (uid != 0) {
            return Caller.USER;
        }
        for (IdRange line : uidMap) {
            if (line.containsInside(0) && line.outside() - line.inside() == 0) {
                return Caller.HOST_ROOT;
            }
        }
        return Caller.NESTED_ROOT;
    }

    /**
     * The groups that a job would keep beside its own.
     *
     * @return supplementary groups without the effective one
     */
    public List<Long> otherGroups() {
        List<Long> others = new ArrayList<>(groups);
        while (others.remove(gid)) {
            // Once more, should it be there twice.
        }
        return others;
    }

    /**
     * Whether a range exists in this user namespace, in one piece as the kernel demands.
     *
     * @param map {@link #uidMap} or {@link #gidMap}
     * @param start its first id
     * @param count how many
     * @return whether it can be mapped from here
     */
    public static boolean covers(List<IdRange> map, long start, long count) {
        for (IdRange line : map) {
            if (start >= line.inside() && start + count <= line.inside() + line.count()) {
                return true;
            }
        }
        return false;
    }
}
