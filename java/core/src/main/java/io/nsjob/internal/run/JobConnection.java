package io.nsjob.internal.run;

import io.nsjob.internal.launch.Forker;
import io.nsjob.internal.os.CommandSocket;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.Watched;
import io.nsjob.internal.wire.FrameType;
import java.util.ArrayDeque;
import java.util.Arrays;

/** Our end of a connection to a supervisor: what is said on it, at once or when there is room. Any thread may, but {@link #close}. */
final class JobConnection {
    private final Watched socket;
    private final ArrayDeque<byte[]> unsent = new ArrayDeque<>();
    private boolean ending;
    private boolean reading;

    JobConnection(Watched socket) {
        this.socket = socket;
    }

    Watched socket() {
        return socket;
    }

    synchronized void say(byte[] bytes) {
        if (!ending) {
            unsent.add(bytes);
            flush();
        }
    }

    /** Hands a command to the supervisor of an open sandbox; false when it cannot be told of it now. */
    synchronized boolean command(CommandSocket commands, Forker.Job command) {
        return !ending && unsent.isEmpty() && commands.send(socket, FrameType.COMMAND.code(), command);
    }

    /** Whether to wait for what the supervisor says. */
    synchronized void read(boolean on) {
        reading = on;
        socket.want(on, !unsent.isEmpty());
    }

    /** Says what there is room for. */
    synchronized void flush() {
        while (!unsent.isEmpty()) {
            byte[] next = unsent.peek();
            int taken = socket.write(next, next.length, true);
            if (Reactor.isAgain(taken)) {
                socket.want(reading, true);
                return;
            }
            unsent.remove();
            if (taken < 0) {
                // The supervisor has ended; who waits for the result will see why.
                unsent.clear();
            } else if (taken < next.length) {
                unsent.addFirst(Arrays.copyOfRange(next, taken, next.length));
            }
        }
        socket.want(reading, false);
    }

    /** Nothing more is said: the supervisor reads its end. */
    synchronized void end() {
        ending = true;
        unsent.clear();
        socket.end();
    }

    /** For the loop's thread. */
    void close() {
        socket.close();
    }
}
