package io.nsjob.internal.plan;

import io.nsjob.JoinTarget;
import io.nsjob.NamespaceKind;
import io.nsjob.internal.os.TargetProcess;
import java.util.Map;
import java.util.Optional;

/**
 * What a command is to join, as found.
 *
 * @param target as it was asked for
 * @param process the process of a target that has one
 * @param filter the filter of a job that is on record, base64
 * @param landlock the Landlock ruleset of a job that is on record, as in its plan
 * @param onRecord whether the process is of a job of which these two are known
 */
public record JoinPlace(JoinTarget target, Optional<TargetProcess> process, Optional<String> filter,
        Optional<Map<String, Object>> landlock, boolean onRecord) {

    boolean takes(NamespaceKind kind) {
        return target.kinds().isEmpty() || target.kinds().contains(kind);
    }
}
