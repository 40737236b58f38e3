package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where cgroups can be made, on machines made up of strings: none of these can be had in one place. */
class CgroupPlacesTest {
    private static final Path TOP = Path.of("/sys/fs/cgroup");
    private static final String V2 = "30 20 0:25 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";
    private static final long USER = 1000;
    private static final long JVM = 4711;

    @TempDir
    Path self;

    /** A tree of version 2, with the rules of the kernel that matter here. */
    private static final class Tree implements CgroupFiles {
        final Map<Path, String> files = new TreeMap<>();
        final Map<Path, Long> owners = new TreeMap<>();
        final Set<Path> marked = new LinkedHashSet<>();
        final long caller;

        Tree(long caller) {
            this.caller = caller;
        }

        /** One cgroup: what its parent gives it, what it gives its children, and who is in it. */
        Tree add(String path, long owner, String controllers, String subtree, String processes) {
            Path directory = path.isEmpty() ? TOP : TOP.resolve(path);
            owners.put(directory, owner);
            files.put(directory.resolve("cgroup.controllers"), controllers);
            files.put(directory.resolve("cgroup.subtree_control"), subtree);
            files.put(directory.resolve("cgroup.procs"), processes);
            if (!path.isEmpty()) {
                files.put(directory.resolve("cgroup.type"), "domain");
            }
            Map<String, String> of = Map.of("memory", "memory.max", "pids", "pids.max", "cpu", "cpu.weight", "cpuset", "cpuset.cpus", "io",
                "io.max");
            for (String controller : controllers.split(" ")) {
                if (of.containsKey(controller) && !path.isEmpty()) {
                    files.put(directory.resolve(of.get(controller)), "max");
                }
            }
            return this;
        }

        @Override
        public String read(Path file) throws IOException {
            if (!files.containsKey(file)) {
                throw new NoSuchFileException(file.toString());
            }
            return files.get(file);
        }

        @Override
        public void write(Path file, String text) throws IOException {
            String before = read(file);
            Path directory = file.getParent();
            if (!isWritable(file)) {
                throw new IOException("EACCES " + file);
            }
            if (file.endsWith("cgroup.subtree_control")) {
                if (!files.get(directory.resolve("cgroup.procs")).isEmpty() && files.containsKey(directory.resolve("cgroup.type"))) {
                    throw new IOException("EBUSY: no internal processes");
                }
                files.put(file, (before + " " + text.substring(1)).trim());
            } else if (file.endsWith("cgroup.procs")) {
                files.replaceAll((path, value) -> path.endsWith("cgroup.procs") ? value.replace(text, "").trim() : value);
                files.put(file, (files.get(file) + "\n" + text).trim());
            } else {
                files.put(file, text);
            }
        }

        @Override
        public void make(Path directory) throws IOException {
            Path parent = directory.getParent();
            if (!owners.containsKey(parent) || caller != 0 && owners.get(parent) != caller) {
                throw new IOException("EACCES " + directory);
            }
            add(TOP.relativize(directory).toString(), caller, files.get(parent.resolve("cgroup.subtree_control")), "", "");
        }

        @Override
        public void remove(Path directory) throws IOException {
            if (!files.getOrDefault(directory.resolve("cgroup.procs"), "").isEmpty()) {
                throw new IOException("EBUSY");
            }
            files.keySet().removeIf(file -> file.startsWith(directory));
            owners.remove(directory);
        }

        @Override
        public boolean isWritable(Path file) {
            return exists(file) && (caller == 0 || owners.getOrDefault(file.getParent(), -1L) == caller);
        }

        @Override
        public boolean exists(Path file) {
            return files.containsKey(file);
        }

        @Override
        public long owner(Path file) {
            return owners.getOrDefault(file.getParent(), -1L);
        }

        @Override
        public boolean isMarkedDelegated(Path directory) {
            return marked.contains(directory);
        }

        List<String> leftovers() {
            return files.keySet().stream().filter(path -> path.endsWith("cgroup.procs") && path.toString().contains("nsjob-"))
                .map(Path::toString).toList();
        }
    }

