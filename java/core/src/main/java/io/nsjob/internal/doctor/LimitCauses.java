package io.nsjob.internal.doctor;

import static io.nsjob.internal.doctor.Remedies.inWords;

import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.internal.os.CgroupHierarchy;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Why a limit cannot be enforced for a whole job: cgroups(7), and how systemd delegates them. */
final class LimitCauses {
    private final Machine machine;
    private final Remedies remedies;

    LimitCauses(Machine machine) {
        this.machine = machine;
        remedies = new Remedies(machine);
    }

    /** The failure's subject is a controller. */
    Optional<Cause> of(Failure failure) {
        if (failure.stage().equals("limits")) {
            return Optional.of(inWords("hard-limit", "the caller's own hard limits are below",
                "raise them: ulimit -H, or limits.conf(5)"));
        }
        String controller = failure.subject();
        Optional<CgroupHierarchy> tree = machine.hierarchy(controller);
        if (tree.isEmpty()) {
            return Optional.of(inWords("no-cgroups", "no hierarchy of cgroups is mounted here in which this process is to be"
                + " seen",
                "mount one: in a container, /sys/fs/cgroup by the engine"));
        }
        CgroupHierarchy found = tree.get();
        if (found.version() == 2 && !lists(found.mountPoint() + "/cgroup.controllers", controller)) {
            return Optional.of(noController(controller));
        }
        if (machine.mountOf(found.mountPoint().toString()).filter(mount -> mount.has("ro")).isPresent()) {
            return Optional.of(inWords("cgroups-read-only", found.mountPoint() + " is read-only, as in a container",
                "docker: --cgroupns=private with a writable /sys/fs/cgroup (--privileged); podman: --security-opt"
                + " unmask=/sys/fs/cgroup"));
        }
        if (machine.isRoot() && machine.inUserNamespace()) {
            return Optional.of(inWords("no-cgroup-delegation",
                "the cgroups around this process belong to a user outside of its user namespace",
                "hand one over from outside, or start nsjob there"));
        }
        if (machine.isRoot()) {
            return Optional.of(inWords("cgroup-in-use", "no cgroup can be made for jobs in " + found.own() + ", or not with "
                + controller,
                found.version() == 1 ? "see what mkdir(2) says there"
                : "processes other than this one are in it, and a cgroup with processes has no"
                    + " controllers for others: run in a service of its own with Delegate=yes, or switch " + controller
                    + " on in cgroup.subtree_control above"));
        }
        return Optional.of(found.version() == 1 ? oldDelegation() : delegation(controller, found));
    }

    private boolean lists(String file, String controller) {
        return Arrays.asList(machine.text(file).orElse("").trim().split("\\s+")).contains(controller);
    }

    private static Cause noController(String controller) {
        return inWords("no-cgroup-controller", "the kernel's cgroups have no controller " + controller + " here",
            controller.equals("memory") ? "boot with cgroup_enable=memory, or a kernel built with CONFIG_MEMCG"
                : "a kernel that has it, and in a container an engine that passes it on");
    }

    /** Version 1 knows no delegation but the owner of a directory, one in each hierarchy; a cpuset takes nobody before it is filled. */
    private Cause oldDelegation() {
        String own = machine.oldHierarchies().stream().map(tree -> tree.own().toString()).distinct()
            .collect(Collectors.joining(" "));
        String script = "for d in " + own + "; do n=$d/nsjob-" + machine.uid() + " && mkdir -p $n && { [ ! -e $d/cpuset.cpus ] ||"
            + " { cat $d/cpuset.cpus >$n/cpuset.cpus && cat $d/cpuset.mems >$n/cpuset.mems; }; } && chown -R " + machine.uid()
            + " $n && echo $0 >$n/tasks; done";
        return remedies.byRoot("no-cgroup-delegation", "the cgroups around this process are not uid " + machine.uid()
            + "'s to divide",
            "sh -c '" + script + "' $$", "it moves this shell, and what it starts later, into cgroups that are");
    }

    private Cause delegation(String controller, CgroupHierarchy tree) {
        String text = "the own cgroup, " + tree.own() + ", is not this user's to divide";
        if (!machine.exists("/run/systemd/system")) {
            return inWords("no-cgroup-delegation", text, "root can make one and give it away: chown its directory, cgroup.procs"
                + " and cgroup.subtree_control to uid " + machine.uid());
        }
        String manager = tree.mountPoint() + "/user.slice/user-" + machine.uid() + ".slice/user@" + machine.uid() + ".service";
        if (!machine.exists(manager)) {
            return remedies.byRoot("no-cgroup-delegation", text + ", and there is no user manager of systemd for uid "
                + machine.uid(),
                "loginctl enable-linger " + machine.uid(), "then start with: systemd-run --user --scope -p Delegate=yes --"
                + " COMMAND; in a service: Delegate=yes");
        }
        if (!lists(manager + "/cgroup.controllers", controller)) {
            return remedies.byRoot("no-cgroup-delegation", "systemd does not pass the controller " + controller + " on to users",
                "sh -c 'mkdir -p /etc/systemd/system/user@.service.d && printf \"[Service]\\nDelegate=cpu cpuset io memory"
                + " pids\\n\""
                    + " >/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload'", "then log in anew");
        }
        return Remedies.by("no-cgroup-delegation", text, "systemd-run --user --scope -p Delegate=yes -- \"$SHELL\"",
            "it starts a shell in a cgroup that is yours; in a service: Delegate=yes");
    }
}
