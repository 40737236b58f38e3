package io.nsjob;

/**
 * Whose a file is in a bind. Without a mapping everybody keeps the id that the disk says. With one, what belongs to the owner of
 * the source belongs to the job in there, and what the job creates belongs to that owner; all others are nobody. It matters to a
 * root caller, whose jobs have ids that own nothing: see mount_setattr(2), {@code MOUNT_ATTR_IDMAP}. A user's own files are
 * its jobs' anyway.
 */
public enum IdMapping {
    /** Ids are as on disk. */
    NONE("none"),
    /** Mapped where it can be; where not, ids are as on disk, and the report lists it as weakened. */
    TRY("try"),
    /** Mapped, or the job is not started. */
    REQUIRED("required");

    private final String jsonName;

    IdMapping(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code required}
     */
    public String jsonName() {
        return jsonName;
    }
}
