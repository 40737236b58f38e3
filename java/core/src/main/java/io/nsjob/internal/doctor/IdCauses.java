package io.nsjob.internal.doctor;

import static io.nsjob.internal.doctor.Remedies.inWords;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import java.util.Optional;

/** Why ids cannot be mapped: user_namespaces(7), newuidmap(1), subuid(5). */
final class IdCauses {
    private final Machine machine;
    private final NamespaceCauses namespaces;
    private final Remedies remedies;

    IdCauses(Machine machine, NamespaceCauses namespaces) {
        this.machine = machine;
        this.namespaces = namespaces;
        remedies = new Remedies(machine);
    }

    Optional<Cause> of(Failure failure) {
        // The tools are run by path, and what they say is in the message.
        boolean byTools = failure.syscall().equals("execve") || failure.message().contains("newuidmap") || failure.message()
            .contains("newgidmap");
        if (byTools) {
            return ofRanges().or(() -> Optional.of(toolsWithoutPrivilege()));
        }
        boolean refused = failure.errno() == Causes.EPERM || failure.errno() == Causes.EACCES;
        return refused ? Optional.of(namespaces.refused(failure)) : Optional.empty();
    }

    /** What is missing for ranges of ids, in the order in which it must be there. */
    Optional<Cause> ofRanges() {
        if (machine.isRoot()) {
            return Optional.of(inWords("too-few-ids", "the user namespace around this process has no free block of 65536 ids"
                + " from 524288 on",
                "map more ids there, or give jobs maps of their own: --map-users INSIDE:OUTSIDE:COUNT"));
        }
        if (machine.userName().isEmpty()) {
            return Optional.of(remedies.byRoot("no-passwd-entry", "uid " + machine.uid()
                + " is not in /etc/passwd, and newuidmap wants a name",
                "useradd --no-create-home --uid " + machine.uid() + " user" + machine.uid(), ""));
        }
        if (machine.program("newuidmap").isEmpty() || machine.program("newgidmap").isEmpty()) {
            return Optional.of(Remedies.by("newuidmap-missing", "newuidmap and newgidmap are not installed",
                remedies.installUidmap(), ""));
        }
        if (!machine.hasSubordinateIds()) {
            long first = machine.freeRange();
            String range = first + "-" + (first + 65_535);
            return Optional.of(remedies.byRoot("no-subordinate-ids", "/etc/subuid and /etc/subgid have no range for "
                + machine.userName().get(), "usermod --add-subuids " + range + " --add-subgids " + range + " "
                + machine.userName().get(), ""));
        }
        return Optional.empty();
    }

    /** mount_setattr(2): it takes CAP_SYS_ADMIN in the user namespace that owns the filesystem. */
    Optional<Cause> ofMounts() {
        return machine.inUserNamespace() ? Optional.of(inWords("nested-user-namespace",
            "only the root of the user namespace that owns a filesystem"
            + " may map its ids, and this process is in another", "use --bind DIR,idmap=try, which goes on without"))
            : Optional.empty();
    }

    private Cause toolsWithoutPrivilege() {
        String tool = machine.program("newuidmap").orElse("newuidmap");
        if (machine.hasNoNewPrivileges()) {
            return inWords("no-new-privileges", "this process has no_new_privs, so that set-user-id programs such as " + tool
                + " give nothing",
                "start it without (docker: not with no-new-privileges; systemd: NoNewPrivileges=no)");
        }
        if (machine.mountOf(tool).filter(mount -> mount.has("nosuid")).isPresent()) {
            return inWords("nosuid", tool + " lies on a mount with nosuid", "mount it without");
        }
        if (!machine.isSetuid(tool)) {
            return remedies.byRoot("newuidmap-not-setuid", tool
                + " is not set-user-id, and any file capabilities that it has were not enough",
                "chmod u+s " + tool + " " + machine.program("newgidmap").orElse("newgidmap"), "");
        }
        if (machine.inUserNamespace()) {
            return inWords("nested-user-namespace", "inside a user namespace " + tool + " is no more than the root of that one",
                "map the ids in the outer one");
        }
        return inWords("unknown", tool + " refuses the map", "compare /etc/subuid with the ranges asked for");
    }
}
