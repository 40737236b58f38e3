package io.nsjob;

/** What becomes of the capabilities that a process has in its own user namespace. */
public enum Capabilities {
    /** All five sets are emptied before exec. */
    NONE("none"),
    /** They are what exec leaves, as after unshare(1). */
    KEEP("keep");

    private final String jsonName;

    Capabilities(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return {@code none} or {@code keep}
     */
    public String jsonName() {
        return jsonName;
    }
}
