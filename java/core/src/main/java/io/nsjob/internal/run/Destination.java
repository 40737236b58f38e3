package io.nsjob.internal.run;

import io.nsjob.internal.os.Entropy;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where collected files are written. The directory that they go to may be one that the job could write to, so it is opened
 * before the job begins, and below it no link is followed: each file is made under a new name and renamed to its own.
 */
final class Destination implements Closeable {
    private static final Path OPEN = Path.of("/proc/self/fd");

    private final SecureDirectoryStream<Path> parent;
    private final Path name;

    private Destination(SecureDirectoryStream<Path> parent, Path name) {
        this.parent = parent;
        this.name = name;
    }

    /**
     * Makes the directories above a place, and opens the one that it is in.
     *
     * @param to not the root directory
     * @return to be closed
     * @throws IOException when that cannot be done
     */
    static Destination open(Path to) throws IOException {
        Path absolute = to.toAbsolutePath().normalize();
        Path above = absolute.getParent();
        if (!Files.isDirectory(above)) {
            Files.createDirectories(above);
        }
        Path real = above.toRealPath();
        return new Destination(secure(Files.newDirectoryStream(real), real), absolute.getFileName());
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream, Path path) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException(path + ": this JDK cannot open files below a directory that is open");
    }

    /**
     * Begins a file.
     *
     * @param parts its path below the place; none where the place is the file itself
     * @param ownName its name, for where the place turns out to be a directory
     * @param mode its permissions, of which nothing but reading, writing and executing is kept
     * @return to be written, then kept or dropped
     * @throws IOException when it cannot be made
     */
    Part begin(List<String> parts, String ownName, int mode) throws IOException {
        boolean isFile = parts.isEmpty() && !isDirectory(parent, name);
        List<String> all = parts.isEmpty() ? List.of(ownName) : parts;
        SecureDirectoryStream<Path> at = isFile ? enter(parent, Path.of(".")) : make(parent, name);
        try {
            for (String directory : all.subList(0, all.size() - 1)) {
                SecureDirectoryStream<Path> below = make(at, inThisLocale(directory));
                at.close();
                at = below;
            }
            return new Part(at, isFile ? name : inThisLocale(all.get(all.size() - 1)), mode);
        } catch (IOException | RuntimeException e) {
            at.close();
            throw e;
        }
    }

    private static Path inThisLocale(String name) throws IOException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new IOException("this locale has no such names", e);
        }
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> in, Path name) throws IOException {
        try {
            return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes()
                .isDirectory();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static SecureDirectoryStream<Path> make(SecureDirectoryStream<Path> at, Path name) throws IOException {
        if (!exists(at, name)) {
            Files.createDirectory(descriptor(at).resolve(name));
        }
        return enter(at, name);
    }

    private static SecureDirectoryStream<Path> enter(SecureDirectoryStream<Path> at, Path name) throws IOException {
        // Looked at first: to open a FIFO would block.
        if (!isDirectory(at, name)) {
            throw new NotDirectoryException(name.toString());
        }
        return at.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * The kernel's link to an open directory. The JDK has no mkdirat(2), and by now the directory's path may lead elsewhere: who
     * owns one above can rename it. Any descriptor of the same directory will do.
     */
    private static Path descriptor(SecureDirectoryStream<Path> at) throws IOException {
        Object wanted = at.getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(OPEN)) {
            for (Path descriptor : all) {
                if (wanted.equals(fileKey(descriptor))) {
                    return descriptor;
                }
            }
        }
        throw new IOException("no directory can be made there: " + OPEN + " does not show this process");
    }

    private static Object fileKey(Path descriptor) {
        try {
            return Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            // Another thread has closed it.
            return null;
        }
    }

    private static boolean exists(SecureDirectoryStream<Path> at, Path name) throws IOException {
        try {
            at.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        parent.close();
    }

    /** A file that is being written. */
    static final class Part implements Results.Sink {
        private final SecureDirectoryStream<Path> directory;
        private final Path temporary;
        private final Path name;
        private final OutputStream out;

        Part(SecureDirectoryStream<Path> directory, Path name, int mode) throws IOException {
            this.directory = directory;
            this.name = name;
            temporary = Path.of(".nsjob-" + Entropy.secret().substring(0, 16));
            out = Channels.newOutputStream(directory.newByteChannel(temporary,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(permissions(mode))));
        }

        private static Set<PosixFilePermission> permissions(int mode) {
            Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
            PosixFilePermission[] inOrder = PosixFilePermission.values();
            for (int i = 0; i < inOrder.length; i++) {
                if ((mode & 0400 >> i) != 0) {
                    set.add(inOrder[i]);
                }
            }
            return set;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        @Override
        public void keep() throws IOException {
            try (directory) {
                try {
                    out.close();
                    directory.move(temporary, directory, name);
                } catch (IOException e) {
                    // A directory of that name, or no room: not even the new name is to stay.
                    directory.deleteFile(temporary);
                    throw e;
                }
            }
        }

        @Override
        public void drop() throws IOException {
            try (directory) {
                out.close();
                directory.deleteFile(temporary);
            }
        }
    }
}
