package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nsjob.Housekeeping;
import io.nsjob.testing.Cgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the library keeps outside its JVM: a directory for each JVM, and the locks of id blocks. */
final class State {
    private static final long SETTLE_MILLIS = 30_000;
    private static final long POLL_MILLIS = 20;

    private State() {
    }

    /** The run directories of a JVM, of which there should be at most one. */
    static List<Path> runDirectories(long jvm) {
        List<Path> found = new ArrayList<>();
        for (Path base : bases()) {
            list(base.resolve("run")).stream().filter(path -> path.getFileName().toString().startsWith(jvm + "-"))
                .forEach(found::add);
        }
        return found;
    }

    /** Something that sweeps. */
    @FunctionalInterface
    interface Sweep {
        /** Does so. */
        void run() throws Exception;
    }

    /** Sweeps, and fails when a directory of that JVM remains. Tried again: another sweeper may have its hand on it. */
    static void assertSwept(long jvm, Sweep sweep) throws Exception {
        long deadline = System.nanoTime() + SETTLE_MILLIS * 1_000_000;
        sweep.run();
        while (!runDirectories(jvm).isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(POLL_MILLIS);
            sweep.run();
        }
        assertEquals(List.of(), runDirectories(jvm));
    }

    /** Sweeps, and fails when the lock of an id block remains that nobody holds. Only root has any. */
    static void assertNoStaleIdLocks() throws Exception {
        long deadline = System.nanoTime() + SETTLE_MILLIS * 1_000_000;
        List<Path> stale;
        do {
            Housekeeping.gc();
            stale = staleIdLocks();
            // Others may make and remove theirs while we look; what stays is stale.
            Thread.sleep(stale.isEmpty() ? 0 : POLL_MILLIS);
        } while (!stale.isEmpty() && System.nanoTime() < deadline);
        assertEquals(List.of(), stale);
    }

    /** The same, and no cgroup of a job of this JVM. To be asked when none of them runs. */
    static void assertNothingStale() throws Exception {
        assertNoStaleIdLocks();
        Cgroups.assertNoneLeft();
    }

    /** The files of id blocks, held or not. */
    static List<Path> idLocks() {
        List<Path> files = new ArrayList<>();
        bases().forEach(base -> files.addAll(list(base.resolve("ids"))));
        return files;
    }

    private static List<Path> staleIdLocks() throws IOException {
        List<Path> stale = new ArrayList<>();
        for (Path file : idLocks()) {
            try {
                if (!isHeld(file)) {
                    stale.add(file);
                }
            } catch (NoSuchFileException e) {
                continue; // somebody else's, who has just removed it
            }
        }
        return stale;
    }

    /** Whether anybody holds a lock on a file. */
    static boolean isHeld(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        return Files.readString(Path.of("/proc/locks")).contains(inode);
    }

    private static List<Path> bases() {
        List<Path> bases = new ArrayList<>(List.of(Path.of(Proc.isRoot() ? "/run/nsjob" : "/tmp/nsjob-" + Proc.uid())));
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null) {
            bases.add(Path.of(runtime, "nsjob"));
        }
        return bases.stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> list(Path directory) {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
                stream.forEach(entries::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return entries;
    }
}
