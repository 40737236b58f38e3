package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where this JVM may make cgroups for its jobs, by controller. Found by doing: a cgroup is made there, a limit written to it, and it
 * is removed. Each answer is kept for good.
 */
public final class CgroupPlaces {
    /** The order in which a place of version 2 is judged: what matters most comes first. */
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "cpuset", "io");
    /** So many of them decide: for the others nobody leaves the slice that it is in. */
    private static final int DECISIVE = 3;
    /** Controllers that version 1 calls by another name. */
    private static final Map<String, String> OLD_NAMES = Map.of("io", "blkio");
    /** A file of each, and a value that it must take; empty: it must be writable. */
    private static final Map<String, List<String>> TRIALS_V1 = Map.of("memory", List.of("memory.limit_in_bytes", "1073741824"),
        "pids", List.of("pids.max", "1000"), "cpu", List.of("cpu.shares", "512"), "cpuacct", List.of("cpuacct.usage", "0"),
        "cpuset", List.of("cpuset.cpus", ""), "io", List.of("blkio.throttle.read_bps_device", ""));
    private static final Map<String, List<String>> TRIALS_V2 = Map.of("memory", List.of("memory.max", "1073741824"),
        "pids", List.of("pids.max", "1000"), "cpu", List.of("cpu.weight", "50"), "cpuset", List.of("cpuset.cpus", ""),
        "io", List.of("io.max", ""));
    private static final AtomicLong NUMBERS = new AtomicLong();
    /** Pids mean something in one namespace only: a JVM in a container must not take the jobs of one outside for abandoned. */
    static final String PID_NAMESPACE = ownPidNamespace();

    private final List<CgroupHierarchy> hierarchies;
    private final CgroupFiles files;
    private final long uid;
    private final long pid;
    private final Map<String, Optional<Place>> known = new LinkedHashMap<>();
    private final Map<String, Boolean> knownFiles = new LinkedHashMap<>();
    private Optional<Path> unified;

    /**
     * Where cgroups can be made.
     *
     * @param version of the hierarchy
     * @param parent the directory to make them in
     */
    public record Place(int version, Path parent) {
    }

    /** The real ones of this JVM, looked for once. */
    private static final class Real {
        static final CgroupPlaces PLACES = new CgroupPlaces(CgroupHierarchy.read(Path.of("/proc/self")), CgroupFiles.KERNEL,
            Identity.read(Path.of("/proc/self")).uid(), ProcessHandle.current().pid());
    }

    CgroupPlaces(List<CgroupHierarchy> hierarchies, CgroupFiles files, long uid, long pid) {
        this.hierarchies = List.copyOf(hierarchies);
        this.files = files;
        this.uid = uid;
        this.pid = pid;
    }

    static CgroupPlaces real() {
        return Real.PLACES;
    }

    /** {@return a name for the cgroups of one more job: whose they are can be told from it, see {@link CgroupSweeper}} */
    public static String newName() {
        return "nsjob-" + RunDirectory.ownName() + "-" + NUMBERS.incrementAndGet() + "-" + PID_NAMESPACE;
    }

    /** The number of a pid namespace, as in the name of /proc/PID/ns/pid; empty when it cannot be told. */
    private static String ownPidNamespace() {
        try {
            // "pid:[4026531836]"
            String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return link.substring(link.indexOf('[') + 1, Math.max(link.indexOf('[') + 1, link.indexOf(']')));
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * How the files are reached.
     *
     * @return the kernel's, or a test's
     */
    public CgroupFiles files() {
        return files;
    }

    /**
     * Where a controller can be used.
     *
     * @param controller memory, pids, cpu, cpuset, io; cpuacct is one of version 1 only
     * @return a place, or empty
     */
    public synchronized Optional<Place> of(String controller) {
        Optional<Place> place = known.get(controller);
        if (place == null) {
            place = find(controller);
            known.put(controller, place);
        }
        return place;
    }

    /**
     * Where a cgroup of version 2 can be made, with whatever controllers.
     *
     * @return a place, or empty
     */
    public synchronized Optional<Place> unified() {
        if (unified == null) {
            unified = Optional.empty();
            for (CgroupHierarchy hierarchy : hierarchies) {
                if (hierarchy.version() == 2) {
                    unified = unifiedParent(hierarchy);
                    break;
                }
            }
        }
        return unified.isPresent() ? Optional.of(new Place(2, unified.get())) : Optional.empty();
    }

    /** {@return the directories in which cgroups of ours may be, for those who only want to clean up} */
    public List<Path> parents() {
        Set<Path> parents = new LinkedHashSet<>();
        for (CgroupHierarchy hierarchy : hierarchies) {
            parents.addAll(hierarchy.version() == 1 ? List.of(hierarchy.own()) : upwards(hierarchy));
        }
        return List.copyOf(parents);
    }

    /**
     * Whether cgroups made for a controller have a file: some of them depend on how the kernel was built.
     *
     * @param controller as in {@link #of}
     * @param file its name
     * @return whether; false also where there is no place for the controller
     */
    public synchronized boolean hasFile(String controller, String file) {
        Boolean there = knownFiles.get(file);
        if (there == null && of(controller).isPresent()) {
            there = lookFor(file, of(controller).get());
            knownFiles.put(file, there);
        }
        return Boolean.TRUE.equals(there);
    }

    private boolean lookFor(String file, Place place) {
        Path made = place.parent().resolve(newName());
        try {
            files.make(made);
        } catch (IOException e) {
            return false;
        }
        boolean there = files.exists(made.resolve(file));
        removeQuietly(made);
        return there;
    }

    private Optional<Place> find(String controller) {
        String old = OLD_NAMES.getOrDefault(controller, controller);
        for (CgroupHierarchy hierarchy : hierarchies) {
            if (hierarchy.version() == 1 && hierarchy.controllers().contains(old)) {
                // A controller is in one hierarchy only: if this one is closed to us, no other has it.
                return works(hierarchy.own(), TRIALS_V1.get(controller), "tasks")
                    ? Optional.of(new Place(1, hierarchy.own())) : Optional.empty();
            }
        }
        List<String> trial = TRIALS_V2.get(controller);
        Optional<Place> place = trial == null ? Optional.empty() : unified();
        return place.isPresent() && works(place.get().parent(), trial, "cgroup.procs") ? place : Optional.empty();
    }

    private boolean works(Path parent, List<String> trial, String door) {
        Path made = parent.resolve(newName());
        try {
            files.make(made);
        } catch (IOException e) {
            Log.debug(CgroupPlaces.class, "no cgroups in " + parent, e);
            return false;
        }
        try {
            if (trial.get(1).isEmpty()) {
                return files.isWritable(made.resolve(trial.get(0))) && files.isWritable(made.resolve(door));
            }
            files.write(made.resolve(trial.get(0)), trial.get(1));
            return files.isWritable(made.resolve(door));
        } catch (IOException e) {
            Log.debug(CgroupPlaces.class, "no such limit in " + parent, e);
            return false;
        } finally {
            removeQuietly(made);
        }
    }

    private void removeQuietly(Path made) {
        try {
            files.remove(made);
        } catch (IOException e) {
            Log.debug(CgroupPlaces.class, "left for the sweeper", e);
        }
    }

    /** The caller's own cgroup and those above it, nearest first. */
    private static List<Path> upwards(CgroupHierarchy hierarchy) {
        List<Path> list = new ArrayList<>();
        Path directory = hierarchy.own();
        while (directory != null && directory.startsWith(hierarchy.mountPoint())) {
            list.add(directory);
            directory = directory.getParent();
        }
        return list;
    }

    /**
     * In version 2 a cgroup with processes has no controllers for its children (the rule of no internal processes, cgroups(7)),
     * and the caller's own has at least one: the caller. So the place is either above, in a tree that was delegated to this user
     * (user@UID.service of systemd), or the own cgroup is turned into one.
     */
    private Optional<Path> unifiedParent(CgroupHierarchy hierarchy) {
        Path best = null;
        int bestScore = -1;
        for (Path candidate : upwards(hierarchy)) {
            boolean own = candidate.equals(hierarchy.own());
            // To get into it a process needs to write the cgroup.procs of the nearest cgroup above both.
            if (!files.isWritable(candidate.resolve("cgroup.procs"))) {
                continue;
            }
            Set<String> enabled = words(candidate.resolve("cgroup.subtree_control"));
            if (enabled.isEmpty() && isDelegated(hierarchy, candidate)) {
                enabled = enable(hierarchy, candidate, own);
            }
            int score = score(enabled);
            if (score > bestScore && works(candidate, List.of("cgroup.procs", ""), "cgroup.procs")) {
                best = candidate;
                bestScore = score;
            }
        }
        return Optional.ofNullable(best);
    }

    private static int score(Set<String> enabled) {
        int score = 0;
        for (String controller : CONTROLLERS.subList(0, DECISIVE)) {
            score = 2 * score + (enabled.contains(controller) ? 1 : 0);
        }
        return score;
    }

    private Set<String> words(Path file) {
        try {
            String text = files.read(file);
            return text.isBlank() ? Set.of() : new LinkedHashSet<>(Arrays.asList(text.trim().split("\\s+")));
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** Ours to divide: owned by this user, marked by systemd, or the top of a cgroup namespace (the host's own root has no type). */
    private boolean isDelegated(CgroupHierarchy hierarchy, Path directory) {
        if (!files.exists(directory.resolve("cgroup.type"))) {
            return false;
        }
        return uid != 0 && files.owner(directory.resolve("cgroup.subtree_control")) == uid || files.isMarkedDelegated(directory)
            || hierarchy.top() && directory.equals(hierarchy.own());
    }

    /** Switches controllers on below a delegated cgroup that nobody divides yet; none where others than this JVM are in it. */
    private Set<String> enable(CgroupHierarchy hierarchy, Path directory, boolean own) {
        Set<String> wanted = new LinkedHashSet<>(CONTROLLERS);
        wanted.retainAll(words(directory.resolve("cgroup.controllers")));
        Set<String> processes = words(directory.resolve("cgroup.procs"));
        Path leaf = directory.resolve(newName());
        boolean move = own && processes.equals(Set.of(Long.toString(pid)));
        if (wanted.isEmpty() || !move && !processes.isEmpty()) {
            return Set.of();
        }
        try {
            if (move) {
                files.make(leaf);
                files.write(leaf.resolve("cgroup.procs"), Long.toString(pid));
            }
            Set<String> enabled = new LinkedHashSet<>();
            for (String controller : wanted) {
                try {
                    files.write(directory.resolve("cgroup.subtree_control"), "+" + controller);
                    enabled.add(controller);
                } catch (IOException e) {
                    Log.debug(CgroupPlaces.class, "no controller " + controller + " below " + hierarchy.own(), e);
                }
            }
            return enabled;
        } catch (IOException e) {
            Log.debug(CgroupPlaces.class, "cannot divide " + directory, e);
            removeQuietly(leaf);
            return Set.of();
        }
    }
}
