package io.nsjob.robust;

import io.nsjob.internal.os.ProcStat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Where the directories of {@link World} are: one directory for each JVM, in one for each user. These tests kill JVMs, and are
 * killed themselves; what is left of a JVM that is gone is removed by the next.
 */
final class Scratch {
    private static final Path OURS = prepare();

    private Scratch() {
    }

    /** An empty directory that everybody may enter. */
    static Path directory(String name) throws IOException {
        return World.mode(Files.createDirectory(OURS.resolve(name)), "rwxr-xr-x");
    }

    private static Path prepare() {
        try {
            Path probe = Files.createTempFile("nsjob-robust", null);
            Object self = Files.getAttribute(probe, "unix:uid");
            Files.delete(probe);
            Path all = open(probe.resolveSibling("nsjob-robust." + self));
            if (!Files.getAttribute(all, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(self)) {
                throw new IOException(all + " belongs to somebody else");
            }
            try (DirectoryStream<Path> runs = Files.newDirectoryStream(all)) {
                for (Path run : runs) {
                    if (!isAlive(run.getFileName().toString())) {
                        World.delete(run);
                    }
                }
            }
            long pid = ProcessHandle.current().pid();
            Path own = open(all.resolve(pid + "-" + startTime(pid).orElseThrow()));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(own)));
            return own;
        } catch (NoSuchFileException e) {
            // Another JVM, at its end, took the empty directory above away meanwhile.
            return prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path own) {
        try {
            World.delete(own);
            Files.delete(own.getParent());
        } catch (IOException e) {
            // Other JVMs are still there; or what a killed job holds is: the next JVM removes it.
        }
    }

    private static Path open(Path directory) throws IOException {
        try {
            return World.mode(Files.createDirectory(directory), "rwxr-xr-x");
        } catch (FileAlreadyExistsException e) {
            return directory;
        }
    }

    private static OptionalLong startTime(long pid) {
        return ProcStat.startTime(Path.of("/proc", Long.toString(pid), "stat"));
    }

    private static boolean isAlive(String run) {
        String[] parts = run.split("-", 2);
        return parts.length == 2 && parts[0].matches("[0-9]+")
            && startTime(Long.parseLong(parts[0])).orElse(-1) == Long.parseLong(parts[1]);
    }
}
