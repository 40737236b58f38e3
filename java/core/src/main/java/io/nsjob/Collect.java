package io.nsjob;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file or directory of the job whose content is wanted once the job is dead, however it ended.
 *
 * <p>Only regular files with one name are collected, and only those that the job itself could read. Links are never followed, and
 * nothing that could block, act or never end is opened. What was left out is listed with the reason:
 * {@link JobResult#collected()}.
 *
 * @param from absolute, as the job sees it, of a file or of a directory with all that is below it
 * @param to what it becomes here: the content of a directory lands in this directory, a file becomes this file, or one of its
 *     own name where this is a directory. Files that are there are replaced. Empty keeps everything in memory, for
 *     {@link JobResult#files()}
 * @param maxBytes how much all its files together may hold, in bytes; one that does not fit any more is left out
 * @param maxFiles how many files, directories and whatever else may lie there; the rest is left out
 * @param optional whether it is all right if nothing is there; else that is listed too
 */
public record Collect(String from, Optional<Path> to, long maxBytes, long maxFiles, boolean optional) {
    /** How many bytes are collected where nothing is said: 64 MiB. */
    public static final long DEFAULT_BYTES = 64L << 20;
    /** How many files are collected where nothing is said. */
    public static final long DEFAULT_FILES = 10_000;

    /** Checks that nothing is missing. */
    public Collect {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
    }

    /**
     * Into memory, within the default bounds.
     *
     * @param from absolute, as the job sees it
     * @return what to collect
     */
    public static Collect inMemory(String from) {
        return new Collect(from, Optional.empty(), DEFAULT_BYTES, DEFAULT_FILES, false);
    }

    /**
     * To a place here, within the default bounds.
     *
     * @param from absolute, as the job sees it
     * @param to a path; the directories above it are made
     * @return what to collect
     */
    public static Collect to(String from, Path to) {
        return new Collect(from, Optional.of(to), DEFAULT_BYTES, DEFAULT_FILES, false);
    }

    /**
     * The same with other bounds.
     *
     * @param bytes how much all its files together may hold
     * @param files how many of them there may be
     * @return what to collect
     */
    public Collect within(long bytes, long files) {
        return new Collect(from, to, bytes, files, optional);
    }
}
