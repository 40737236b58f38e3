package io.nsjob.internal.os;

/**
 * The library's way to log. A logger is looked up when there is something to say: looking it up loads the JDK's logging,
 * which costs a command line more than the job it runs, and on the ordinary way there is nothing to say.
 */
public final class Log {
    private Log() {
    }

    /**
     * Something that explains what is seen elsewhere.
     *
     * @param where who says it
     * @param what one line
     * @param why what led to it
     */
    public static void debug(Class<?> where, String what, Throwable why) {
        System.getLogger(where.getName()).log(System.Logger.Level.DEBUG, what, why);
    }

    /**
     * Something that should not happen, and that nobody else is told.
     *
     * @param where who says it
     * @param what one line
     */
    public static void warning(Class<?> where, String what) {
        System.getLogger(where.getName()).log(System.Logger.Level.WARNING, what);
    }

    /**
     * Something that should not happen, and that nobody else is told.
     *
     * @param where who says it
     * @param what one line
     * @param why what led to it
     */
    public static void warning(Class<?> where, String what, Throwable why) {
        System.getLogger(where.getName()).log(System.Logger.Level.WARNING, what, why);
    }
}
