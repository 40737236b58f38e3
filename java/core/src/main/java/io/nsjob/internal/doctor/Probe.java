package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Failure;
import io.nsjob.Diagnosis.State;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import java.util.Optional;

/**
 * A feature and the way in which it is tried out.
 *
 * @param feature its name
 * @param trial uses it once
 */
record Probe(String feature, Trial trial) {

    /** Uses a feature. Throws what a job throws that cannot be had. */
    interface Trial {
        Seen run(Launcher launcher) throws SandboxException, InterruptedException;
    }

    /**
     * What was seen of it.
     *
     * @param state how much there is
     * @param detail for people; may be empty
     * @param failure what failed, where something did without an exception
     */
    record Seen(State state, String detail, Optional<Failure> failure) {
        static Seen ok(String detail) {
            return new Seen(State.OK, detail, Optional.empty());
        }

        static Seen degraded(String detail, Failure failure) {
            return new Seen(State.DEGRADED, detail, Optional.of(failure));
        }

        static Seen missing(Failure failure) {
            return new Seen(State.MISSING, "", Optional.of(failure));
        }
    }
}
