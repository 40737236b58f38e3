package io.nsjob.internal.plan;

import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A root by chroot(2): who may have it, where its proc goes, and what it does not hold. */
final class Chroot {
    private static final String SYS_CHROOT = "SYS_CHROOT";

    private Chroot() {
    }

    static void check(JobSpec spec, HostFacts facts, List<String> violations) {
        if (spec.chroot().isPresent() && inheritsUser(spec)
                && (facts.permittedCapabilities() >>> Capabilities.names().indexOf(SYS_CHROOT) & 1) == 0) {
            violations.add("$.filesystem.chroot: needs CAP_SYS_CHROOT: a new user namespace (-U), or root");
        }
    }

    private static boolean inheritsUser(JobSpec spec) {
        return spec.namespace(NamespaceKind.USER) instanceof NamespaceMode.Inherit;
    }

    /** As unshare(1) mounts it, behind its chroot. A link would lead elsewhere out here. */
    static Optional<String> proc(JobSpec spec, HostTree host) {
        return spec.chroot().map(directory -> Path.of(directory, "proc")).filter(path -> path.equals(path.normalize()))
            .map(Path::toString).filter(path -> !path.equals("/proc") && host.isDirectory(path) && host.link(path).isEmpty());
    }

    static void weakened(JobSpec spec, IdPlan ids, List<String> lines) {
        if (spec.chroot().isEmpty()) {
            return;
        }
        lines.add("filesystem: chroot(2) to " + spec.chroot().get() + " is no boundary: out gets who has CAP_SYS_CHROOT, or a process outside"
            + " to reach, as through /proc; --rootfs is one");
        boolean root = ids.uid().equals(OptionalLong.of(0)) || ids.uid().isEmpty();
        if (inheritsUser(spec) && root && CapabilityPlan.mayHave(spec, SYS_CHROOT)) {
            lines.add("filesystem: without a user namespace root in the chroot is the host's root, which walks out of it");
        }
    }
}
