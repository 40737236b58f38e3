package io.nsjob.internal.doctor;

import static io.nsjob.internal.doctor.Remedies.inWords;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import java.util.List;
import java.util.Optional;

/** Why something cannot be mounted: mount(2), mount_namespaces(7), and mount_too_revealing() of the kernel's fs/namespace.c. */
final class MountCauses {
    private static final int SHOWN = 3;

    private final Machine machine;
    private final NamespaceCauses namespaces;
    private final Remedies remedies;

    MountCauses(Machine machine, NamespaceCauses namespaces) {
        this.machine = machine;
        this.namespaces = namespaces;
        remedies = new Remedies(machine);
    }

    Optional<Cause> of(Failure failure) {
        boolean refused = failure.errno() == Causes.EPERM || failure.errno() == Causes.EACCES;
        if (failure.subject().equals("overlay")) {
            return overlay(failure);
        }
        if (refused && failure.message().contains("map the ids of a mount")) {
            return Optional.of(namespaces.refused(failure));
        }
        if (failure.message().contains("map the ids of a mount")) {
            return Optional.of(inWords("filesystem-cannot-map-ids", "the filesystem of " + failure.subject()
                + " cannot be id-mapped",
                "use one that can (ext4, xfs, btrfs, tmpfs since Linux 6.3), or --bind DIR,idmap=try"));
        }
        if (failure.subject().contains("max_user_namespaces")) {
            return Optional.of(hiddenSysctls());
        }
        if (refused && failure.message().contains("fresh proc")) {
            return Optional.of(proc(failure));
        }
        if (failure.stage().equals("nesting")) {
            return namespaces.of(failure);
        }
        if (failure.errno() == Causes.ENOSYS) {
            return Optional.of(machine.isFiltered() ? namespaces.refused(failure)
                : inWords("kernel-too-old", "this kernel lacks " + failure.syscall() + "(2)", "Linux 5.12 or later"));
        }
        if (failure.errno() == Causes.ENOSPC) {
            return Optional.of(remedies.sysctl("too-many-mounts", "fs.mount-max is reached", "fs.mount-max=200000"));
        }
        return refused ? Optional.of(namespaces.refused(failure)) : Optional.empty();
    }

    private Cause proc(Failure failure) {
        if (!machine.isRoot() && machine.sysctl("kernel.apparmor_restrict_unprivileged_userns").orElse(0) == 1) {
            return namespaces.refused(failure);
        }
        List<String> masks = machine.mounts().stream().map(Machine.Mount::point).filter(point -> point.startsWith("/proc/")
            && !point.equals("/proc/sys/fs/binfmt_misc")).distinct().toList();
        if (!masks.isEmpty()) {
            String shown = String.join(" ", masks.subList(0, Math.min(SHOWN, masks.size()))) + (masks.size() > SHOWN ? " ..."
                : "");
            return inWords("masked-proc", "mount too revealing: parts of /proc are covered around this process (" + shown
                + "), so the kernel allows no fresh one", unmask()
                + "; or keep the old /proc: \"filesystem\": {\"proc\": false}");
        }
        String options = machine.mountOf("/proc").map(Machine.Mount::superOptions).orElse("");
        if (options.contains("subset=pid")) {
            return procSubset();
        }
        if (options.matches("(.*,)?hidepid=(?!0|off).*")) {
            return remedies.byRoot("hidepid", "/proc is mounted with hidepid", "mount -o remount,hidepid=0 /proc",
                "and without the option in /etc/fstab");
        }
        return namespaces.refused(failure);
    }

    private Cause hiddenSysctls() {
        if (machine.mountOf("/proc").map(Machine.Mount::superOptions).orElse("").contains("subset=pid")) {
            return procSubset();
        }
        return inWords("masked-proc-sys", "/proc/sys is read-only or hidden around this process, as in a container", unmask()
            + "; or --allow-nesting, which does without");
    }

    private Cause procSubset() {
        return remedies.byRoot("proc-subset", "/proc is mounted with subset=pid, without its /proc/sys",
            "mount -t proc proc /proc",
            "the option cannot be taken back, but a whole one be mounted over it");
    }

    private String unmask() {
        return remedies.outside("systempaths=unconfined", "securityContext.procMount: Unmasked");
    }

    private Optional<Cause> overlay(Failure failure) {
        if (failure.errno() == Causes.ENODEV) {
            return Optional.of(remedies.byRoot("no-overlayfs", "this kernel has no overlayfs, or has not loaded it",
                "modprobe overlay", ""));
        }
        if (failure.errno() == Causes.EINVAL) {
            return Optional.of(inWords("overlay-on-overlay",
                "overlayfs does not take the layers: the root here is itself an overlay, or on a network"
                + " filesystem", "use directories of another filesystem (in a container: a volume)"));
        }
        boolean refused = failure.errno() == Causes.EPERM || failure.errno() == Causes.EACCES;
        if (refused && machine.sysctl("kernel.apparmor_restrict_unprivileged_userns").orElse(0) != 1 && !machine.isFiltered()) {
            return Optional.of(inWords("no-overlay-in-user-namespaces", "this kernel has no overlayfs in user namespaces",
                "Linux 5.11 or later"));
        }
        return refused ? Optional.of(namespaces.refused(failure)) : Optional.empty();
    }
}
