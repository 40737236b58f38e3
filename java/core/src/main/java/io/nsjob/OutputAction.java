package io.nsjob;

/** What becomes of a job that writes more than its output limit. */
public enum OutputAction {
    /** It goes on; what is too much is read and dropped. */
    TRUNCATE("truncate"),
    /** It is ended, with {@link Outcome.OutputLimit}. */
    KILL("kill");

    private final String jsonName;

    OutputAction(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return {@code truncate} or {@code kill}
     */
    public String jsonName() {
        return jsonName;
    }
}
