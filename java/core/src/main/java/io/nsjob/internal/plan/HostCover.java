package io.nsjob.internal.plan;

import io.nsjob.Tmpfs;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What of the host's tree is not for a job that sees the rest of it: where others leave things, secrets, and sockets. */
final class HostCover {
    /** Memory is taken only for what is in them. */
    private static final long SIZE = 1L << 30;
    private static final long INODES = 65_536;
    /** Entries of one step that hides, as the helper takes them. */
    private static final int PART = 64;

    /** A home there is no place for a directory of the job's: programs and settings are. */
    private static final List<String> SYSTEM = List.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc", "/sys", "/boot");
    private static final Set<String> SHARED = Set.of("/", "/home", "/media", "/mnt", "/opt", "/run", "/srv", "/tmp", "/var", "/var/lib",
        "/var/tmp");
    /** Readable by the wrong one on some machine, by root's group or by mistake. */
    private static final List<String> SECRETS = List.of("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-",
        "/etc/security/opasswd", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssl/private", "/etc/krb5.keytab", "/etc/wireguard",
        "/etc/NetworkManager/system-connections");
    private static final String HOST_KEYS = "ssh_host_";

    private final HostTree host;
    private final HostFacts facts;
    private final Optional<String> home;

    HostCover(HostTree host, HostFacts facts) {
        this.host = host;
        this.facts = facts;
        home = facts.home().flatMap(this::place).filter(path -> !SHARED.contains(path) && !isBelow(path, SYSTEM) && host.isDirectory(path));
    }

    /** Directories that are the job's own and empty: the launcher's sockets and everybody's are in them. What lies above is first. */
    List<Tmpfs> directories() {
        Set<String> places = new LinkedHashSet<>();
        Stream.of("/tmp", "/run", "/var/run", "/var/tmp").forEach(path -> host.realPath(path).ifPresent(places::add));
        Optional.ofNullable(facts.environment().get("XDG_RUNTIME_DIR")).filter(path -> path.startsWith("/")).flatMap(host::realPath)
            .filter(path -> !isBelow(path, places)).ifPresent(places::add);
        home.ifPresent(places::add);
        return places.stream().filter(path -> !path.equals("/")).map(path -> new Tmpfs(path, SIZE, INODES)).toList();
    }

    /** Directories in which there is nothing, and nothing can be made: those with the homes. */
    List<String> closed() {
        return Stream.of("/home", "/root").map(host::realPath).flatMap(Optional::stream).filter(path -> !home.equals(Optional.of(path)))
            .distinct().toList();
    }

    /** The caller's home, where a directory of the job's can be put there. */
    Optional<String> home() {
        return home;
    }

    /** Where a path of the host's leads, if something is there. */
    Optional<String> place(String path) {
        return host.realPath(path);
    }

    /** Secrets that the job could read and sockets that it could connect to, with no directory of the job's above them. */
    List<List<String>> hidden(boolean stranger) {
        List<String> secrets = new ArrayList<>(SECRETS);
        secrets.addAll(host.entries("/etc/ssh", HOST_KEYS).stream().filter(path -> !path.endsWith(".pub")).toList());
        List<String> covered = new ArrayList<>(List.of("/dev", "/proc", "/sys"));
        directories().forEach(tmpfs -> covered.add(tmpfs.target()));
        covered.addAll(closed());
        List<String> hidden = Stream.concat(secrets.stream().filter(path -> host.isOpen(path, stranger, false)),
                host.boundSockets().stream().filter(path -> host.isOpen(path, stranger, true)))
            .map(host::realPath).flatMap(Optional::stream).filter(path -> !isBelow(path, covered)).distinct().toList();
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < hidden.size(); from += PART) {
            parts.add(hidden.subList(from, Math.min(hidden.size(), from + PART)));
        }
        return parts;
    }

    private static boolean isBelow(String path, Iterable<String> directories) {
        for (String directory : directories) {
            if (path.startsWith(directory + "/") || path.equals(directory)) {
                return true;
            }
        }
        return false;
    }
}
