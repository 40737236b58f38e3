package io.nsjob.internal.doctor;

import static io.nsjob.internal.doctor.Remedies.inWords;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import java.util.Arrays;
import java.util.Optional;

/** Why a feature of the kernel beside namespaces is not there, or a program that is used. */
final class ToolCauses {
    private final Machine machine;
    private final Remedies remedies;

    ToolCauses(Machine machine) {
        this.machine = machine;
        remedies = new Remedies(machine);
    }

    Optional<Cause> ofKernel(Failure failure) {
        boolean absent = failure.errno() == Causes.ENOSYS || failure.errno() == Causes.EOPNOTSUPP;
        boolean refused = failure.errno() == Causes.EPERM || failure.errno() == Causes.EACCES;
        if (failure.stage().equals("keyring") && failure.errno() == Causes.EDQUOT) {
            return Optional.of(remedies.sysctl("keys-used-up", "this user's quota of keys is used up, see /proc/key-users",
                "kernel.keys.maxkeys=2000"));
        }
        if (failure.stage().equals("terminal") && failure.errno() == Causes.ENOSPC) {
            return Optional.of(remedies.sysctl("terminals-used-up", "all terminals are in use", "kernel.pty.max=8192"));
        }
        if ((absent || refused) && machine.isFiltered()) {
            return Optional.of(inWords("seccomp-filter", "the seccomp filter around this process refuses " + failure.syscall()
                + "(2)",
                remedies.outside("seccomp=unconfined", "securityContext.seccompProfile.type: Unconfined")));
        }
        if (absent && failure.stage().equals("landlock")) {
            return Optional.of(landlock());
        }
        return absent ? Optional.of(inWords("not-in-kernel", "this kernel has no " + failure.syscall() + "(2)", ""))
            : Optional.empty();
    }

    private Cause landlock() {
        String modules = machine.text("/sys/kernel/security/lsm").orElse("").trim();
        if (!modules.isEmpty() && !Arrays.asList(modules.split(",")).contains("landlock")) {
            return inWords("landlock-not-started", "the kernel was started without Landlock: " + modules,
                "boot with lsm=landlock," + modules);
        }
        return inWords("not-in-kernel", "this kernel has no Landlock, or not the ABI 2 that nsjob needs",
            "Linux 5.19 or later, with CONFIG_SECURITY_LANDLOCK");
    }

    Optional<Cause> of(Failure failure) {
        return switch (failure.stage()) {
            case "jna" -> Optional.of(jna(failure));
            case "program" -> Optional.of(Remedies.by("program-missing", failure.subject() + " is not installed",
                remedies.asRoot("apt-get install -y iproute2"), "by the package manager of this distribution"));
            default -> helper(failure);
        };
    }

    private Optional<Cause> helper(Failure failure) {
        if (failure.stage().equals("state")) {
            return Optional.of(inWords("no-state-directory", failure.message(),
                "a directory of one's own: set XDG_RUNTIME_DIR, or make /tmp writable"));
        }
        Optional<String> place = machine.helper();
        Optional<Machine.Mount> mount = place.flatMap(machine::mountOf).filter(found -> found.has("noexec"));
        if (mount.isPresent() || failure.message().contains("noexec")) {
            return Optional.of(mount.map(found -> remedies.byRoot("noexec", "the helper " + place.get()
                + " lies on a mount with noexec",
                "mount -o remount,exec " + found.point(), "or install the helper elsewhere and name it: NSJOB_HELPER=PATH"))
                .orElseGet(() -> inWords("noexec", failure.message(),
                "install the helper elsewhere and name it: NSJOB_HELPER=PATH")));
        }
        return Optional.of(inWords("no-helper", failure.message(),
            "set NSJOB_HELPER to a usable nsjob-helper, or install one: make install"));
    }

    /** JNA unpacks its library into a directory and maps it from there. */
    private Cause jna(Failure failure) {
        String directory = failure.subject();
        if (machine.mountOf(directory).filter(mount -> mount.has("noexec")).isPresent()) {
            return Remedies.by("noexec", "JNA unpacks its library into " + directory + ", which lies on a mount with noexec",
                "export JAVA_TOOL_OPTIONS=-Djna.tmpdir=\"$HOME\"", "any directory will do from which programs can be run");
        }
        return inWords("jna", "JNA cannot be loaded: " + failure.message(), "is jna.jar beside nsjob's, for this processor?");
    }
}
