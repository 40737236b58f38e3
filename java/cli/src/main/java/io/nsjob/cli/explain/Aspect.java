package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import io.nsjob.RootKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a job has beside its namespaces, so that what a tool lacks is what the job has and the tool has no way to say. */
enum Aspect {
    INIT, ROOT, FILES, SYS, CHROOT, CWD, IDS, HOST_ROOT_UNMAPPED, CAPABILITIES, NO_NEW_PRIVILEGES, SECCOMP, LANDLOCK, KEYRING,
        NESTING, ENVIRONMENT,
    SESSION, TERMINAL, UMASK, HOSTNAME, DOMAINNAME, LOOPBACK, PROPAGATION, OFFSETS, WALL_TIME, CPU_TIME, OUTPUT, RLIMITS,
    CGROUPS, SCHEDULING,
    OOM_SCORE, RESULTS, REPORT;

    /** What of a job is missing, in words, where a tool can do some things. */
    static List<String> missing(Work work, Set<Aspect> can) {
        List<String> lines = new ArrayList<>();
        for (Aspect aspect : of(work)) {
            if (!can.contains(aspect)) {
                lines.add(aspect.text(work));
            }
        }
        return lines;
    }

    private static Set<Aspect> of(Work work) {
        Set<Aspect> all = EnumSet.noneOf(Aspect.class);
        Map<String, Object> process = work.process();
        add(all, INIT, work.isNew(NamespaceKind.PID) && !work.spec().asPid1());
        add(all, ROOT, work.hasOwnRoot());
        add(all, FILES, !work.hasOwnRoot() && work.mounts().stream().anyMatch(step -> !List.of("propagation", "proc", "sysfs")
            .contains(Tree.text(step, "op"))));
        add(all, SYS, !work.hasOwnRoot() && work.has("sysfs"));
        add(all, CHROOT, process.containsKey("chroot"));
        add(all, CWD, work.spec().cwd().isPresent());
        add(all, IDS, work.spec().user().isPresent() || !work.isBare() && work.isNew(NamespaceKind.USER));
        add(all, HOST_ROOT_UNMAPPED, work.hasBlock());
        add(all, CAPABILITIES, Tree.is(process, "dropCapabilities"));
        add(all, NO_NEW_PRIVILEGES, Tree.is(process, "noNewPrivs"));
        add(all, SECCOMP, process.containsKey("seccomp"));
        add(all, LANDLOCK, process.containsKey("landlock"));
        add(all, KEYRING, !Tree.text(process, "keyring").isEmpty());
        add(all, NESTING, work.plan().containsKey("maxUserNamespaces"));
        add(all, ENVIRONMENT, !work.isBare() || !work.spec().environment().isEmpty() || work.spec().clearEnvironment()
            .orElse(false));
        add(all, SESSION, Tree.is(process, "newSession"));
        add(all, TERMINAL, process.containsKey("terminal"));
        add(all, UMASK, process.containsKey("umask"));
        add(all, HOSTNAME, work.plan().containsKey("hostname"));
        add(all, DOMAINNAME, work.plan().containsKey("domainname"));
        add(all, LOOPBACK, Tree.is(work.plan(), "loopback"));
        add(all, PROPAGATION, work.mounts("propagation").stream().anyMatch(step -> !Tree.text(step, "value").equals("private")));
        add(all, OFFSETS, work.plan().containsKey("timeOffsets"));
        add(all, WALL_TIME, Tree.at(work.plan(), "limits", "wallMillis").isPresent());
        add(all, CPU_TIME, Tree.at(work.plan(), "limits", "cpuMillis").isPresent());
        add(all, OUTPUT, work.spec().outputLimit().isPresent());
        add(all, RLIMITS, !Tree.list(process, "rlimits").isEmpty());
        add(all, CGROUPS, !Tree.list(work.plan(), "cgroups").isEmpty());
        add(all, SCHEDULING, process.containsKey("nice") || process.containsKey("ionice") || process.containsKey("cpuAffinity"));
        add(all, OOM_SCORE, process.containsKey("oomScoreAdj"));
        add(all, RESULTS, work.plan().containsKey("collect"));
        all.add(REPORT);
        return all;
    }

    private static void add(Set<Aspect> all, Aspect aspect, boolean there) {
        if (there) {
            all.add(aspect);
        }
    }

    private String text(Work work) {
        Map<String, Object> limits = Tree.map(work.plan(), "limits");
        return switch (this) {
            case INIT -> "an init: the command is pid 1 itself, which ignores its own SIGTERM and has to reap";
            case ROOT -> work.spec().rootKind() == RootKind.READONLY_HOST ? "the host's tree is not read-only"
                : "the root of its own: the host's tree is seen";
            case FILES -> "binds, directories in memory, overlays and files";
            case SYS -> "a /sys of its network";
            case CHROOT -> "chroot to " + Tree.text(work.process(), "chroot");
            case CWD -> "the working directory " + Tree.text(work.process(), "cwd");
            case IDS -> "the job's ids";
            case HOST_ROOT_UNMAPPED -> "ids that nobody has: root of the host is mapped into it";
            case CAPABILITIES -> "capabilities are dropped";
            case NO_NEW_PRIVILEGES -> "no_new_privs";
            case SECCOMP -> "the seccomp filter";
            case LANDLOCK -> "Landlock";
            case KEYRING -> "a session keyring of its own";
            case NESTING -> "user namespaces below it are forbidden";
            case ENVIRONMENT -> "the clean environment: it gets the caller's";
            case SESSION -> "a session of its own, away from the terminal";
            case TERMINAL -> "a terminal of its own";
            case UMASK -> "umask 0" + Long.toOctalString(Tree.number(work.process(), "umask"));
            case HOSTNAME -> "the host name " + Tree.text(work.plan(), "hostname");
            case DOMAINNAME -> "the domain name " + Tree.text(work.plan(), "domainname");
            case LOOPBACK -> "lo stays down";
            case PROPAGATION -> "the propagation of mounts";
            case OFFSETS -> "the offsets of the clocks";
            case WALL_TIME -> "the time limit of " + Tree.number(limits, "wallMillis") + " ms";
            case CPU_TIME -> "the limit of processor time, " + Tree.number(limits, "cpuMillis") + " ms";
            case OUTPUT -> "the limit of its output";
            case RLIMITS -> "resource limits (" + Tree.list(work.process(), "rlimits").size() + ")";
            case CGROUPS -> "limits by cgroups: " + String.join(" ", cgroupFiles(work));
            case SCHEDULING -> "priorities and processors";
            case OOM_SCORE -> "readiness to be killed when memory runs out";
            case RESULTS -> "results are collected";
            case REPORT -> "a report of what the kernel made of it, and an ending that tells set-up from job";
        };
    }

    private static Set<String> cgroupFiles(Work work) {
        Set<String> files = new LinkedHashSet<>();
        for (Map<String, Object> cgroup : Tree.maps(work.plan(), "cgroups")) {
            Tree.maps(cgroup, "write").forEach(write -> files.add(Tree.text(write, "name")));
        }
        return files;
    }
}
