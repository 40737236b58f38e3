package io.nsjob.internal.doctor;

import io.nsjob.HelperUnavailableException;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.CgroupHierarchy;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.SubIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** What a machine and this process say of themselves: read to explain a failure, never to foretell one. */
final class Machine {
    static final int CAP_SYS_ADMIN = 21;
    static final int CAP_SYS_RESOURCE = 24;
    private static final int SETUID = 04000;

    private final Sources sources;
    private final HostFacts facts;

    /** Where it is read: the real files, or captured ones. */
    interface Sources {
        /** The text of a file, empty when it is not there or cannot be read. */
        Optional<String> text(String path);

        /** The permission bits of a file. */
        OptionalInt mode(String path);

        /** What is known about users and ids. */
        HostFacts facts();

        /** Where a program is. */
        Optional<String> program(String name);

        /** The mounted hierarchies of cgroups. */
        List<CgroupHierarchy> hierarchies();

        /** Where the helper is. */
        Optional<String> helper();
    }

    /**
     * One mount of /proc/self/mountinfo.
     *
     * @param point where
     * @param options of the mount, separated by commas
     * @param type of its filesystem
     * @param superOptions of the filesystem
     */
    record Mount(String point, String options, String type, String superOptions) {
        boolean has(String option) {
            return List.of(options.split(",")).contains(option);
        }
    }

    Machine(Sources sources) {
        this.sources = sources;
        this.facts = sources.facts();
    }

    static Machine real() {
        return new Machine(new Real());
    }

