package io.nsjob;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Ids and privileges of a job, as the kernel shows them.
 *
 * @param uid user id
 * @param gid group id
 * @param groups supplementary groups, as seen outside
 * @param capabilities the five sets by name, hexadecimal
 * @param noNewPrivileges whether exec can give it none
 * @param seccomp 0 none, 1 strict, 2 filter
 */
public record JobCredentials(Id uid, Id gid, List<Long> groups, Map<String, String> capabilities, boolean noNewPrivileges,
        int seccomp) {

    /** Copies the collections. */
    public JobCredentials {
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(gid, "gid");
        groups = List.copyOf(groups);
        // Not Map.copyOf, which would shuffle the five sets.
        capabilities = Collections.unmodifiableMap(new LinkedHashMap<>(capabilities));
    }

    /**
     * An id from both sides.
     *
     * @param inside as the job sees it; empty when it is not mapped
     * @param outside as the caller sees it
     */
    public record Id(OptionalLong inside, long outside) {
        /** Checks that nothing is missing. */
        public Id {
            Objects.requireNonNull(inside, "inside");
        }
    }
}
