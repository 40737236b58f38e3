package io.nsjob;

import java.util.List;

/**
 * The ids a job runs with, as seen inside its user namespace.
 *
 * @param uid user id
 * @param gid group id
 * @param groups supplementary groups
 */
public record JobUser(long uid, long gid, List<Long> groups) {

    /** Checks that these are ids and copies the list. */
    public JobUser {
        groups = List.copyOf(groups);
        checkId(uid);
        checkId(gid);
        groups.forEach(JobUser::checkId);
    }

    /**
     * Without supplementary groups.
     *
     * @param uid user id
     * @param gid group id
     */
    public JobUser(long uid, long gid) {
        this(uid, gid, List.of());
    }

    private static void checkId(long id) {
        if (id < 0 || id >= IdRange.MAX_ID) {
            throw new IllegalArgumentException("not an id: " + id);
        }
    }
}
