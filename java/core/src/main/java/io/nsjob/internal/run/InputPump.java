package io.nsjob.internal.run;

import io.nsjob.internal.os.JobFds;
import io.nsjob.internal.os.Loop;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.Watched;
import java.util.Arrays;

/** Writes what a job is to read, whenever the job has room. A job that does not read is in its right: a broken pipe is the end. */
final class InputPump implements Reactor.Handler {
    private static final int CHUNK = 64 * 1024;

    private final Loop loop;
    private final Watched to;
    /** Null when there is nothing to come beyond what is left. */
    private final BoundedPipe pipe;
    private byte[] left;
    private boolean over;

    InputPump(Loop loop, int fd, byte[] left, BoundedPipe pipe) {
        this.loop = loop;
        this.left = left;
        this.pipe = pipe;
        to = JobFds.watch(loop, fd, this);
        if (pipe != null) {
            pipe.onBytes(() -> loop.execute(this::pump));
        }
    }

    void begin() {
        loop.execute(this::pump);
    }

    @Override
    public void ready(boolean toWrite, boolean toRead) {
        pump();
    }

    private void pump() {
        while (!over) {
            if (left.length == 0 && !next()) {
                return;
            }
            int taken = to.write(left, left.length, false);
            if (Reactor.isAgain(taken)) {
                to.want(false, true);
                return;
            }
            if (taken < 0) {
                end();
                return;
            }
            left = Arrays.copyOfRange(left, taken, left.length);
        }
    }

    /** Whether there is something to write now. */
    private boolean next() {
        byte[] chunk = pipe == null ? null : new byte[CHUNK];
        int size = pipe == null ? -1 : pipe.poll(chunk);
        if (size > 0) {
            left = Arrays.copyOf(chunk, size);
        } else if (size < 0) {
            end();
        } else {
            // Not told of anything meanwhile: a job that closes its input would be told without end.
            to.want(false, false);
        }
        return size > 0;
    }

    /** Nobody will read any more, or there is no more to be read. */
    void end() {
        over = true;
        to.close();
        if (pipe != null) {
            pipe.closeReader();
        }
    }

    @Override
    public void broken(Throwable e) {
        end();
    }
}
