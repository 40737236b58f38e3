package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a root of a job's own depends on: the shape of the host's file tree. A path that this JVM cannot express is unknown. */
public final class HostTree {
    private static final int SOCKET_SEARCH_DEPTH = 4;
    private static final int SOCKET_SEARCH_ENTRIES = 2000;
    /** What of a settings file fits into a plan beside others. */
    private static final long MAX_TEXT = 64L << 10;
    /** Num, RefCount, Protocol, Flags, Type, St and Inode come before the path in /proc/net/unix, proc(5). */
    private static final int UNIX_PATH = 7;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private final Path root;
    private List<String> boundSockets;

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
        Optional<Path> place = at(path);
        try {
            return place.isPresent() && Files.isSymbolicLink(place.get())
                ? Optional.of(Files.readSymbolicLink(place.get()).toString()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether something is there.
     *
     * @param path absolute
     * @return whether it is known to exist
     */
    public boolean exists(String path) {
        Optional<Path> place = at(path);
        return place.isPresent() && Files.exists(place.get());
    }

    /**
     * Whether nothing is there; what cannot be looked at may be.
     *
     * @param path absolute
     * @return whether it is known not to exist
     */
    public boolean isMissing(String path) {
        Optional<Path> place = at(path);
        return place.isPresent() && Files.notExists(place.get());
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
        Optional<Path> place = at(path);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        try {
            Map<String, Object> ids = Files.readAttributes(place.get(), "unix:uid,gid");
            return Optional.of(new Owner(Integer.toUnsignedLong((Integer) ids.get("uid")),
                Integer.toUnsignedLong((Integer) ids.get("gid"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether a directory is there, at the end of symlinks too.
     *
     * @param path absolute
     * @return whether it is known to be one
     */
    public boolean isDirectory(String path) {
        Optional<Path> place = at(path);
        return place.isPresent() && Files.isDirectory(place.get());
    }

    /**
     * Whether a regular file is there, and no symlink to one.
     *
     * @param path absolute
     * @return whether it is known to be one
     */
    public boolean isPlainFile(String path) {
        Optional<Path> place = at(path);
        return place.isPresent() && Files.isRegularFile(place.get(), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * A path without symlinks.
     *
     * @param path absolute
     * @return the same place; empty when nothing is there
     */
    public Optional<String> realPath(String path) {
        Optional<Path> place = at(path);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path real = place.get().toRealPath();
            Path top = root.toRealPath();
            return real.startsWith(top) ? Optional.of("/" + top.relativize(real)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The text of a small file.
     *
     * @param path absolute
     * @return its text; empty when it is missing, unreadable, too large or none
     */
    public Optional<String> text(String path) {
        Optional<Path> place = at(path);
        try {
            return place.isEmpty() || !Files.isRegularFile(place.get()) || Files.size(place.get()) > MAX_TEXT ? Optional.empty()
                : Optional.of(Files.readString(place.get(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether somebody may read what is there, or write to it.
     *
     * @param path absolute
     * @param stranger whether that somebody has no rights of his own, and is not the caller
     * @param write whether writing is meant
     * @return whether the modes let him; lists of access control are not looked at
     */
    public boolean isOpen(String path, boolean stranger, boolean write) {
        Optional<Path> place = at(path);
        if (place.isEmpty()) {
            return false;
        }
        if (!stranger) {
            return write ? Files.isWritable(place.get()) : Files.isReadable(place.get());
        }
        try {
            Path real = place.get().toRealPath();
            boolean open = others(real, write ? PosixFilePermission.OTHERS_WRITE : PosixFilePermission.OTHERS_READ);
            for (Path above = real.getParent(); open && above != null; above = above.getParent()) {
                open = others(above, PosixFilePermission.OTHERS_EXECUTE);
            }
            return open;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean others(Path path, PosixFilePermission right) throws IOException {
        return Files.getPosixFilePermissions(path).contains(right);
    }

    /**
     * The sockets that processes of this network namespace have given a path.
     *
     * @return paths that were there when they were first asked for
     */
    public List<String> boundSockets() {
        if (boundSockets == null) {
            boundSockets = readBoundSockets();
        }
        return boundSockets;
    }

    private List<String> readBoundSockets() {
        Set<String> paths = new TreeSet<>();
        for (String line : ProcText.lines(root.resolve("proc/net/unix"))) {
            // A line whose socket has no path has no slash: those of a machine's own are many, and are not taken apart.
            String[] fields = line.indexOf('/') < 0 ? new String[0] : line.trim().split("\\s+", UNIX_PATH + 1);
            if (fields.length > UNIX_PATH && fields[UNIX_PATH].startsWith("/") && exists(fields[UNIX_PATH])) {
                paths.add(fields[UNIX_PATH]);
            }
        }
        return List.copyOf(paths);
    }

    /**
     * Whether only root and one user can walk to a path.
     *
     * @param path absolute
     * @param uid the user's
     * @return whether a directory above is known to be 0700, and to be theirs: its owner walks through it
     */
    public boolean isClosed(String path, long uid) {
        try {
            Path above = at(path).orElseThrow().toRealPath().getParent();
            while (above != null) {
                Map<String, Object> status = Files.readAttributes(above, "unix:mode,uid");
                long owner = Integer.toUnsignedLong((Integer) status.get("uid"));
                if (((Integer) status.get("mode") & 077) == 0 && (owner == 0 || owner == uid)) {
                    return true;
                }
                above = above.getParent();
            }
        } catch (IOException | NoSuchElementException e) {
            return false;
        }
        return false;
    }

    /**
     * Entries of a directory.
     *
     * @param directory absolute
     * @param prefix how their names begin
     * @return their paths, sorted
     */
    public List<String> entries(String directory, String prefix) {
        String[] names = root.resolve(directory.substring(1)).toFile().list();
        Set<String> entries = new TreeSet<>();
        for (String name : names == null ? new String[0] : names) {
            if (name.startsWith(prefix)) {
                entries.add(directory + "/" + name);
            }
        }
        return List.copyOf(entries);
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
        String real = realPath(path).orElse(path);
        for (String bound : boundSockets()) {
            Optional<String> socket = realPath(bound);
            if (socket.isPresent() && (socket.get() + "/").startsWith(real + "/")) {
                return true;
            }
        }
        try {
            SocketSearch search = new SocketSearch();
            Files.walkFileTree(start.get().toRealPath(), Set.of(), SOCKET_SEARCH_DEPTH, search);
            return search.found;
        } catch (IOException e) {
            return false;
        }
    }

    /** Goes on where it may not look: what is beside a directory of somebody else's can still be reached. */
    private static final class SocketSearch extends SimpleFileVisitor<Path> {
        private int entries;
        private boolean found;

        private FileVisitResult next() {
            entries++;
            return found || entries >= SOCKET_SEARCH_ENTRIES ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return next();
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            found = attributes.isOther() && isSocket(file);
            return next();
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return next();
        }

        /** As it may not be looked into to its end either. */
        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException e) {
            return FileVisitResult.CONTINUE;
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
