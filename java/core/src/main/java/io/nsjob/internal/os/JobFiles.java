package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that tell of running jobs with a name, {@code BASE/jobs/NAME.PID-STARTTIME} of the supervisor. Several jobs may
 * have one name. What a file says is no business of this class, but for the pid namespace in which its pids are meant.
 */
public final class JobFiles {
    static final String DIRECTORY = "jobs";

    private static final Pattern FILE_NAME = Pattern.compile("(.+)\\.(\\d+)-(\\d+)(\\.tmp)?");
    private static final Pattern PID_NAMESPACE = Pattern.compile("\"pidNamespace\": ?(\\d+)");
    private static final FileAttribute<?> PRIVATE = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    /** A file without its end is one whose writer is at work, or died there. */
    private static final long UNFINISHED_MILLIS = 60_000;

    private JobFiles() {
    }

    /**
     * One file.
     *
     * @param path where
     * @param name the job's
     * @param pid of its supervisor
     * @param startTime of its supervisor, in clock ticks since boot
     * @param text its content
     */
    public record Entry(Path path, String name, long pid, long startTime, String text) {
        private boolean isAlive() {
            OptionalLong now = ProcStat.startTime(Path.of("/proc", Long.toString(pid), "stat"));
            return now.isPresent() && now.getAsLong() == startTime;
        }

        /** Whether its pids are those that we see: a directory may be shared with another pid namespace. */
        private boolean isOfThisPidNamespace() {
            Matcher number = PID_NAMESPACE.matcher(text);
            return number.find() && number.group(1).equals(Long.toString(pidNamespace()));
        }
    }

    /**
     * The number of this process's pid namespace.
     *
     * @return the inode, 0 when it cannot be told
     */
    public static long pidNamespace() {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
            return Long.parseLong(link.replaceAll("[^0-9]", ""));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /**
     * Where the file of a job is.
     *
     * @param base a private directory, see {@link StateBase}
     * @param name the job's: no slash is in it
     * @param pid of its supervisor
     * @param startTime of its supervisor
     * @return a path below the base
     */
    public static Path path(Path base, String name, long pid, long startTime) {
        return base.resolve(DIRECTORY).resolve(name + "." + pid + "-" + startTime);
    }

    /**
     * Writes a file, or replaces it. Who reads sees all of it or what was there before.
     *
     * @param path from {@link #path}
     * @param uid the owner of the base
     * @param text its content
     * @throws IOException when it cannot be written
     */
    public static void write(Path path, long uid, String text) throws IOException {
        PrivateDirectory.require(path.getParent(), uid);
        Path unfinished = path.resolveSibling(path.getFileName() + ".tmp");
        Files.deleteIfExists(unfinished);
        Files.createFile(unfinished, PRIVATE);
        Files.write(unfinished, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Those whose supervisors run.
     *
     * @param bases private directories
     * @return in no order
     */
    public static List<Entry> list(List<Path> bases) {
        List<Entry> running = new ArrayList<>();
        for (Path base : bases) {
            for (Path file : Sweeper.list(base.resolve(DIRECTORY))) {
                read(file).filter(entry -> entry.isOfThisPidNamespace() && entry.isAlive()).ifPresent(running::add);
            }
        }
        return running;
    }

    /**
     * Removes those whose supervisors are gone.
     *
     * @param bases private directories
     * @return the paths that were removed
     */
    public static List<String> sweep(List<Path> bases) {
        List<String> removed = new ArrayList<>();
        for (Path base : bases) {
            for (Path file : Sweeper.list(base.resolve(DIRECTORY))) {
                try {
                    if (isAbandoned(file) && Files.deleteIfExists(file)) {
                        removed.add(file.toString());
                    }
                } catch (IOException e) {
                    Log.debug(JobFiles.class, "cannot remove a job's file", e);
                }
            }
        }
        return removed;
    }

    private static boolean isAbandoned(Path file) throws IOException {
        Matcher name = FILE_NAME.matcher(file.getFileName().toString());
        if (!name.matches()) {
            return false;
        }
        Entry entry = entry(file, name, Files.readString(file));
        if (entry.isAlive()) {
            return false;
        }
        boolean whole = PID_NAMESPACE.matcher(entry.text()).find();
        return whole ? entry.isOfThisPidNamespace()
            : System.currentTimeMillis() - Files.getLastModifiedTime(file).toMillis() > UNFINISHED_MILLIS;
    }

    private static Optional<Entry> read(Path file) {
        Matcher name = FILE_NAME.matcher(file.getFileName().toString());
        if (!name.matches() || name.group(4) != null || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(entry(file, name, Files.readString(file)));
        } catch (IOException e) {
            // The job is over.
            return Optional.empty();
        }
    }

    private static Entry entry(Path file, Matcher name, String text) throws IOException {
        try {
            return new Entry(file, name.group(1), Long.parseLong(name.group(2)), Long.parseLong(name.group(3)), text);
        } catch (NumberFormatException e) {
            throw new IOException("not a job's file: " + file, e);
        }
    }
}
