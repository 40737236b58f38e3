package io.nsjob;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What holds a job beside its namespaces and credentials, as its own processes found it while they made it.
 *
 * @param keyring whose session keyring the job has
 * @param landlockAbi the version of the kernel's Landlock that the job is under; 0 where there is none that would do; empty
 *     where it was not asked for
 * @param maxUserNamespaces how many user namespaces there may be below the job's own; empty where that is not limited
 * @param lockedMounts whether the job lives in a second user namespace, below the one that owns its mounts, so that it
 *     cannot undo them: {@link JobReport#namespaces} and {@link JobReport#uidMap} are about that one
 */
public record JobHardening(Keyring keyring, OptionalInt landlockAbi, OptionalLong maxUserNamespaces, boolean lockedMounts) {
    /** What a job has that asked for nothing. */
    public static final JobHardening NONE =
        new JobHardening(Keyring.INHERITED, OptionalInt.empty(), OptionalLong.empty(), false);

    /** Checks that nothing is missing. */
    public JobHardening {
        Objects.requireNonNull(keyring, "keyring");
        Objects.requireNonNull(landlockAbi, "landlockAbi");
        Objects.requireNonNull(maxUserNamespaces, "maxUserNamespaces");
    }

    /** Session keyrings. */
    public enum Keyring {
        /** The caller's. */
        INHERITED("inherited"),
        /** An empty one of its own. */
        NEW("new"),
        /** This kernel has none, or a filter around this process keeps all away from them. */
        UNAVAILABLE("unavailable"),
        /** The caller's, as the user's quota of keys is used up; the job's filter keeps it from asking for keys. */
        OVER_QUOTA("over-quota");

        private final String jsonName;

        Keyring(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in the report.
         *
         * @return such as {@code new}
         */
        public String jsonName() {
            return jsonName;
        }
    }
}
