package io.nsjob;

import io.nsjob.internal.wire.NamespaceMapJson;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The namespaces of this machine as one caller saw them at one time: an immutable value, and a JSON document. */
public final class NamespaceMap {
    private final List<NamespaceInfo> all;
    private final Map<Long, NamespaceInfo> byInode = new HashMap<>();
    private final Map<NamespaceKind, Long> self;
    private final List<MappedJob> jobs;
    private final Unread unread;

    /**
     * Makes a map.
     *
     * @param all the namespaces, each inode once
     * @param self the inodes of those of the one who looks
     * @param jobs running jobs with a name
     * @param unread what could not be read
     */
    public NamespaceMap(List<NamespaceInfo> all, Map<NamespaceKind, Long> self, List<MappedJob> jobs, Unread unread) {
        List<NamespaceInfo> sorted = new ArrayList<>(all);
        sorted.sort(Comparator.comparingLong(NamespaceInfo::inode));
        this.all = List.copyOf(sorted);
        this.all.forEach(info -> byInode.put(info.inode(), info));
        if (byInode.size() != all.size()) {
            throw new IllegalArgumentException("an inode is there twice");
        }
        Map<NamespaceKind, Long> own = new EnumMap<>(NamespaceKind.class);
        own.putAll(self);
        this.self = Collections.unmodifiableMap(own);
        this.jobs = List.copyOf(jobs);
        this.unread = Objects.requireNonNull(unread, "unread");
    }

    /**
     * Reads a document that {@link #toJson} wrote.
     *
     * @param json its text
     * @return the map
     * @throws IllegalArgumentException when it is none, with what is wrong
     */
    public static NamespaceMap fromJson(String json) {
        return NamespaceMapJson.read(Objects.requireNonNull(json, "json"));
    }

    /** {@return the map as one JSON object, indented} */
    public String toJson() {
        return NamespaceMapJson.write(this);
    }

    /** {@return all namespaces, by inode} */
    public List<NamespaceInfo> all() {
        return all;
    }

    /**
     * One namespace.
     *
     * @param inode its number
     * @return empty when it was not seen
     */
    public Optional<NamespaceInfo> get(long inode) {
        return Optional.ofNullable(byInode.get(inode));
    }

    /** {@return the inodes of the namespaces in which the one who looked was} */
    public Map<NamespaceKind, Long> self() {
        return self;
    }

    /** {@return the running jobs of this user that have a name} */
    public List<MappedJob> jobs() {
        return jobs;
    }

    /** {@return what this caller was not allowed to read, or what went away meanwhile} */
    public Unread unread() {
        return unread;
    }

    /**
     * Those that a user namespace owns, without the user namespaces below it.
     *
     * @param userNamespace its inode
     * @return by kind, then by inode
     */
    public List<NamespaceInfo> ownedBy(long userNamespace) {
        return all.stream().filter(info -> info.kind() != NamespaceKind.USER && is(info.userNamespace(), userNamespace))
            .sorted(Comparator.comparing(NamespaceInfo::kind)).toList();
    }

    /**
     * Those directly below one in a tree of its kind.
     *
     * @param parent the inode of a namespace of kind user or pid
     * @return by inode
     */
    public List<NamespaceInfo> childrenOf(long parent) {
        return all.stream().filter(info -> is(info.parent(), parent)).toList();
    }

    /**
     * The tops of the tree of one kind: those whose parent was not seen.
     *
     * @param kind user or pid
     * @return by inode
     */
    public List<NamespaceInfo> roots(NamespaceKind kind) {
        return all.stream().filter(info -> info.kind() == kind
            && (info.parent().isEmpty() || !byInode.containsKey(info.parent().getAsLong()))).toList();
    }

    /**
     * A part of the map.
     *
     * @param wanted which namespaces
     * @return with the same jobs and the same count of what could not be read
     */
    public NamespaceMap where(Predicate<NamespaceInfo> wanted) {
        return new NamespaceMap(all.stream().filter(wanted).toList(), self, jobs, unread);
    }

    private static boolean is(OptionalLong number, long inode) {
        return number.isPresent() && number.getAsLong() == inode;
    }

    @Override
    public String toString() {
        return "NamespaceMap[" + all.size() + " namespaces, " + jobs.size() + " jobs, " + unread + "]";
    }

    /**
     * A running job with a name, see {@link Jobs}.
     *
     * @param name its name
     * @param pid of its main process
     * @param profile what it was compiled from
     * @param command the program and its arguments
     * @param namespaces the inodes of those that were made for it
     * @param limits those in force, for people, one line each
     */
    public record MappedJob(String name, long pid, String profile, List<String> command, List<Long> namespaces, List<String> limits) {
        /** Copies the lists, and checks that nothing is missing. */
        public MappedJob {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(profile, "profile");
            command = List.copyOf(command);
            namespaces = List.copyOf(namespaces);
            limits = List.copyOf(limits);
        }
    }

    /**
     * How much is missing. Namespaces that only these know are not in the map.
     *
     * @param processes whose namespaces this caller may not know: those of other users, unless it has CAP_SYS_PTRACE over them
     * @param descriptors processes whose open files this caller may not know
     * @param relations namespaces whose owner or parent this caller may not know: those outside its own user or pid namespace
     */
    public record Unread(int processes, int descriptors, int relations) {
    }
}