    private List<CgroupHierarchy> hierarchies(String mountinfo, String memberships) throws IOException {
        Files.writeString(self.resolve("mountinfo"), mountinfo);
        Files.writeString(self.resolve("cgroup"), memberships);
        return CgroupHierarchy.read(self);
    }

    private CgroupPlaces places(Tree tree, String own) throws IOException {
        return new CgroupPlaces(hierarchies(V2, "0::/" + own + "\n"), tree, tree.caller, JVM);
    }

    private static String of(CgroupPlaces places, String... controllers) {
        return String.join(" ", Arrays.stream(controllers).map(controller -> places.of(controller)
            .map(place -> TOP.relativize(place.parent()).toString()).orElse("-")).toList());
    }

    private static Tree desktop(long caller) {
        return new Tree(caller).add("", 0, "cpuset cpu io memory pids", "cpu io memory pids", "1")
            .add("user.slice", 0, "cpu io memory pids", "cpu memory pids", "")
            .add("user.slice/user-1000.slice", 0, "cpu memory pids", "cpu memory pids", "")
            .add("user.slice/user-1000.slice/session-3.scope", 0, "cpu memory pids", "", "90\n" + JVM)
            .add("user.slice/user-1000.slice/user@1000.service", USER, "cpu memory pids", "memory pids", "")
            .add("user.slice/user-1000.slice/user@1000.service/app.slice", USER, "memory pids", "memory pids", "")
            .add("user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope", USER, "memory pids", "", "91\n" + JVM);
    }

    @Test
    void aUserBelowSystemdsUserManagerHasTheNearestDividedCgroup() throws IOException {
        Tree tree = desktop(USER);
        CgroupPlaces places = places(tree, "user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope");
        String slice = "user.slice/user-1000.slice/user@1000.service/app.slice";
        assertEquals(slice + " " + slice + " - -", of(places, "memory", "pids", "cpu", "cpuset"));
        assertEquals(List.of(), tree.leftovers());
        assertEquals(2, places.unified().orElseThrow().version());
    }

    /** A login session is no part of what was delegated: nobody may go from there into the user's own tree. */
    @Test
    void aUserInALoginSessionHasNone() throws IOException {
        CgroupPlaces places = places(desktop(USER), "user.slice/user-1000.slice/session-3.scope");
        assertEquals("- - -", of(places, "memory", "pids", "cpu"));
        assertTrue(places.unified().isEmpty());
    }

    @Test
    void rootGoesUpToWhereControllersAreOn() throws IOException {
        CgroupPlaces places = places(desktop(0), "user.slice/user-1000.slice/session-3.scope");
        String slice = "user.slice/user-1000.slice";
        assertEquals(slice + " " + slice + " " + slice, of(places, "memory", "pids", "cpu"));
    }

    /** systemd-run -p Delegate=yes: a cgroup of one's own, but with oneself in it. */
    @Test
    void aDelegatedCgroupWithNobodyElseIsDivided() throws IOException {
        Tree tree = new Tree(USER).add("", 0, "cpu memory pids", "cpu memory pids", "1")
            .add("run-8.scope", USER, "cpu memory pids", "", Long.toString(JVM));
        CgroupPlaces places = places(tree, "run-8.scope");
        assertEquals("run-8.scope run-8.scope run-8.scope -", of(places, "memory", "pids", "cpu", "io"));
        assertEquals("memory pids cpu", tree.read(TOP.resolve("run-8.scope/cgroup.subtree_control")));
        assertEquals("", tree.read(TOP.resolve("run-8.scope/cgroup.procs")));
        List<String> left = tree.leftovers();
        assertEquals(1, left.size(), "the JVM's own leaf: " + left);
        assertEquals(Long.toString(JVM), tree.read(Path.of(left.get(0))));
    }

