package io.nsjob.bench;

/** What is going on, on standard error: one line that is written over on a terminal; elsewhere a line for each part, more for long ones. */
final class Progress {
    private static final boolean TERMINAL = System.console() != null;
    private static final long EVERY_NANOS = TERMINAL ? 200_000_000L : 10_000_000_000L;

    private final long began = System.nanoTime();
    private String last = "";
    private long shown;

    void step(String what, int done, int of) {
        long now = System.nanoTime();
        boolean news = !what.equals(last);
        if (!news && now - shown < EVERY_NANOS) {
            return;
        }
        shown = now;
        long seconds = (now - began) / 1_000_000_000L;
        if (TERMINAL) {
            System.err.printf("%s\r%4d s  %-48s %3d %%", news && !last.isEmpty() ? "\n" : "", seconds, what, of == 0 ? 0
                : done * 100 / of);
        } else {
            System.err.printf("bench: %4d s  %s%s%n", seconds, what, news ? "" : ", " + done + " of " + of);
        }
        last = what;
    }

    void end() {
        if (TERMINAL) {
            System.err.println();
        }
    }

    /** What the reader of the table has to know. */
    void warn(String text) {
        System.err.printf("%sbench: %s%n", TERMINAL && !last.isEmpty() ? "\n" : "", text);
    }
}
