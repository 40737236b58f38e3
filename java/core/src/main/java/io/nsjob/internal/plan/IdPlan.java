package io.nsjob.internal.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything about ids in a launch plan.
 *
 * @param idMaps the maps of a new user namespace
 * @param dropGroups whether the supervisor empties its supplementary groups
 * @param init the ids that init takes
 * @param uid the job's user id inside
 * @param gid the job's group id inside
 * @param groups the job's supplementary groups inside
 * @param keptGroups names of the caller's groups that the job keeps though it has a user namespace of its own
 * @param keepsHostRoot whether the job stays uid 0 to the host
 */
record IdPlan(Optional<Map<String, Object>> idMaps, boolean dropGroups, Optional<Pair> init, OptionalLong uid,
        OptionalLong gid, Optional<List<Long>> groups, List<String> keptGroups, boolean keepsHostRoot) {

    /**
     * Two ids as seen inside.
     *
     * @param uid user id
     * @param gid group id
     */
    record Pair(long uid, long gid) {
    }

    /** A plan that changes nothing. */
    static IdPlan unchanged() {
        return new IdPlan(Optional.empty(), false, Optional.empty(), OptionalLong.empty(), OptionalLong.empty(),
            Optional.empty(), List.of(), false);
    }
}
