package io.nsjob.internal.os;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One mounted hierarchy of cgroups, and where in it the caller is; cgroups(7).
 *
 * @param version 1 or 2
 * @param controllers of version 1: those mounted with it; empty for version 2, whose directories say so themselves
 * @param mountPoint its top, as far as this process sees it
 * @param own the caller's own cgroup
 * @param top whether the caller's own path is {@code /}: the host's root, or that of a cgroup namespace
 */
public record CgroupHierarchy(int version, Set<String> controllers, Path mountPoint, Path own, boolean top) {
    /** Fields of a line of mountinfo before its optional ones, proc_pid_mountinfo(5). */
    private static final int ROOT = 3;
    private static final int MOUNT_POINT = 4;

    /** Copies the set. */
    public CgroupHierarchy {
        controllers = Set.copyOf(controllers);
    }

    /**
     * Reads what there is.
     *
     * @param self a /proc/self
     * @return hierarchies that are mounted and in which the caller's own cgroup can be seen
     */
    public static List<CgroupHierarchy> read(Path self) {
        return read(self.resolve("cgroup"), self.resolve("mountinfo"));
    }

    /**
     * Reads what there is of a process.
     *
     * @param cgroup its file of that name
     * @param mountinfo that of this process, whose mounts are used
     * @return hierarchies that are mounted here and in which its cgroup can be seen; "own" is that of the process
     */
    static List<CgroupHierarchy> read(Path cgroup, Path mountinfo) {
        List<String> memberships = ProcText.lines(cgroup);
        List<CgroupHierarchy> found = new ArrayList<>();
        for (String line : ProcText.lines(mountinfo)) {
            int dash = line.indexOf(" - ");
            String[] before = line.substring(0, Math.max(dash, 0)).split(" ");
            String[] after = line.substring(dash < 0 ? 0 : dash + 3).split(" ");
            if (dash < 0 || before.length <= MOUNT_POINT || after.length < 3) {
                continue;
            }
            int version = after[0].equals("cgroup2") ? 2 : after[0].equals("cgroup") ? 1 : 0;
            Set<String> options = new LinkedHashSet<>(List.of(after[2].split(",")));
            for (String membership : memberships) {
                // "4:memory:/path" or "0::/path"; the path may hold colons.
                String[] parts = membership.split(":", 3);
                if (parts.length == 3 && version == (parts[1].isEmpty() ? 2 : 1)
                        && (version == 2 || options.containsAll(List.of(parts[1].split(","))))) {
                    add(found, version, parts, unescape(before[ROOT]), Path.of(unescape(before[MOUNT_POINT])));
                }
            }
        }
        return found;
    }

    private static void add(List<CgroupHierarchy> found, int version, String[] membership, String root, Path mountPoint) {
        String path = membership[2];
        String base = root.equals("/") ? "" : root;
        // Outside of what is mounted here, or of our cgroup namespace ("/../.."): there is no name for it.
        boolean visible = path.equals(root) || path.startsWith(base + "/") && !path.startsWith("/..");
        boolean known = false;
        for (CgroupHierarchy other : found) {
            known |= other.version == version && (version == 2 || other.controllers.contains(membership[1].split(",")[0]));
        }
        if (visible && !known) {
            String below = path.length() > base.length() ? path.substring(base.length() + 1) : "";
            Set<String> controllers = version == 2 ? Set.of() : new LinkedHashSet<>(List.of(membership[1].split(",")));
            found.add(new CgroupHierarchy(version, controllers, mountPoint, mountPoint.resolve(below), path.equals("/")));
        }
    }

    /** Blanks and the like are octal in mountinfo. */
    private static String unescape(String field) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }
}
