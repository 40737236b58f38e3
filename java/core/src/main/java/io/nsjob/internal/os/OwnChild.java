package io.nsjob.internal.os;

/** Kills a supervisor that nobody is the parent of any more. */
public final class OwnChild {
    private OwnChild() {
    }

    /**
     * Kills the process at the other end of a connection that nobody else has. For the reactor's thread.
     *
     * @param pid what it said its pid was; 0 when it did not
     * @param connection to it
     */
    public static void kill(long pid, Watched connection) {
        int process = pid == 0 ? -1 : NativeIo.openProcess(pid);
        if (process < 0) {
            return;
        }
        // While the connection has not ended it lives, and so the pid was its own when it was looked up just now.
        if (connection.isOpenAtOtherEnd()) {
            NativeIo.kill(process);
        }
        NativeIo.closeFd(process);
    }
}
