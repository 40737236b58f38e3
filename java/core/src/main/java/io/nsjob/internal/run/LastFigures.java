package io.nsjob.internal.run;

import io.nsjob.Usage;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.EventReader;
import io.nsjob.internal.wire.Frame;
import io.nsjob.internal.wire.ProtocolException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** What a job used, as its supervisor said it last: read when somebody asks. */
final class LastFigures {
    private final Frame frame;
    private Event.Used read;

    LastFigures(Frame frame) {
        this.frame = frame;
    }

    LastFigures(Event.Used known) {
        frame = null;
        read = known;
    }

    /** Fails when what was said is nothing of the kind. */
    synchronized void check() throws ProtocolException {
        if (read == null) {
            read = (Event.Used) EventReader.read(frame);
        }
    }

    synchronized Event.Used get() {
        try {
            check();
            return read;
        } catch (ProtocolException e) {
            throw new IllegalStateException("the figures of a job cannot be read", e);
        }
    }

    /** The same with what was counted here. */
    Usage usage(JobStreams.Captured captured) {
        Event.Used known = get();
        return new Usage(Duration.ofMillis(known.wallMillis()), Duration.of(known.userMicros(), ChronoUnit.MICROS),
            Duration.of(known.systemMicros(), ChronoUnit.MICROS), known.maxRssBytes(), known.minorFaults(), known.majorFaults(),
            captured.stdoutBytes(), captured.stderrBytes(), CgroupFigures.of(known.cgroups()));
    }
}
