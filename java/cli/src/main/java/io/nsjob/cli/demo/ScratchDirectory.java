package io.nsjob.cli.demo;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** A directory for one run of a demo, that sessions with other ids can enter too. */
record ScratchDirectory(Path path) implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MAX_TRIES = 100;

    static ScratchDirectory create() throws IOException {
        for (int tries = 0; ; tries++) {
            // Short, as readers see it in every other command.
            String name = String.format("nsjob-demo-%04x", RANDOM.nextInt(1 << 16));
            Path path = Path.of(System.getProperty("java.io.tmpdir"), name);
            try {
                Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                return new ScratchDirectory(path);
            } catch (FileAlreadyExistsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
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
            try {
                Files.delete(path);
            } catch (IOException e) {
                return FileVisitResult.CONTINUE;
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
