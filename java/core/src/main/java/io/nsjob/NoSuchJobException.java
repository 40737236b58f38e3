package io.nsjob;

import java.io.IOException;

/** No running job, or more than one, is what was asked for. */
public final class NoSuchJobException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what was asked for, and what there is
     */
    public NoSuchJobException(String message) {
        super(message);
    }
}
