package io.nsjob;

import io.nsjob.internal.plan.SeccompPlan;
import io.nsjob.internal.wire.SeccompReader;
import java.util.Objects;
import java.util.Optional;

/** Which system calls a job may make. */
public final class Seccomp {
    /**
     * The list of this library: what ordinary programs need, without the calls by which kernels are attacked and jobs left.
     */
    public static final Seccomp DEFAULT = new Seccomp("default", null);
    /** No filter: the kernel decides alone. */
    public static final Seccomp NONE = new Seccomp("none", null);

    private final String name;
    private final String profile;

    private Seccomp(String name, String profile) {
        this.name = name;
        this.profile = profile;
    }

    /**
     * A profile of the caller's own, in the JSON form of Docker and of the OCI runtime specification. The first rule that
     * matches decides; only calls of the native architecture are ever let through; rules for capabilities apply to those that the job keeps by name.
     *
     * @param json the profile
     * @return the same, checked
     * @throws InvalidSpecException listing everything that is wrong with it; a profile under which no program could be started is
     */
    public static Seccomp profile(String json) {
        String profile = SeccompReader.canonical(Objects.requireNonNull(json, "json"));
        SeccompPlan.check(profile);
        return new Seccomp("profile", profile);
    }

    /**
     * The name in the job spec.
     *
     * @return {@code default}, {@code none}, or {@code profile} for one of the caller's own
     */
    public String jsonName() {
        return name;
    }

    /**
     * The profile of the caller's own.
     *
     * @return JSON in one line; empty for the two that have a name
     */
    public Optional<String> profileJson() {
        return Optional.ofNullable(profile);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Seccomp seccomp && name.equals(seccomp.name) && Objects.equals(profile, seccomp.profile);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, profile);
    }

    @Override
    public String toString() {
        return name;
    }
}
