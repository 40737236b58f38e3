package io.nsjob.internal.doctor;

import static io.nsjob.internal.doctor.Remedies.inWords;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.NamespaceKind;
import java.util.List;
import java.util.Optional;

/** Why there is no namespace: clone(2), user_namespaces(7), namespaces(7), and what distributions and engines add. */
final class NamespaceCauses {
    private static final List<String> ENGINE_FILTER = List.of("seccomp=unconfined",
        "securityContext.seccompProfile.type: Unconfined");

    private final Machine machine;
    private final Remedies remedies;

    NamespaceCauses(Machine machine) {
        this.machine = machine;
        remedies = new Remedies(machine);
    }

    Optional<Cause> of(Failure failure) {
        return switch (failure.errno()) {
            case Causes.EPERM, Causes.EACCES -> Optional.of(refused(failure));
            case Causes.ENOSPC -> Optional.of(usedUp(failure));
            case Causes.EUSERS -> Optional.of(inWords("user-namespaces-too-deep",
                "user namespaces nest at most 32 deep, and this process is that deep", "run nsjob further outside"));
            case Causes.EAGAIN -> Optional.of(tooManyProcesses());
            case Causes.EINVAL -> Optional.of(inWords("kind-not-in-kernel", "this kernel lacks namespaces of that kind: it has "
                + String.join(" ", kinds()), "a kernel built with CONFIG_*_NS"));
            default -> Optional.empty();
        };
    }

    private List<String> kinds() {
        return List.of(NamespaceKind.values()).stream().map(NamespaceKind::kernelName)
            .filter(kind -> machine.exists("/proc/self/ns/" + kind)).toList();
    }

    /** The switches first that are off for everybody, then what is around this process, then what it lacks itself. */
    Cause refused(Failure failure) {
        boolean user = !machine.isRoot();
        if (user && machine.sysctl("kernel.unprivileged_userns_clone").orElse(1) == 0) {
            return remedies.sysctl("unprivileged-userns-clone-off",
                "kernel.unprivileged_userns_clone is 0: user namespaces are off for users",
                "kernel.unprivileged_userns_clone=1");
        }
        if (user && machine.sysctl("kernel.apparmor_restrict_unprivileged_userns").orElse(0) == 1) {
            return apparmor();
        }
        if (machine.isFiltered()) {
            return inWords("seccomp-filter", machine.container().map(engine -> "the seccomp filter of " + engine).orElse(
                "a seccomp filter around this process (a container's, or another sandbox's)") + " refuses "
                + (failure.syscall().isEmpty() ? "it" : failure.syscall() + "(2)"),
                remedies.outside(ENGINE_FILTER.get(0), ENGINE_FILTER.get(1)) + "; in a job of nsjob: --allow-nesting");
        }
        if (machine.isChrooted()) {
            return inWords("chroot", "this process is in a chroot, where the kernel makes no user namespace",
                "run it in a mount namespace with a root of its own (pivot_root), or outside");
        }
        if (machine.isRoot() && !machine.isCapable(Machine.CAP_SYS_ADMIN)) {
            return inWords("no-cap-sys-admin", "root without CAP_SYS_ADMIN, as in a container",
                "give the container that capability (docker and podman: --cap-add SYS_ADMIN), or run as a user who may make"
                + " user namespaces");
        }
        if (!machine.hasMappedId()) {
            return inWords("unmapped-id", "the own uid " + machine.uid()
                + " is not mapped in the user namespace around this process",
                "map it there");
        }
        return securityModule();
    }

    /** A profile for the helper alone is less than what the sysctl opens, apparmor.d(5). */
    private Cause apparmor() {
        String text = "kernel.apparmor_restrict_unprivileged_userns is 1: AppArmor takes the capabilities in user namespaces"
            + " from users'"
            + " programs without a profile";
        String wider = "or, for all programs: " + remedies.asRoot("sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        Optional<String> helper = machine.helper();
        if (helper.isEmpty()) {
            return remedies.sysctl("apparmor-restricts-user-namespaces", text, "kernel.apparmor_restrict_unprivileged_userns=0");
        }
        String profile = "abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile nsjob-helper " + helper.get()
            + " flags=(unconfined) {\\n  userns,\\n}\\n";
        return remedies.byRoot("apparmor-restricts-user-namespaces", text, "sh -c 'printf \"" + profile
            + "\" >/etc/apparmor.d/nsjob-helper && apparmor_parser -r /etc/apparmor.d/nsjob-helper'", wider);
    }

    private Cause securityModule() {
        String modules = machine.text("/sys/kernel/security/lsm").orElse("").trim();
        String enforcing = machine.text("/sys/fs/selinux/enforce").orElse("").trim();
        if (enforcing.equals("1")) {
            return inWords("security-module", "SELinux is enforcing, and may forbid it",
                "see what was denied: ausearch -m AVC -ts recent; in a container: --security-opt label=disable");
        }
        return inWords("security-module", "nothing that is known to forbid it was found"
            + (modules.isEmpty() ? "" : "; one of the security modules may: " + modules), "see the kernel's log: dmesg");
    }

    private Cause usedUp(Failure failure) {
        String kind = kindOff(failure);
        if (kind.isEmpty()) {
            return inWords("namespaces-used-up", "a limit user.max_*_namespaces is used up, here or in a user namespace around"
                + " this one",
                "compare `sysctl -a --pattern user.max` with what there is (lsns), and raise the one that is reached");
        }
        String knob = "user.max_" + kind + "_namespaces";
        // In a user namespace it is the sandbox outside that has set it, and raising it takes CAP_SYS_RESOURCE in there.
        if (machine.inUserNamespace() && !machine.isCapable(Machine.CAP_SYS_RESOURCE)) {
            return inWords("max-namespaces", knob + " is 0: the sandbox around this process has set it",
                "allow it there (a job of nsjob: --allow-nesting)");
        }
        return remedies.sysctl("max-namespaces", knob + " is 0: namespaces of that kind are switched off", knob + "=10000");
    }

    /** The first kind that was asked for and is off; of the user namespaces' limit, which the helper does not name, too. */
    private String kindOff(Failure failure) {
        for (NamespaceKind kind : NamespaceKind.values()) {
            String name = kind.kernelName();
            boolean asked = failure.subject().isEmpty() || List.of(failure.subject().split("[, ]")).contains(name);
            if (asked && machine.sysctl("user.max_" + name + "_namespaces").orElse(1) == 0) {
                return name;
            }
        }
        return "";
    }

    private Cause tooManyProcesses() {
        String limit = machine.text("/proc/self/limits").orElse("").lines().filter(line -> line.startsWith("Max processes"))
            .map(line -> line.substring("Max processes".length()).trim().split("\\s+")[0]).findFirst().orElse("unlimited");
        return inWords("too-many-processes", "no process is left: " + (limit.equals("unlimited")
            ? "the pids limit of a cgroup around this process"
            : "RLIMIT_NPROC of this user is " + limit + ", or the pids limit of a cgroup is reached"),
            "raise it: ulimit -u, or pids.max (docker and podman: --pids-limit)");
    }
}
