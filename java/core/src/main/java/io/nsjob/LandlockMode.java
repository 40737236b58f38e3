package io.nsjob;

/** Whether a job is put under Landlock, as a second layer behind its mounts. */
public enum LandlockMode {
    /** Where the kernel has it. */
    AUTO("auto"),
    /** Not at all. */
    OFF("off"),
    /** Or the job does not run. */
    REQUIRED("required");

    private final String jsonName;

    LandlockMode(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code auto}
     */
    public String jsonName() {
        return jsonName;
    }
}
