package io.nsjob.internal.run;

import io.nsjob.internal.os.JobFds;
import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.Loop;
import io.nsjob.internal.os.Reactor;
import io.nsjob.internal.os.Watched;
import java.util.Arrays;
import java.util.concurrent.Executor;

/** Reads one output of a job whenever there is something, and as long as whoever takes it has room. */
final class ReactorPump implements Reactor.Handler, JobStreams.Pump {
    private static final int BUFFER = 64 * 1024;

    private final Loop loop;
    private final Executor callbacks;
    private final OutputSink sink;
    private final Runnable atEnd;
    private final Watched from;
    private volatile long count;
    private volatile boolean ended;

    ReactorPump(Loop loop, Executor callbacks, int fd, OutputSink sink, Runnable atEnd) {
        this.loop = loop;
        this.sink = sink;
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
        int room = sink.room();
        if (room == 0) {
            from.want(false, false);
            // It may have come before that, and would not be told again.
            if (sink.room() > 0) {
                begin();
            }
            return;
        }
        int most = Math.min(room, BUFFER);
        int size = from.read(most);
        while (size > 0) {
            count += size;
            if (sink.isForeign()) {
                hand(Arrays.copyOf(loop.bytes(size), size));
                return;
            }
            accept(loop.bytes(size), size);
            // At an end there is something or nothing, and then no more: there is no need to be told so.
            if (!toWrite || size == most) {
                return;
            }
            size = from.read(most);
        }
        if (size == 0 || !Reactor.isAgain(size)) {
            end();
        }
    }

    /** By the reactor's thread or another, but by one after the other: the lock is for what they see of the sink. */
    private synchronized void accept(byte[] bytes, int size) {
        try {
            sink.accept(bytes, size);
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
        if (sink.isForeign()) {
            callbacks.execute(this::finish);
        } else {
            finish();
        }
    }

    private void finish() {
        try {
            sink.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended = true;
            loop.execute(atEnd);
        }
    }

    @Override
    public void broken(Throwable e) {
        Log.warning(ReactorPump.class, "output of a job is lost", e);
        end();
    }

    @Override
    public OutputSink sink() {
        return sink;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }
}
