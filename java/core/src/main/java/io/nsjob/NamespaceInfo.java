package io.nsjob;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One namespace, as it could be seen when {@link Namespaces#read} looked.
 *
 * @param kind which kind
 * @param inode its number, the inode of nsfs that {@code /proc/PID/ns} shows
 * @param owner who made the user namespace that owns it, or for a user namespace who made it; empty when the kernel did not say,
 *        see ioctl_nsfs(2)
 * @param userNamespace the inode of the user namespace that owns it, for a user namespace its parent; empty for the initial one
 *        and where this caller may not know
 * @param parent for kinds user and pid, which form trees: the inode of its parent; empty for the initial one and where this caller
 *        may not know
 * @param processes how many processes are in it; threads do not count
 * @param pid the lowest pid of them, as this caller sees it
 * @param user the user who runs that process
 * @param command the command line of that process, words separated by blanks, or in brackets its name; text of a stranger's choice
 * @param pins files that keep it alive
 * @param holders pids of processes that hold it open without being in it: by a descriptor, or for children to come
 * @param names of jobs it was made for, and the names that ip-netns(8) gave it
 * @param uidMap for a user namespace its uid map, with outside ids as this caller sees them; else empty, and where no process is in it
 * @param gidMap the same for gids
 */
public record NamespaceInfo(NamespaceKind kind, long inode, Optional<User> owner, OptionalLong userNamespace, OptionalLong parent,
        int processes, OptionalLong pid, Optional<User> user, String command, List<Pin> pins, List<Long> holders, List<String> names,
        List<IdRange> uidMap, List<IdRange> gidMap) {
    /** Copies the lists, and checks that nothing is missing. */
    public NamespaceInfo {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(userNamespace, "userNamespace");
        Objects.requireNonNull(parent, "parent");
        Objects.requireNonNull(pid, "pid");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(command, "command");
        pins = List.copyOf(pins);
        holders = List.copyOf(holders);
        names = List.copyOf(names);
        uidMap = List.copyOf(uidMap);
        gidMap = List.copyOf(gidMap);
    }

    /**
     * A user.
     *
     * @param uid as this caller sees it
     * @param name as in /etc/passwd, empty when nobody there has that uid
     */
    public record User(long uid, String name) {
        /** Checks that there is a name. */
        public User {
            Objects.requireNonNull(name, "name");
        }

        /**
         * What a listing shows.
         *
         * @return the name, else the uid
         */
        public String label() {
            return name.isEmpty() ? Long.toString(uid) : name;
        }
    }

    /**
     * A bind mount of the namespace's file: with it the namespace outlives its processes, see namespaces(7).
     *
     * @param path where it is mounted, as the processes of that mount namespace see it
     * @param mountNamespace the inode of the mount namespace in which it is
     */
    public record Pin(String path, long mountNamespace) {
        /** Checks that there is a path. */
        public Pin {
            Objects.requireNonNull(path, "path");
        }
    }
}