    @Test
    void aDelegatedCgroupWithOthersInItIsLeftAlone() throws IOException {
        Tree tree = new Tree(USER).add("", 0, "cpu memory pids", "cpu memory pids", "1")
            .add("run-8.scope", USER, "cpu memory pids", "", "90\n" + JVM);
        CgroupPlaces places = places(tree, "run-8.scope");
        assertEquals("- - -", of(places, "memory", "pids", "cpu"));
        assertEquals("90\n" + JVM, tree.read(TOP.resolve("run-8.scope/cgroup.procs")));
        assertEquals("run-8.scope", TOP.relativize(places.unified().orElseThrow().parent()).toString(), "good for cgroup.kill");
        assertEquals(List.of(), tree.leftovers());
    }

    /** DelegateSubgroup= of systemd: the service's process is in a leaf already. */
    @Test
    void aMarkedServiceOfRootIsDividedAboveItsLeaf() throws IOException {
        Tree tree = new Tree(0).add("", 0, "cpu memory pids", "cpu memory pids", "1")
            .add("system.slice", 0, "cpu memory pids", "pids", "")
            .add("system.slice/ci.service", 0, "pids", "", "").add("system.slice/ci.service/main", 0, "", "", "90\n" + JVM);
        tree.marked.add(TOP.resolve("system.slice/ci.service"));
        CgroupPlaces places = places(tree, "system.slice/ci.service/main");
        // memory is on at the top only: a place is chosen for what matters most.
        assertEquals("  ", of(places, "memory", "pids", "cpu").replace("-", "?"));
        assertEquals("pids", tree.read(TOP.resolve("system.slice/ci.service/cgroup.subtree_control")));
    }

    /** The host's own root is never changed: its children are systemd's. */
    @Test
    void theTopOfTheMachineIsNotDivided() throws IOException {
        Tree tree = new Tree(0).add("", 0, "hugetlb memory", "", "1\n" + JVM);
        CgroupPlaces places = places(tree, "");
        assertEquals("-", of(places, "memory"));
        assertEquals("", tree.read(TOP.resolve("cgroup.subtree_control")));
    }

    @Test
    void theTopOfACgroupNamespaceIsOnesOwn() throws IOException {
        Tree tree = new Tree(0).add("", 0, "memory pids", "", Long.toString(JVM));
        tree.files.put(TOP.resolve("cgroup.type"), "domain");
        assertEquals(" ", of(places(tree, ""), "memory", "pids"));
        assertEquals("memory pids", tree.read(TOP.resolve("cgroup.subtree_control")));
    }

    @Test
    void aReadOnlyTreeHasNone() throws IOException {
        Tree tree = desktop(65_534);
        CgroupPlaces places = places(tree, "user.slice/user-1000.slice/session-3.scope");
        assertEquals("-", of(places, "memory"));
        assertFalse(places.hasFile("memory", "memory.swap.max"));
    }

    @Test
    void hierarchiesOfBothVersionsAreFoundWithTheCallersPlace() throws IOException {
        String v1 = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
            + "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
            + "35 31 0:32 /docker/4f /sys/fs/cgroup/memory ro,nosuid master:9 - cgroup cgroup rw,memory\n"
            + "39 31 0:36 / /mnt/my\\040pids rw - cgroup cgroup rw,pids\n"
            + "40 31 0:37 /elsewhere /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
            + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        String own = "9:name=systemd:/\n8:pids:/a:b/c\n6:freezer:/\n4:memory:/docker/4f/x\n2:cpu,cpuacct:/\n0::/../outside\n";
        List<CgroupHierarchy> found = hierarchies(v1, own);
        assertEquals(Set.of("cpu", "cpuacct"), found.get(0).controllers());
        assertEquals(Path.of("/sys/fs/cgroup/cpu,cpuacct"), found.get(0).own());
        assertEquals(Path.of("/sys/fs/cgroup/memory/x"), found.get(1).own(), "relative to what is mounted");
        assertEquals(Path.of("/mnt/my pids/a:b/c"), found.get(2).own());
        assertEquals(3, found.size(), "what is outside of the mount or of the namespace has no name here: " + found);
        assertEquals(Optional.empty(), new CgroupPlaces(found, new Tree(USER), USER, JVM).of("memory"));
    }

    @Test
    void noMountsNoPlaces() throws IOException {
        assertEquals(List.of(), hierarchies("", "0::/\n"));
        assertEquals(List.of(), hierarchies(V2, ""));
    }
}
