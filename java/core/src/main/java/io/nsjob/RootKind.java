package io.nsjob;

/** What a job sees at {@code /}. */
public enum RootKind {
    /** The host's file tree, as it is: what {@link Profile#BARE} has. */
    HOST("host"),
    /**
     * A read-only root of its own: /usr and a few settings of the host, everything else private and empty. What
     * {@link Profile#ISOLATED} has.
     */
    MINIMAL("minimal");

    private final String jsonName;

    RootKind(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code minimal}
     */
    public String jsonName() {
        return jsonName;
    }
}
