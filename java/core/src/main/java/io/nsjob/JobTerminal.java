package io.nsjob;

import java.util.Objects;

/**
 * The terminal of a job, as it was just before the command could run.
 *
 * @param size as read back from the kernel
 * @param pts its number: it is {@code /dev/pts/N} to the job
 */
public record JobTerminal(TerminalSize size, int pts) {
    /** Checks that nothing is missing. */
    public JobTerminal {
        Objects.requireNonNull(size, "size");
    }
}
