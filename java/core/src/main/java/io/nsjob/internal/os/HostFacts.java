package io.nsjob.internal.os;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * What a launch plan depends on outside the job spec: who the caller is, and which ids it may use. Everything is read
 * when it is first asked for and then kept, so an object of this class is one consistent view; take a new one to look again.
 */
public final class HostFacts {
    private static final int PASSWD_HOME = 5;

    private final Roots roots;
    private final Path self;
    private final Map<Path, List<String>> read = new HashMap<>();
    private Identity identity;
    private SubIds subUids;
    private SubIds subGids;
    private NavigableSet<Long> takenIds;
    private Map<String, String> environment;
    private Long kernelCapabilities;
    private CgroupPlaces cgroups;

    /**
     * Where to look: the real places, or fixtures of a test.
     *
     * @param proc a /proc whose {@code self} is this JVM
     * @param etc a directory with passwd, group, subuid and subgid
     * @param run a /run
     * @param programs directories in which newuidmap may be
     */
    public record Roots(Path proc, Path etc, Path run, List<Path> programs) {
        /** Copies the list. */
        public Roots {
            programs = List.copyOf(programs);
        }

        /**
         * The real places.
         *
         * @return the roots
         */
        public static Roots real() {
            return new Roots(Path.of("/proc"), Path.of("/etc"), Path.of("/run"),
                List.of(Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/sbin"), Path.of("/sbin"),
                    Path.of("/usr/local/bin")));
        }
    }

    /**
     * Looks at the given places.
     *
     * @param roots where to look
     */
    public HostFacts(Roots roots) {
        this.roots = roots;
        self = roots.proc().resolve("self");
    }

    /**
     * Looks at the real places.
     *
     * @return new facts
     */
    public static HostFacts real() {
        return new HostFacts(Roots.real());
    }

    /**
     * Who the caller is.
     *
     * @return ids and maps of this process
     */
    public synchronized Identity identity() {
        if (identity == null) {
            identity = Identity.read(self);
        }
        return identity;
    }

    /**
     * Ranges of uids set aside for users.
     *
     * @return /etc/subuid
     */
    public synchronized SubIds subUids() {
        if (subUids == null) {
            subUids = SubIds.read(roots.etc().resolve("subuid"));
        }
        return subUids;
    }

    /**
     * Ranges of gids set aside for users.
     *
     * @return /etc/subgid
     */
    public synchronized SubIds subGids() {
        if (subGids == null) {
            subGids = SubIds.read(roots.etc().resolve("subgid"));
        }
        return subGids;
    }

    /**
     * The caller's name.
     *
     * @return as in /etc/passwd, or empty
     */
    public Optional<String> userName() {
        return field("passwd", identity().uid(), 0);
    }

    /**
     * The name of a user.
     *
     * @param uid its id
     * @return as in /etc/passwd, or empty
     */
    public Optional<String> userName(long uid) {
        return field("passwd", uid, 0);
    }

    /**
     * The name of a group.
     *
     * @param gid its id
     * @return as in /etc/group, or the id as digits
     */
    public String groupName(long gid) {
        return field("group", gid, 0).orElse(Long.toString(gid));
    }

    /**
     * The capabilities that this kernel knows.
     *
     * @return a mask
     */
    public synchronized long kernelCapabilities() {
        if (kernelCapabilities == null) {
            kernelCapabilities = readKernelCapabilities();
        }
        return kernelCapabilities;
    }

    private long readKernelCapabilities() {
        byte[] digits = new byte[16];
        // The last one of Linux 5.9, and since.
        long last = 40;
        // In one read: of a file below /proc/sys, the second one gets nothing.
        try (InputStream in = Files.newInputStream(roots.proc().resolve("sys/kernel/cap_last_cap"))) {
            last = Long.parseLong(new String(digits, 0, Math.max(0, in.read(digits)), StandardCharsets.US_ASCII).trim());
        } catch (IOException | NumberFormatException e) {
            // Hidden from us, as in a container: the kernel refuses what it does not know.
            last = Math.min(last, 40);
        }
        return last >= Long.SIZE - 1 ? -1 : (1L << last + 1) - 1;
    }

