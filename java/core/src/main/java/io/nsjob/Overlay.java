package io.nsjob;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Directories of the host, one on top of the other, that a job may change as if they were its own, while they stay as they are: what
 * changes is in memory, or kept in another directory. Set-user-id programs and devices in it do not work, and what is mounted below the
 * directories is not in it. In a job of a root caller with a new user namespace, what belongs to the owner of each directory belongs
 * to the job, as with {@link Bind#idMapped()}; a user's own files are the job's anyway.
 *
 * @param target absolute, as the job sees it
 * @param lower the directories, the uppermost first: absolute, as the caller sees them
 * @param size bytes of what changes, where it is in memory
 * @param inodes files and directories of what changes, where it is in memory
 * @param upper where what changes is kept, by one job at a time: absolute; its directories upper and work are made where they are missing
 */
public record Overlay(String target, List<String> lower, long size, long inodes, Optional<String> upper) {
    /** What a throw-away layer holds where nothing is said. */
    public static final long DEFAULT_SIZE = Tmpfs.DEFAULT_SIZE;
    /** How many files a throw-away layer holds where nothing is said. */
    public static final long DEFAULT_INODES = Tmpfs.DEFAULT_INODES;

    /** Checks that all are there. */
    public Overlay {
        Objects.requireNonNull(target, "target");
        lower = List.copyOf(lower);
        Objects.requireNonNull(upper, "upper");
    }

    /**
     * With changes in memory, gone with the job.
     *
     * @param target absolute, as the job sees it
     * @param lower the directories, the uppermost first: absolute
     * @return an overlay
     */
    public static Overlay of(String target, String... lower) {
        return new Overlay(target, List.of(lower), DEFAULT_SIZE, DEFAULT_INODES, Optional.empty());
    }

    /**
     * The same with other bounds for what is in memory.
     *
     * @param bytes how much it may hold
     * @param files how many files and directories it may hold
     * @return an overlay
     */
    public Overlay withSize(long bytes, long files) {
        return new Overlay(target, lower, bytes, files, upper);
    }

    /**
     * The same with its changes kept, for the caller and for the next job with the same directory.
     *
     * @param directory absolute; its directories upper and work are made where they are missing
     * @return an overlay
     */
    public Overlay keptIn(String directory) {
        return new Overlay(target, lower, size, inodes, Optional.of(directory));
    }
}
