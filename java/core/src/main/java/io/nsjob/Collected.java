package io.nsjob;

import java.util.List;
import java.util.Objects;

/**
 * What was collected of a job's results.
 *
 * @param files how many files, whole ones only
 * @param bytes what they hold
 * @param skipped what was left out, in the order in which it was found
 */
public record Collected(long files, long bytes, List<Skipped> skipped) {
    /** Copies the list. */
    public Collected {
        skipped = List.copyOf(skipped);
    }

    /**
     * Something that was not collected.
     *
     * @param path as the job saw it; it may hold any character. {@code /} stands for all that is not mentioned otherwise
     * @param reason {@code missing}, {@code symlink}, {@code hard-link}, {@code fifo}, {@code socket}, {@code device},
     *     {@code filesystem} (made by the kernel, as /proc), {@code permission} (the job could not read it either),
     *     {@code too-large}, {@code too-many}, {@code too-deep}, {@code name} (not UTF-8, or with control characters),
     *     {@code changed}, {@code incomplete}, {@code unreadable}, {@code time}, {@code cancelled}, {@code failed}, or
     *     {@code destination: } and why it could not be written here
     */
    public record Skipped(String path, String reason) {
        /** Checks that both are there. */
        public Skipped {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