    /** The real files. */
    private record Real() implements Sources {
        @Override
        public Optional<String> text(String path) {
            try {
                return Optional.of(new String(Files.readAllBytes(Path.of(path)), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        public OptionalInt mode(String path) {
            try {
                return OptionalInt.of((Integer) Files.getAttribute(Path.of(path), "unix:mode") & 07777);
            } catch (IOException e) {
                return OptionalInt.empty();
            }
        }

        @Override
        public HostFacts facts() {
            return HostFacts.real();
        }

        @Override
        public Optional<String> program(String name) {
            return HostFacts.real().program(name);
        }

        @Override
        public List<CgroupHierarchy> hierarchies() {
            return CgroupHierarchy.read(Path.of("/proc/self"));
        }

        @Override
        public Optional<String> helper() {
            try {
                return Optional.of(HelperLocator.locate(HostFacts.real().identity().uid()).toString());
            } catch (HelperUnavailableException e) {
                return Optional.empty();
            }
        }
    }

    /** The helper's path, where it can stand in a profile or a command as it is. */
    Optional<String> helper() {
        return sources.helper().filter(path -> path.matches("[A-Za-z0-9/._+-]+"));
    }

    /** The hierarchy that has a controller, by its name in version 2; the one of version 2 where none of version 1 has it. */
    Optional<CgroupHierarchy> hierarchy(String controller) {
        String old = controller.equals("io") ? "blkio" : controller;
        List<CgroupHierarchy> all = sources.hierarchies();
        return all.stream().filter(tree -> tree.version() == 1 && tree.controllers().contains(old)).findFirst()
            .or(() -> all.stream().filter(tree -> tree.version() == 2).findFirst());
    }

    /** Those of version 1 with controllers that limit something. */
    List<CgroupHierarchy> oldHierarchies() {
        Set<String> limiting = Set.of("memory", "pids", "cpu", "cpuset", "cpuacct", "blkio");
        return sources.hierarchies().stream().filter(tree -> tree.version() == 1
            && tree.controllers().stream().anyMatch(limiting::contains)).toList();
    }

    boolean exists(String path) {
        return sources.mode(path).isPresent();
    }

    Optional<String> text(String path) {
        return sources.text(path);
    }

    long uid() {
        return facts.identity().uid();
    }

    long gid() {
        return facts.identity().gid();
    }

    boolean isRoot() {
        return uid() == 0;
    }

    Optional<String> userName() {
        return facts.userName();
    }

    Optional<String> program(String name) {
        return sources.program(name);
    }

    boolean isSetuid(String program) {
        return (sources.mode(program).orElse(0) & SETUID) != 0;
    }

    boolean hasSubordinateIds() {
        return !facts.subUids().of(uid(), userName()).isEmpty() && !facts.subGids().of(uid(), userName()).isEmpty();
    }

    /** The first range of 65536 ids from 100000 on, as useradd(8) gives them, that nobody has. */
    long freeRange() {
        long start = 100_000;
        for (SubIds ids : List.of(facts.subUids(), facts.subGids())) {
            for (SubIds.Entry entry : ids.entries()) {
                start = Math.max(start, entry.start() + entry.count());
            }
        }
        return start;
    }

    /** Whether this process is in a user namespace that somebody made: the first one has all ids. */
    boolean inUserNamespace() {
        return facts.identity().uidMap().stream().noneMatch(line -> line.inside() == 0 && line.outside() == 0
            && line.count() == 0xFFFF_FFFFL);
    }

    /** Whether the own id is mapped at all: create_user_ns in the kernel refuses a caller without one. */
    boolean hasMappedId() {
        return facts.identity().uidMap().stream().anyMatch(line -> line.containsInside(uid()));
    }

    OptionalLong sysctl(String name) {
        String digits = text("/proc/sys/" + name.replace('.', '/')).orElse("").trim();
        return digits.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    private String status(String field) {
        return text("/proc/self/status").orElse("").lines().filter(line -> line.startsWith(field + ":"))
            .map(line -> line.substring(field.length() + 1).trim()).findFirst().orElse("");
    }

    boolean isFiltered() {
        return status("Seccomp").equals("2");
    }

    boolean hasNoNewPrivileges() {
        return status("NoNewPrivs").equals("1");
    }

    boolean isCapable(int capability) {
        String mask = status("CapEff");
        return mask.matches("[0-9a-f]{1,16}") && (Long.parseUnsignedLong(mask, 16) >>> capability & 1) == 1;
    }

    /** Octal escapes of mount points, as \040 for a blank, are of no use here and stay. */
    List<Mount> mounts() {
        List<Mount> mounts = new ArrayList<>();
        text("/proc/self/mountinfo").orElse("").lines().forEach(line -> {
            String[] halves = line.split(" - ", 2);
            String[] left = halves[0].split(" ");
            String[] right = halves.length == 2 ? halves[1].split(" ") : new String[0];
            if (left.length >= 6 && right.length >= 1) {
                mounts.add(new Mount(left[4], left[5], right[0], right.length >= 3 ? right[2] : ""));
            }
        });
        return mounts;
    }

    /** The mount that a path lies on. */
    Optional<Mount> mountOf(String path) {
        Optional<Mount> best = Optional.empty();
        for (Mount mount : mounts()) {
            boolean above = mount.point().equals("/") || path.equals(mount.point()) || path.startsWith(mount.point() + "/");
            // Of two on one point the later one is on top.
            if (above && best.stream().allMatch(other -> mount.point().length() >= other.point().length())) {
                best = Optional.of(mount);
            }
        }
        return best;
    }

    /** In a chroot the mount of / is out of sight, unless the directory is itself a mount. */
    boolean isChrooted() {
        return !mounts().isEmpty() && mounts().stream().noneMatch(mount -> mount.point().equals("/"));
    }

    /** What this process runs in, as container engines tell it. */
    Optional<String> container() {
        if (exists("/.dockerenv")) {
            return Optional.of("docker");
        }
        if (exists("/run/.containerenv")) {
            return Optional.of("podman");
        }
        String manager = text("/run/systemd/container").orElse("").trim();
        if (!manager.isEmpty()) {
            return Optional.of(manager);
        }
        return exists("/var/run/secrets/kubernetes.io") ? Optional.of("kubernetes") : Optional.empty();
    }

    /** The name of the distribution in os-release(5). */
    String distribution() {
        String release = text("/etc/os-release").orElse("");
        return (value(release, "ID_LIKE") + " " + value(release, "ID")).trim();
    }

    private static String value(String release, String key) {
        return release.lines().filter(line -> line.startsWith(key + "=")).map(line -> line.substring(key.length() + 1)
            .replace("\"", ""))
            .findFirst().orElse("");
    }
}
