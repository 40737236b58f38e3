package io.nsjob.internal.run;

import io.nsjob.SandboxException;

/** Failures that crossed a future. */
final class Failures {
    /** The stages of what ended without its last word, for no reason that is known here, or as was wished. */
    static final String SUPERVISOR = "supervisor", CANCEL = "cancel";

    private Failures() {
    }

    /** Whether nobody has told how far it came: all others say that nothing has run. */
    static boolean isSilent(SandboxException failure) {
        return failure.stage().equals(SUPERVISOR) || failure.stage().equals(CANCEL);
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
        return new SandboxException(SUPERVISOR, String.valueOf(failure.getMessage()), failure);
    }
}
