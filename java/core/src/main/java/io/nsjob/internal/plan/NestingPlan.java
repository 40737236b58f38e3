package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** User namespaces below the job's own, and the second one that locks its mounts. */
final class NestingPlan {
    private NestingPlan() {
    }

    static boolean allowed(JobSpec spec) {
        return spec.allowNestedUserNamespaces().orElse(spec.profile() == Profile.BARE);
    }

    /** Itself, or in a user namespace that it makes. */
    static boolean mayMount(JobSpec spec) {
        return CapabilityPlan.mayHave(spec, "SYS_ADMIN") || allowed(spec);
    }

    /** In bare, the job's namespaces are its own to do with as it likes, as after unshare(1). */
    static boolean lockMounts(JobSpec spec) {
        // With SYS_RESOURCE it could raise the limit of its own user namespace.
        return spec.profile() != Profile.BARE && isNew(spec, NamespaceKind.USER) && isNew(spec, NamespaceKind.MNT)
            && (mayMount(spec) || CapabilityPlan.mayHave(spec, "SYS_RESOURCE"));
    }

    /** How many there may be below the job's first; empty where that is not limited. */
    static OptionalInt maximum(JobSpec spec, List<Map<String, Object>> mounts, List<String> violations) {
        // In one of its own making it could put capabilities on files that are root's on the disk.
        boolean mapped = CapabilityPlan.writesMappedIds(spec, mounts);
        boolean asked = spec.allowNestedUserNamespaces().orElse(false);
        if (mapped && asked) {
            violations.add("$.allowNestedUserNamespaces: cannot go with a writable bind whose ids are mapped");
        }
        if (!isNew(spec, NamespaceKind.USER) || allowed(spec) && !mapped) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(lockMounts(spec) ? 1 : 0);
    }

    private static boolean isNew(JobSpec spec, NamespaceKind kind) {
        return spec.namespace(kind) instanceof NamespaceMode.New;
    }
}
