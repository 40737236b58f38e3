package io.nsjob;

import java.util.Objects;

/**
 * An empty directory in memory that everybody in the job may write to, and that is gone with the job.
 *
 * @param target absolute, as the job sees it
 * @param size bytes it may hold
 * @param inodes files and directories it may hold
 * @param noSymfollow whether symlinks in it are not followed, by nobody in the job
 */
public record Tmpfs(String target, long size, long inodes, boolean noSymfollow) {
    /** What a tmpfs holds where nothing is said. */
    public static final long DEFAULT_SIZE = 64L << 20;
    /** How many files a tmpfs holds where nothing is said. */
    public static final long DEFAULT_INODES = 4096;

    /** Checks that the target is there. */
    public Tmpfs {
        Objects.requireNonNull(target, "target");
    }

    /**
     * With symlinks.
     *
     * @param target absolute, as the job sees it
     * @param size bytes it may hold
     * @param inodes files and directories it may hold
     */
    public Tmpfs(String target, long size, long inodes) {
        this(target, size, inodes, false);
    }

    /**
     * With the default number of inodes.
     *
     * @param target absolute, as the job sees it
     * @param size bytes it may hold
     */
    public Tmpfs(String target, long size) {
        this(target, size, DEFAULT_INODES);
    }
}
