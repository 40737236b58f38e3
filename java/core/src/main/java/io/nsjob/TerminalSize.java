package io.nsjob;

/**
 * The size of a terminal.
 *
 * @param rows lines, 1 to 65535
 * @param columns characters in a line, 1 to 65535
 */
public record TerminalSize(int rows, int columns) {
    /** The largest number of rows and of columns: what struct winsize holds, ioctl_tty(2). */
    public static final int MAX = 65535;

    /** Checks the range. */
    public TerminalSize {
        if (rows < 1 || rows > MAX || columns < 1 || columns > MAX) {
            throw new IllegalArgumentException("rows and columns are 1 to " + MAX + ", not " + rows + " and " + columns);
        }
    }
}
