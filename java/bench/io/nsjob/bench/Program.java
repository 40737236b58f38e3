package io.nsjob.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A copy of the program that everyone starts, in a directory that everyone may enter: a job of root's runs with ids of its own,
 * and the build may lie below a directory that only its owner can enter.
 */
final class Program implements AutoCloseable {
    private final Path directory;
    private final Path file;

    Program(Path original) throws IOException {
        directory = Files.createTempDirectory("nsjob-bench-");
        file = Files.copy(original, directory.resolve(original.getFileName()));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-xr-xr-x"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        // For Ctrl-C; all else that is open ends with this JVM.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    Path path() {
        return file;
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            System.err.println("bench: cannot remove " + directory + ": " + e.getMessage());
        }
    }
}
