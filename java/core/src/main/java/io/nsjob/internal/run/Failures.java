package io.nsjob.internal.run;

import io.nsjob.SandboxException;

/** Failures that crossed a future. */
final class Failures {
    private Failures() {
    }

    /** Thrown again with the trace of the waiting thread below it, as the one in which it arose tells a user nothing. */
    static SandboxException rethrow(Throwable failure) {
        if (failure instanceof SandboxException known) {
            SandboxException again = new SandboxException(known.stage(), known.syscall(), known.errno(), known.subject(),
                known.getMessage(), known.hint().orElse("")).about(known.job());
            again.initCause(known.getCause());
            return again;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return new SandboxException("supervisor", String.valueOf(failure.getMessage()), failure);
    }
}
