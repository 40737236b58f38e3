package io.nsjob.internal.os;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a root of a job's own depends on: the shape of the host's file tree. A path that this JVM cannot express is unknown. */
public final class HostTree {
    private static final int SOCKET_SEARCH_DEPTH = 4;
    private static final int SOCKET_SEARCH_ENTRIES = 2000;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private final Path root;

    /**
     * Looks below a directory.
     *
     * @param root {@code /}, or that of a test
     */
    public HostTree(Path root) {
        this.root = root;
    }

    /**
     * Looks at the real tree.
     *
     * @return the tree from {@code /}
     */
    public static HostTree real() {
        return new HostTree(Path.of("/"));
    }

    private Optional<Path> at(String path) {
        try {
            return Optional.of(root.resolve(path.substring(1)));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * The text of a symlink.
     *
     * @param path absolute
     * @return its text; empty when it is none
     */
    public Optional<String> link(String path) {
        return at(path).filter(Files::isSymbolicLink).flatMap(link -> {
            try {
                return Optional.of(Files.readSymbolicLink(link).toString());
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    /**
     * Whether something is there.
     *
     * @param path absolute
     * @return whether it is known to exist
     */
    public boolean exists(String path) {
        return at(path).filter(Files::exists).isPresent();
    }

    /**
     * Whether nothing is there; what cannot be looked at may be.
     *
     * @param path absolute
     * @return whether it is known not to exist
     */
    public boolean isMissing(String path) {
        return at(path).filter(Files::notExists).isPresent();
    }

    /**
     * To whom something belongs on disk.
     *
     * @param uid user id
     * @param gid group id
     */
    public record Owner(long uid, long gid) {
    }

    /**
     * To whom something belongs, symlinks followed.
     *
     * @param path absolute
     * @return empty when it cannot be looked at
     */
    public Optional<Owner> owner(String path) {
        return at(path).flatMap(file -> {
            try {
                Map<String, Object> ids = Files.readAttributes(file, "unix:uid,gid");
                return Optional.of(new Owner(Integer.toUnsignedLong((Integer) ids.get("uid")),
                    Integer.toUnsignedLong((Integer) ids.get("gid"))));
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    /**
     * Entries of a directory.
     *
     * @param directory absolute
     * @param prefix how their names begin
     * @return their paths, sorted
     */
    public List<String> entries(String directory, String prefix) {
        try (Stream<Path> entries = Files.list(at(directory).orElseThrow())) {
            return entries.map(entry -> entry.getFileName().toString()).filter(name -> name.startsWith(prefix)).sorted()
                .map(name -> directory + "/" + name).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * A socket at or, not too far, below a path.
     *
     * @param path absolute
     * @return whether one was found
     */
    public boolean hasSocket(String path) {
        Optional<Path> start = at(path);
        if (start.isEmpty()) {
            return false;
        }
        try (Stream<Path> found = Files.walk(start.get().toRealPath(), SOCKET_SEARCH_DEPTH)) {
            return found.limit(SOCKET_SEARCH_ENTRIES).anyMatch(HostTree::isSocket);
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static boolean isSocket(Path path) {
        try {
            Object mode = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return mode instanceof Integer bits && (bits & S_IFMT) == S_IFSOCK;
        } catch (IOException e) {
            return false;
        }
    }
}
