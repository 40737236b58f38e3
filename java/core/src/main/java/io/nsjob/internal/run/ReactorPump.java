package io.nsjob.internal.run;

import io.nsjob.internal.os.JobFds;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.Loop;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.Watched;
import java.util.concurrent.Executor;

/** A pump that reads whenever there is something, and as long as whoever takes it has room. */
final class ReactorPump extends Pump implements Reactor.Handler {
    /** What a job has written that writes much: its pipe is made wider. Not at once: a user may have so many pages in pipes. */
    private static final int MUCH = 256 * 1024, WIDE = 1024 * 1024;
    private static final int NARROW = 64 * 1024;

    private final Loop loop;
    private final Executor callbacks;
    private final Runnable atEnd;
    private final Watched from;
    private boolean wide;

    ReactorPump(Loop loop, Executor callbacks, int fd, OutputSink sink, Runnable atEnd) {
        super(sink);
        this.loop = loop;
        this.atEnd = atEnd;
        this.callbacks = callbacks;
        from = JobFds.watch(loop, fd, this);
        sink.onRoom(this::begin);
    }

    /** Also goes on, after a pause. */
    void begin() {
        from.want(true, false);
    }

    /** Nothing will ever come. */
    void abandon() {
        from.close();
    }

    @Override
    public void ready(boolean toWrite, boolean toRead) {
        int room = sink().room();
        if (room == 0) {
            from.want(false, false);
            // It may have come before that, and would not be told again.
            if (sink().room() > 0) {
                begin();
            }
            return;
        }
        int size = from.read(room);
        while (size > 0) {
            count(size);
            if (!wide && count() >= MUCH && room == Integer.MAX_VALUE) {
                wide = true;
                from.widen(WIDE);
            }
            if (sink().isForeign()) {
                byte[] bytes = new byte[size];
                loop.copy(0, bytes, 0, size);
                hand(bytes);
                return;
            }
            accept(null, size);
            // At an end there is something or nothing, and then no more: there is no need to be told so.
            if (!toWrite || size >= Math.min(room, NARROW)) {
                return;
            }
            size = from.read(room - size);
        }
        if (size == 0 || !Reactor.isAgain(size)) {
            end();
        }
    }

    /**
     * Gives the sink what was read, or what was copied of it. By the loop's thread or another, but by one after the other: the lock is
     * for what they see of the sink.
     */
    private synchronized void accept(byte[] copied, int size) {
        try {
            if (copied == null) {
                sink().accept(loop, size);
            } else {
                sink().accept(copied, size);
            }
        } catch (InterruptedException e) {
            // It had room and did not wait.
            Thread.currentThread().interrupt();
        }
    }

    /** To code of the user's; nothing is read meanwhile. */
    private void hand(byte[] bytes) {
        from.want(false, false);
        callbacks.execute(() -> {
            accept(bytes, bytes.length);
            begin();
        });
    }

    private void end() {
        from.close();
        if (sink().isForeign()) {
            callbacks.execute(this::finish);
        } else {
            finish();
        }
    }

    @Override
    void finish() {
        super.finish();
        loop.execute(atEnd);
    }

    @Override
    public void broken(Throwable e) {
        Log.warning(ReactorPump.class, "output of a job is lost", e);
        end();
    }
}
