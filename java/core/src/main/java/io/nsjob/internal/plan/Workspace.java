package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.Profile;
import io.nsjob.RootKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.Identity;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The one directory of the host that a job writes to. */
final class Workspace {
    /** Of everybody, not of a project. */
    private static final Set<String> SHARED = Set.of("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt",
        "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/local", "/var", "/var/tmp");

    private Workspace() {
    }

    /** The one that was named, else in profile build the current directory unless there is too much in it. */
    static Optional<String> of(JobSpec spec, HostFacts facts) {
        if (spec.rootKind() == RootKind.HOST || spec.workspace().isPresent()) {
            return spec.workspace();
        }
        Optional<String> current = spec.profile() == Profile.BUILD ? facts.workingDirectory() : Optional.empty();
        return current.isPresent() && isTooMuch(current.get(), facts) ? Optional.empty() : current;
    }

    /** What it writes there is to belong to the caller, whose ids the job of a root caller does not have. */
    static Optional<Bind> bind(JobSpec spec, HostFacts facts) {
        Optional<String> path = of(spec, facts);
        if (path.isEmpty()) {
            return Optional.empty();
        }
        IdMapping mapping = facts.identity().caller() == Identity.Caller.HOST_ROOT ? IdMapping.REQUIRED : IdMapping.TRY;
        return Optional.of(Bind.writable(path.get(), path.get()).idMapped(mapping));
    }

    static void check(JobSpec spec, HostFacts facts, HostTree host, List<String> violations) {
        Optional<String> workspace = of(spec, facts);
        if (workspace.isPresent()) {
            if (!host.isDirectory(workspace.get())) {
                violations.add("$.filesystem.workspace: there is no directory " + workspace.get());
            }
        } else if (spec.profile() == Profile.BUILD && spec.rootKind() != RootKind.HOST) {
            violations.add("$.filesystem.workspace: the current directory, " + facts.workingDirectory().orElse("which is unknown")
                + ", is not taken for it, as it holds the home directory or belongs to everybody: go to the project, or name a workspace");
        }
    }

    private static boolean isTooMuch(String directory, HostFacts facts) {
        return SHARED.contains(directory) || holdsHome(directory, facts);
    }

    static boolean holdsHome(String directory, HostFacts facts) {
        Optional<String> home = facts.home();
        return home.isPresent() && (home.get() + "/").startsWith(directory + "/");
    }
}
