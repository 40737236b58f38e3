package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Overlay;
import io.nsjob.Profile;
import io.nsjob.Propagation;
import io.nsjob.RootKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.Identity;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a job does not have of what its profile stands for, so that nothing is claimed that is not there. */
final class Weakened {
    private static final List<String> OF_HOST_ROOT = List.of(
        "filesystem: the host's tree is visible, and writable where the job's id may write",
        "sockets: host sockets, such as those under /run and /tmp, can be reached");

    private Weakened() {
    }

    static List<String> list(JobSpec spec, HostFacts facts, HostTree host, IdPlan ids, LimitPlan limits) {
        List<String> lines = new ArrayList<>();
        if (spec.profile() != Profile.BARE) {
            filesystem(spec, facts, host, lines);
        }
        Chroot.weakened(spec, ids, lines);
        lines.addAll(limits.weakened());
        if (spec.profile() != Profile.BARE) {
            namespaces(spec, lines);
            process(spec, lines);
            seccomp(spec, lines);
        }
        sockets(spec, facts, host, lines);
        if (!ids.keptGroups().isEmpty()) {
            lines.add("supplementary-groups: " + String.join(", ", ids.keptGroups()));
        }
        if (ids.keepsHostRoot()) {
            lines.add("ids: without an id map the job is nobody inside, but stays uid 0 to the host");
        }
        return lines;
    }

    static void filesystem(JobSpec spec, HostFacts facts, HostTree host, List<String> lines) {
        overlays(spec, facts, lines);
        if (spec.rootKind() == RootKind.HOST) {
            lines.addAll(OF_HOST_ROOT);
            return;
        }
        if (spec.rootKind() == RootKind.READONLY_HOST && spec.profile() != Profile.BUILD) {
            lines.add("filesystem: the host's tree is visible, read-only");
        }
        Optional<String> written = spec.rootfs().isPresent() ? spec.rootfs().get().written() : Optional.empty();
        if (written.isPresent()) {
            lines.add("filesystem: the host's " + written.get() + " is written to as /");
        }
        Optional<String> workspace = Workspace.of(spec, facts);
        if (workspace.isPresent() && spec.profile() != Profile.BUILD) {
            lines.add("filesystem: the host's " + workspace.get() + " is writable");
        }
        if (workspace.isPresent() && Workspace.holdsHome(workspace.get(), facts)) {
            lines.add("filesystem: the home directory is in the workspace");
        }
        for (Bind bind : spec.binds()) {
            if (!bind.readOnly()) {
                lines.add("filesystem: the host's " + bind.source() + " is writable as " + bind.target());
            }
        }
    }

    private static void overlays(JobSpec spec, HostFacts facts, List<String> lines) {
        boolean mapped = facts.identity().caller() == Identity.Caller.HOST_ROOT && spec.namespace(NamespaceKind.USER) instanceof NamespaceMode.New;
        for (Overlay overlay : spec.overlays()) {
            if (overlay.upper().isPresent()) {
                lines.add("filesystem: the host's " + overlay.upper().get() + " is written to as " + overlay.target());
            }
            if (mapped) {
                lines.add("ids: what belongs to the owner of " + String.join(", ", overlay.lower()) + " belongs to the job in "
                    + overlay.target() + ", to read");
            }
        }
    }

    /** Whatever the mount's flags, connect(2) works through it. */
    static void sockets(JobSpec spec, HostFacts facts, HostTree host, List<String> lines) {
        Set<String> sources = new LinkedHashSet<>();
        for (Bind bind : spec.binds()) {
            sources.add(bind.source());
        }
        Optional<String> workspace = Workspace.of(spec, facts);
        if (workspace.isPresent()) {
            sources.add(workspace.get());
        }
        for (String source : sources) {
            if (host.hasSocket(source)) {
                lines.add("sockets: there are some of the host in " + source + ", which can be reached");
            }
        }
    }

    private static void namespaces(JobSpec spec, List<String> lines) {
        for (NamespaceKind kind : NamespaceKind.values()) {
            NamespaceMode mode = spec.namespace(kind);
            if (kind != NamespaceKind.TIME && !(mode instanceof NamespaceMode.New)) {
                lines.add("namespaces." + kind.kernelName() + ": "
                    + (mode instanceof NamespaceMode.Inherit ? "the caller's" : "joined, not new"));
            }
        }
        boolean freshProc = spec.namespace(NamespaceKind.MNT) instanceof NamespaceMode.New
            && spec.namespace(NamespaceKind.PID) instanceof NamespaceMode.New && spec.freshProc().orElse(true);
        if (!freshProc) {
            lines.add("proc: /proc shows the host's processes");
        }
        Propagation propagation = spec.propagation().orElse(Propagation.PRIVATE);
        if (propagation != Propagation.PRIVATE) {
            lines.add("propagation: " + propagation.jsonName());
        }
    }

    private static void seccomp(JobSpec spec, List<String> lines) {
        if (!SeccompPlan.filtered(spec)) {
            lines.add("system calls: no seccomp filter");
        } else if (SeccompPlan.choice(spec).profileJson().isPresent()) {
            lines.add("system calls: a profile of the caller's own");
        }
    }

    private static void process(JobSpec spec, List<String> lines) {
        if (!spec.noNewPrivileges().orElse(true)) {
            lines.add("no_new_privs: off");
        }
        if (CapabilityPlan.choice(spec) == Capabilities.KEEP) {
            lines.add("capabilities: kept");
        } else if (!CapabilityPlan.named(spec).isEmpty()) {
            lines.add("capabilities: " + String.join(", ", CapabilityPlan.named(spec)) + ", in the job's own user namespace");
        }
        if (NestingPlan.allowed(spec)) {
            lines.add("user namespaces: may be nested, with all capabilities inside and the system calls to use them");
        }
        if (!spec.newKeyring().orElse(true)) {
            lines.add("keyring: the caller's session keyring");
        }
        if (LandlockPlan.choice(spec) == LandlockMode.OFF) {
            lines.add("landlock: off");
        }
        if (!spec.newSession().orElse(true)) {
            lines.add("session: the caller's, with its terminal");
        }
        if (!spec.clearEnvironment().orElse(true)) {
            lines.add("environment: the caller's");
        }
    }
}
