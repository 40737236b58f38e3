package io.nsjob;

import java.util.Optional;

/** A preset that a job spec starts from. */
public enum Profile {
    /** For unknown code: every kind of namespace but time, unprivileged ids, nothing kept from the caller. */
    ISOLATED("isolated"),
    /**
     * For steps of a build: the host's tree read-only with its tools, one directory writable at the path that it has
     * ({@link JobSpec#workspace}), a private home, no network unless it is asked for, larger limits.
     */
    BUILD("build"),
    /** Exactly the namespaces named and nothing else, as unshare(1) does. */
    BARE("bare");

    private final String jsonName;

    Profile(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code isolated}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * Finds a profile by its name in the job spec.
     *
     * @param name such as {@code bare}
     * @return the profile, or empty
     */
    public static Optional<Profile> ofJsonName(String name) {
        for (Profile profile : values()) {
            if (profile.jsonName.equals(name)) {
                return Optional.of(profile);
            }
        }
        return Optional.empty();
    }
}
