package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Removes run directories, id locks, records of jobs and half-made pins whose owners are gone. */
public final class Sweeper {
    static final String LOCK = "lock";
    static final String IDS = "ids";

    private static final int MAX_DIGITS = 20;
    /** A directory without a lock file is one whose maker is between two calls, or died there. */
    private static final long UNFINISHED_MILLIS = 60_000;

    private final List<Path> bases;
    private final List<Path> cgroupParents;

    /**
     * Makes a sweeper.
     *
     * @param bases private directories, see {@link StateBase}
     */
    public Sweeper(List<Path> bases) {
        this(bases, List.of());
    }

    private Sweeper(List<Path> bases, List<Path> cgroupParents) {
        this.bases = List.copyOf(bases);
        this.cgroupParents = cgroupParents;
    }

    /**
     * A sweeper of all places of this user.
     *
     * @return the sweeper
     */
    public static Sweeper ofThisUser() {
        return new Sweeper(StateBase.existing(HostFacts.real().identity()), CgroupPlaces.real().parents());
    }

    /**
     * Removes run directories, id locks and records of jobs.
     *
     * @return the paths that were removed
     */
    public List<String> gc() {
        List<String> removed = new ArrayList<>(sweepRuns());
        removed.addAll(CgroupSweeper.sweep(cgroupParents));
        removed.addAll(JobFiles.sweep(bases));
        removed.addAll(PinFiles.sweep(bases));
        for (Path base : bases) {
            for (Path file : list(base.resolve(IDS))) {
                if (file.getFileName().toString().matches("\\d+") && deleteIfFree(file)) {
                    removed.add(file.toString());
                }
            }
        }
        return removed;
    }

    /**
     * Removes run directories.
     *
     * @return the paths that were removed
     */
    public List<String> sweepRuns() {
        List<String> removed = new ArrayList<>();
        for (Path base : bases) {
            for (Path run : list(base.resolve("run"))) {
                if (isAbandoned(run) && deleteRun(run)) {
                    removed.add(run.toString());
                }
            }
        }
        return removed;
    }

    static List<Path> list(Path directory) {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path path : stream) {
                paths.add(path);
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            // No directory, no leftovers.
            return List.of();
        }
        return paths;
    }

    private static boolean isAbandoned(Path run) {
        // PID-STARTTIME, and a number where that was taken.
        String[] name = run.getFileName().toString().split("-");
        boolean ours = name.length == 2 || name.length == 3;
        for (String part : name) {
            ours &= ProcText.isNumber(part, MAX_DIGITS);
        }
        if (!ours || RunDirectory.isOpenHere(run)) {
            return false;
        }
        OptionalLong alive = ProcStat.startTime(Path.of("/proc", name[0], "stat"));
        if (alive.isPresent() && Long.toString(alive.getAsLong()).equals(name[1])) {
            return false;
        }
        Path lock = run.resolve(LOCK);
        try {
            if (!Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
                long age = System.currentTimeMillis() - Files.getLastModifiedTime(run).toMillis();
                return age > UNFINISHED_MILLIS;
            }
        } catch (IOException e) {
            return false;
        }
        return isFree(lock);
    }

    /** Whether nobody holds a lock on a file: neither by fcntl, nor, as /proc/locks knows, by flock. */
    private static boolean isFree(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            return lock != null && !isListed(file);
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    private static boolean isListed(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
        long own = ProcessHandle.current().pid();
        for (String line : ProcText.lines(Path.of("/proc/locks"))) {
            // "1: FLOCK  ADVISORY  WRITE 1234 00:1a:5678 0 EOF"
            List<String> fields = ProcText.words(line);
            for (int i = 1; i < fields.size(); i++) {
                if (fields.get(i).endsWith(inode) && !fields.get(i - 1).equals(Long.toString(own))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean deleteIfFree(Path file) {
        try {
            Map<String, Object> before = Files.readAttributes(file, "unix:ino,dev", LinkOption.NOFOLLOW_LINKS);
            if (!isFree(file) || !before.equals(Files.readAttributes(file, "unix:ino,dev", LinkOption.NOFOLLOW_LINKS))) {
                return false;
            }
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }

    /** Deletes what a run directory of ours may hold, and nothing else: an unknown file keeps it. */
    static boolean deleteRun(Path run) {
        try {
            for (Path file : list(run)) {
                String name = file.getFileName().toString();
                if (name.endsWith(".sock")) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(run.resolve(LOCK));
            return Files.deleteIfExists(run);
        } catch (IOException e) {
            Log.debug(Sweeper.class, "cannot remove a run directory", e);
            return false;
        }
    }
}
