package io.nsjob.cli.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory for one run of a demo, that sessions with other ids can enter too. */
record ScratchDirectory(Path path) implements AutoCloseable {

    static ScratchDirectory create() throws IOException {
        Path path = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), "nsjob-demo.");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new ScratchDirectory(path);
    }

    /** Links are removed and not followed. What cannot be removed does not keep the rest. */
    @Override
    public void close() {
        try {
            Files.walkFileTree(path, new Removal());
        } catch (IOException e) {
            System.getLogger("io.nsjob").log(System.Logger.Level.DEBUG, "left behind: {0}", path);
        }
    }

    private static final class Removal extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return remove(file);
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return remove(file);
        }

        @Override
        public FileVisitResult postVisitDirectory(Path dir, IOException failure) {
            return remove(dir);
        }

        private static FileVisitResult remove(Path path) {
            boolean gone = path.toFile().delete();
            return gone ? FileVisitResult.CONTINUE : FileVisitResult.CONTINUE;
        }
    }
}
