package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import java.util.Optional;

/** From a failure that was seen to why it is so, told apart by what the machine says of itself. */
final class Causes {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENOSYS = 38;
    static final int EUSERS = 87;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    private final Machine machine;
    private final NamespaceCauses namespaces;
    private final IdCauses ids;
    private final MountCauses mounts;
    private final LimitCauses limits;
    private final ToolCauses tools;

    Causes(Machine machine) {
        this.machine = machine;
        namespaces = new NamespaceCauses(machine);
        ids = new IdCauses(machine, namespaces);
        mounts = new MountCauses(machine, namespaces);
        limits = new LimitCauses(machine);
        tools = new ToolCauses(machine);
    }

    /**
     * The cause of a failure.
     *
     * @param hint what the helper made of it, for where nothing better is known
     */
    Cause of(String feature, Failure failure, String hint) {
        return known(feature, failure).orElseGet(() -> Remedies.inWords("unknown", failure.message(), hint));
    }

    private Optional<Cause> known(String feature, Failure failure) {
        switch (failure.stage()) {
            case "clone": case "cgroup-namespace": case "time-namespace": case "fork":
            case "hostname": case "loopback": case "init-ids":
                return namespaces.of(failure);
            case "id-map":
                return ids.of(failure);
            case "spec":
                return feature.startsWith("ids.") ? ids.ofRanges() : feature.equals("files.id-mapped") ? ids.ofMounts()
                    : Optional.empty();
            case "mount": case "pivot": case "nesting":
                return mounts.of(failure);
            case "cgroup": case "limits":
                return limits.of(failure);
            case "keyring": case "landlock": case "seccomp": case "terminal": case "call":
                return tools.ofKernel(failure);
            case "helper": case "spawn": case "state": case "jna": case "program":
                return tools.of(failure);
            default:
                return Optional.empty();
        }
    }

    /** What is no failure of a job, but of the place it runs in. */
    Optional<String> container() {
        return machine.container();
    }
}
