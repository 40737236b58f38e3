package io.nsjob;

/** How mount events travel between a new mount namespace and the one it was copied from; see mount_namespaces(7). */
public enum Propagation {
    /** Not at all. */
    PRIVATE("private"),
    /** From the host into the job only. */
    SLAVE("slave"),
    /** Both ways. */
    SHARED("shared"),
    /** As the mounts were. */
    UNCHANGED("unchanged");

    private final String jsonName;

    Propagation(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code private}
     */
    public String jsonName() {
        return jsonName;
    }
}
