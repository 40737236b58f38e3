package io.nsjob;

import io.nsjob.internal.doctor.Examination;
import java.util.List;
import java.util.Objects;

/**
 * Finds out what jobs can have here: this machine, this user, this surroundings. Every feature is used once, in a job that is
 * thrown away; what the kernel says of itself is read only to explain a failure that was seen.
 */
public final class Doctor {
    /** The diagnosis that says whether {@link JobSpec#isolated()} can be had. */
    public static final String ISOLATED = "profiles.isolated";

    private Doctor() {
    }

    /**
     * Examines everything. It starts some forty short jobs, several at a time, and takes about a second. It changes nothing
     * outside of them. May be called from any thread.
     *
     * @return one diagnosis for each feature, always of the same features in the same order; unmodifiable
     * @throws InterruptedException when this thread was interrupted; the jobs have been killed
     */
    public static List<Diagnosis> examine() throws InterruptedException {
        return Examination.all();
    }

    /**
     * Whether the profile for unknown code can be had, perhaps weakened.
     *
     * @param diagnoses of {@link #examine}
     * @return true unless it is missing
     */
    public static boolean canIsolate(List<Diagnosis> diagnoses) {
        return Objects.requireNonNull(diagnoses, "diagnoses").stream()
            .anyMatch(diagnosis -> diagnosis.feature().equals(ISOLATED) && diagnosis.state() != Diagnosis.State.MISSING);
    }
}