    /**
     * The capabilities that this process has and can hand down.
     *
     * @return a mask
     */
    public long permittedCapabilities() {
        long mask = -1;
        for (String line : kept(self.resolve("status"))) {
            if (line.startsWith("CapPrm:") || line.startsWith("CapBnd:")) {
                mask &= Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).trim(), 16);
            }
        }
        return mask;
    }

    private Optional<String> field(String database, long id, int index) {
        for (String line : kept(roots.etc().resolve(database))) {
            String[] parts = line.split(":", -1);
            if (parts.length > Math.max(2, index) && parts[2].equals(Long.toString(id))) {
                return Optional.of(parts[index]);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether any known user or group has an id in a range, or systemd-nspawn or /etc/subuid uses it.
     *
     * @param base its first id
     * @param count how many
     * @return whether the range is somebody's
     */
    public boolean rangeIsTaken(long base, long count) {
        Long next = takenIds().ceiling(base);
        return next != null && next < base + count || subUids().overlaps(base, count) || subGids().overlaps(base, count);
    }

    /** Ids of users and groups, and the bases that systemd-nspawn holds. */
    private synchronized NavigableSet<Long> takenIds() {
        if (takenIds == null) {
            takenIds = new TreeSet<>();
            for (String database : List.of("passwd", "group")) {
                for (String line : kept(roots.etc().resolve(database))) {
                    String[] parts = line.split(":", -1);
                    if (parts.length >= 3) {
                        take(parts[2]);
                    }
                }
            }
            String[] held = roots.run().resolve("systemd").resolve("nspawn-uid").toFile().list();
            for (String name : held == null ? new String[0] : held) {
                take(name);
            }
        }
        return takenIds;
    }

    private void take(String id) {
        if (ProcText.isNumber(id, 10)) {
            takenIds.add(Long.parseLong(id));
        }
    }

    /**
     * Where a program is.
     *
     * @param name such as {@code newuidmap}
     * @return its path, or empty
     */
    public Optional<String> program(String name) {
        for (Path directory : roots.programs()) {
            if (Files.isExecutable(directory.resolve(name))) {
                return Optional.of(directory.resolve(name).toString());
            }
        }
        return Optional.empty();
    }

    /**
     * The caller's environment. It is read from the kernel, not from the JVM, which would have decoded it in the locale's
     * character set; what is not UTF-8 cannot travel and is left out.
     *
     * @return names and values
     */
    public synchronized Map<String, String> environment() {
        if (environment == null) {
            environment = Environ.read(self.resolve("environ"));
        }
        return environment;
    }

    /**
     * Where the caller is.
     *
     * @return the working directory; empty when it cannot be told
     */
    public Optional<String> workingDirectory() {
        try {
            return Optional.of(Files.readSymbolicLink(self.resolve("cwd")).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The caller's home.
     *
     * @return as the environment says it, else /etc/passwd; without a slash at its end
     */
    public Optional<String> home() {
        String home = environment().getOrDefault("HOME", "");
        if (home.isEmpty()) {
            home = new String(field("passwd", identity().uid(), PASSWD_HOME).orElse("").getBytes(StandardCharsets.ISO_8859_1),
                StandardCharsets.UTF_8);
        }
        if (!home.startsWith("/")) {
            return Optional.empty();
        }
        while (home.contains("//")) {
            home = home.replace("//", "/");
        }
        return Optional.of(home.length() > 1 && home.endsWith("/") ? home.substring(0, home.length() - 1) : home);
    }

    /**
     * How far the caller may raise a resource limit without privileges.
     *
     * @param resource number of RLIMIT_*
     * @return the caller's hard limit; {@code Long.MAX_VALUE} for none, or when it is not known
     */
    public long hardLimit(int resource) {
        Optional<long[]> pair = ProcText.limit(kept(self.resolve("limits")), resource);
        return pair.isPresent() ? pair.get()[1] : Long.MAX_VALUE;
    }

    /**
     * When a process started, so that its pid can be told from a later one's.
     *
     * @param pid a pid as this JVM sees it
     * @return field 22 of its stat file, or empty when there is no such process
     */
    public OptionalLong startTime(long pid) {
        return ProcStat.startTime(roots.proc().resolve(Long.toString(pid)).resolve("stat"));
    }

    /**
     * How readily this JVM is killed when memory runs out.
     *
     * @return -1000 to 1000; 0 where it is not known
     */
    public int oomScoreAdj() {
        String text = first(self.resolve("oom_score_adj")).trim();
        return ProcText.isNumber(text.startsWith("-") ? text.substring(1) : text, 4) ? Integer.parseInt(text) : 0;
    }

    /**
     * How much memory the machine has.
     *
     * @return bytes; 0 where it is not known
     */
    public long memoryBytes() {
        for (String line : kept(roots.proc().resolve("meminfo"))) {
            List<String> words = line.startsWith("MemTotal:") ? ProcText.words(line) : List.of();
            if (words.size() == 3 && ProcText.isNumber(words.get(1), 15) && words.get(2).equals("kB")) {
                return Long.parseLong(words.get(1)) << 10;
            }
        }
        return 0;
    }

    /**
     * Whether the kernel counts the processes of a user in each user namespace apart, so that RLIMIT_NPROC in a namespace of the
     * job's own is a limit of the job.
     *
     * @return true since Linux 5.14. It cannot be asked for: what differs is only when a fork is refused
     */
    public boolean countsProcessesByNamespace() {
        String[] release = first(roots.proc().resolve("sys/kernel/osrelease")).split("[^0-9]+");
        int major = release.length > 0 && ProcText.isNumber(release[0], 4) ? Integer.parseInt(release[0]) : 0;
        int minor = release.length > 1 && ProcText.isNumber(release[1], 4) ? Integer.parseInt(release[1]) : 0;
        return major > 5 || major == 5 && minor >= 14;
    }

    /**
     * Where cgroups can be made for jobs.
     *
     * @return of this JVM; looked for once, as the answer costs a few calls and does not change
     */
    public synchronized CgroupPlaces cgroups() {
        if (cgroups == null) {
            cgroups = roots.proc().equals(Roots.real().proc()) ? CgroupPlaces.real() : cgroups(CgroupFiles.KERNEL);
        }
        return cgroups;
    }

    /**
     * Where cgroups could be made, as far as the files of this machine say.
     *
     * @param files what is done to them
     * @return nothing has been looked for yet
     */
    public CgroupPlaces cgroups(CgroupFiles files) {
        return new CgroupPlaces(CgroupHierarchy.read(self), files, identity().uid(), ProcessHandle.current().pid());
    }

    /**
     * The same machine with other cgroups.
     *
     * @param places where they can be made
     * @return facts of their own
     */
    public HostFacts withCgroups(CgroupPlaces places) {
        HostFacts facts = new HostFacts(roots);
        facts.cgroups = places;
        return facts;
    }

    private synchronized List<String> kept(Path file) {
        List<String> lines = read.get(file);
        if (lines == null) {
            lines = ProcText.lines(file);
            read.put(file, lines);
        }
        return lines;
    }

    private String first(Path file) {
        List<String> lines = kept(file);
        return lines.isEmpty() ? "" : lines.get(0);
    }
}
