package io.nsjob;

import java.util.Objects;

/** A job ran and did not succeed; thrown by {@link JobResult#orThrow()} alone. */
public final class JobFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient JobResult result;

    /**
     * Makes the exception.
     *
     * @param result how the job ended
     */
    public JobFailedException(JobResult result) {
        super("job " + Objects.requireNonNull(result, "result").name() + ": " + result.outcome().describe());
        this.result = result;
    }

    /**
     * How the job ended.
     *
     * @return the result
     */
    public JobResult result() {
        return result;
    }
}
