package io.nsjob;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What becomes of the capabilities that a process has in its own user namespace: none, those that exec leaves, or some by
 * name. Names are those of capabilities(7), in any case and with or without {@code CAP_}; {@code ALL} stands for all.
 */
public final class Capabilities {
    /** All five sets are emptied before exec. */
    public static final Capabilities NONE = new Capabilities("none", Set.of(), Set.of());
    /** They are what exec leaves, as after unshare(1): a job that is not uid 0 inside has none then. */
    public static final Capabilities KEEP = new Capabilities("keep", Set.of(), Set.of());
    /** Stands for every capability. */
    public static final String ALL = "ALL";

    /** In the kernel's order: the index is the number. */
    private static final List<String> NAMES = List.of("CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL",
        "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK",
        "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE",
        "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE");

    private final String word;
    private final List<String> added;
    private final List<String> dropped;

    private Capabilities(String word, Set<String> added, Set<String> dropped) {
        this.word = word;
        this.added = List.copyOf(new TreeSet<>(added));
        this.dropped = List.copyOf(new TreeSet<>(dropped));
    }

    /**
     * Exactly these, in all five sets, so that they survive exec for any uid.
     *
     * @param names such as {@code NET_BIND_SERVICE}
     * @return what keeps them
     * @throws IllegalArgumentException when there is no such capability
     */
    public static Capabilities of(String... names) {
        return change(List.of(names), List.of(ALL));
    }

    /**
     * All but these.
     *
     * @param names such as {@code SYS_ADMIN}
     * @return what keeps the others
     * @throws IllegalArgumentException when there is no such capability
     */
    public static Capabilities allBut(String... names) {
        return change(List.of(ALL), List.of(names));
    }

    /**
     * What the profile says, which is none for {@code isolated} and {@code build} and all for {@code bare}, with changes.
     * {@code ALL} comes first in either list: what is dropped by name is dropped although all are added, and what is added by
     * name is added although all are dropped.
     *
     * @param add names of capabilities
     * @param drop names of capabilities
     * @return what makes the changes
     * @throws IllegalArgumentException when there is no such capability, or one is in both lists
     */
    public static Capabilities change(List<String> add, List<String> drop) {
        Set<String> added = new TreeSet<>();
        add.forEach(name -> added.add(name(name)));
        Set<String> dropped = new TreeSet<>();
        drop.forEach(name -> dropped.add(name(name)));
        for (String name : added) {
            if (dropped.contains(name)) {
                throw new IllegalArgumentException(name + " is both added and dropped");
            }
        }
        return new Capabilities("", added, dropped);
    }

    /**
     * The usual spelling of a name.
     *
     * @param name such as {@code cap_net_raw}
     * @return such as {@code NET_RAW}, or {@code ALL}
     * @throws IllegalArgumentException when there is no such capability
     */
    public static String name(String name) {
        String upper = Objects.requireNonNull(name, "name").toUpperCase(Locale.ROOT);
        String bare = upper.startsWith("CAP_") ? upper.substring(4) : upper;
        if (!bare.equals(ALL) && !NAMES.contains(bare)) {
            throw new IllegalArgumentException("there is no capability " + name + ", see capabilities(7)");
        }
        return bare;
    }

    /**
     * Every name that this version knows.
     *
     * @return names in the kernel's order: the index of each is its number
     */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The names behind a mask, such as one of {@link JobCredentials#capabilities}.
     *
     * @param mask hexadecimal
     * @return names in the kernel's order; a number that has no name here is called by it
     */
    public static List<String> namesOf(String mask) {
        long bits = Long.parseUnsignedLong(mask, 16);
        List<String> names = new ArrayList<>();
        for (int number = 0; number < Long.SIZE; number++) {
            if ((bits >>> number & 1) != 0) {
                names.add(number < NAMES.size() ? NAMES.get(number) : Integer.toString(number));
            }
        }
        return names;
    }

    /**
     * The word in the job spec.
     *
     * @return {@code none}, {@code keep}, or empty for changes by name
     */
    public String jsonName() {
        return word;
    }

    /** {@return the names that are added to what the profile says} */
    public List<String> added() {
        return added;
    }

    /** {@return the names that are taken away from what the profile says} */
    public List<String> dropped() {
        return dropped;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Capabilities that && word.equals(that.word) && added.equals(that.added)
            && dropped.equals(that.dropped);
    }

    @Override
    public int hashCode() {
        return Objects.hash(word, added, dropped);
    }

    @Override
    public String toString() {
        return word.isEmpty() ? "add " + added + ", drop " + dropped : word;
    }
}
