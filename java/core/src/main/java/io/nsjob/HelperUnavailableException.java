package io.nsjob;

import java.util.List;

/** No usable {@code nsjob-helper} was found. */
public final class HelperUnavailableException extends SandboxException {
    private static final long serialVersionUID = 1L;

    private final List<String> tried;

    /**
     * Makes the exception.
     *
     * @param tried every place that was looked at, and why it was refused
     */
    public HelperUnavailableException(List<String> tried) {
        super("helper", "", 0, "nsjob-helper", "no usable nsjob-helper: " + String.join("; ", tried),
            "set -Dnsjob.helper=/path/to/nsjob-helper or NSJOB_HELPER");
        this.tried = List.copyOf(tried);
    }

    /**
     * Every place that was looked at, and why it was refused.
     *
     * @return in order
     */
    public List<String> tried() {
        return tried;
    }
}
