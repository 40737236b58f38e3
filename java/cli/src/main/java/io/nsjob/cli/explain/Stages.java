package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The stages that a launch passes, with the system calls of each as this plan has them. The names are those of the helper's
 * stages.def; a test compares the lists.
 */
public final class Stages {
    private static final Map<String, Function<Work, Stage>> ALL = new LinkedHashMap<>();

    private Stages() {}

    /**
     * One stage.
     *
     * @param name as in reports and errors
     * @param by who does it: java, supervisor, init or job
     * @param calls the system calls, in order
     * @param purpose what it is for
     */
    public record Stage(String name, String by, List<String> calls, String purpose) {
        Map<String, Object> tree() {
            return Tree.of("name", name, "by", by, "calls", calls, "purpose", purpose);
        }
    }

    static {
        ALL.put("connect", work -> new Stage("connect", "supervisor", List.of("connect(NSJOB_SOCKET)"),
            "the helper comes to the socket of the JVM that started it, which knows it by a secret"));
        ALL.put("protocol", work -> new Stage("protocol", "supervisor", List.of("read(socket)"),
            "the launch plan comes as JSON: paths and numbers only, all decided by Java"));
        ALL.put("plan", work -> new Stage("plan", "supervisor", List.of("prctl(PR_SET_CHILD_SUBREAPER, 1)"),
            "the plan is checked field by field; orphans of the job will be the supervisor's to end"));
        ALL.put("id-block", Stages::idBlock);
        ALL.put("cgroup", Stages::cgroup);
        ALL.put("groups", work -> Tree.is(work.plan(), "dropGroups") ? new Stage("groups", "supervisor",
            List.of("setgroups(0, NULL)"),
            "root's groups are not the job's; inside, where setgroups is denied, it would be too late") : null);
        ALL.put("open-namespaces", Stages::openNamespaces);
        ALL.put("join", Stages::join);
        ALL.put("clone", Stages::fork);
        ALL.put("id-map", IdStages::idMap);
        ALL.put("stdio", Stages::stdio);
        ALL.put("init-ids", IdStages::initIds);
        ALL.put("cgroup-namespace", work -> work.isNew(NamespaceKind.CGROUP) ? new Stage("cgroup-namespace", "init",
            List.of("unshare(CLONE_NEWCGROUP)"), "after it is in its cgroups, so that they are the root of what the job sees")
            : null);
        ALL.put("time-namespace", Stages::time);
        ALL.put("mount", MountStages::mount);
        ALL.put("pivot", MountStages::pivot);
        ALL.put("nesting", Stages::nesting);
        ALL.put("hostname", Stages::names);
        ALL.put("loopback", work -> Tree.is(work.plan(), "loopback") ? new Stage("loopback", "init",
            List.of("ioctl(SIOCSIFFLAGS, \"lo\", IFF_UP)"), "a new network namespace has nothing but lo, and it is down") : null);
        ALL.put("fork", work -> new Stage("fork", "init", List.of(Tree.is(work.process(), "asPid1")
            ? "clone3(CLONE_NEWPID|CLONE_PIDFD)" : "clone3(CLONE_PIDFD)", "prctl(PR_SET_DUMPABLE, 0)"),
            "the job's process; init stays above it, reaps, and cannot be looked into by the job"));
        ProcessStages.addTo(ALL);
        ALL.put("build", work -> new Stage("build", "supervisor", List.of("recvmsg()"),
            "init and the job's process say that they are ready, or why not"));
        ALL.put("pin", Stages::pins);
        ALL.put("verify", work -> new Stage("verify", "supervisor", List.of("openat(\"/proc/PID/ns/*\")", "fstat()",
            "read(\"/proc/PID/{status,uid_map,gid_map}\")"),
            "a namespace that was asked for and is not new is an error; the report says what the kernel shows"));
        ALL.put("hold", work -> new Stage("hold", "supervisor", List.of("read(socket)"),
            "the command waits until Java, which has the report now, lets it go"));
        ALL.put("exec", Stages::exec);
        ALL.put("supervise", work -> new Stage("supervise", "supervisor", List.of("poll()", "waitid(P_PIDFD)"),
            supervision(work)));
    }

    /**
     * Those that this job passes.
     *
     * @param work the job
     * @return in order
     */
    public static List<Stage> of(Work work) {
        List<Stage> stages = new ArrayList<>();
        ALL.values().forEach(explain -> {
            Stage stage = explain.apply(work);
            if (stage != null) {
                stages.add(stage);
            }
        });
        return stages;
    }

    /**
     * All that there are.
     *
     * @return names, in order
     */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    private static Stage idBlock(Work work) {
        return work.hasBlock() ? new Stage("id-block", "supervisor", List.of("openat(\""
            + Tree.text(work.plan(), "idMaps", "block", "directory")
            + "/BASE\", O_CREAT)", "fcntl(F_OFD_SETLK)"), "ids that no user, no container and no other job has; they are BASE"
            + " and the following below") : null;
    }

    private static Stage cgroup(Work work) {
        List<String> calls = new ArrayList<>();
        for (Map<String, Object> cgroup : Tree.maps(work.plan(), "cgroups")) {
            String directory = Tree.text(cgroup, "directory");
            calls.add("mkdir(\"" + directory.replaceFirst("nsjob-[^/]*$", "nsjob-…") + "\")");
            Tree.maps(cgroup, "write").forEach(write -> calls.add("  write(\"" + Tree.text(write, "name") + "\", \""
                + Tree.text(write, "value") + "\")"));
        }
        return calls.isEmpty() ? null : new Stage("cgroup", "supervisor", calls,
            "limits of all processes together; init will write \"0\" to their tasks or cgroup.procs as its first act");
    }

    private static Stage stdio(Work work) {
        if (Tree.list(work.process(), "ownedStdio").isEmpty() || Tree.at(work.plan(), "idMaps").isEmpty()) {
            return null;
        }
        return work.root() ? new Stage("stdio", "supervisor", List.of("fchown(1), fchown(2)"),
            "pipes of the JVM's, where it reads the output, are given to the job's ids, so that it can open /dev/stdout")
            : new Stage("stdio", "supervisor", List.of(), "pipes of the JVM's, where it reads the output, are the job's already");
    }

    private static Stage openNamespaces(Work work) {
        List<String> calls = new ArrayList<>();
        work.joined().forEach(kind -> calls.add("open(\"" + work.joined(kind).orElseThrow() + "\")"));
        calls.addAll(copied(work, "open(\"/proc/PID/ns/mnt\")"));
        return calls.isEmpty() ? null : new Stage("open-namespaces", "supervisor", calls,
            "and ioctl(NS_GET_NSTYPE): a file of another kind is refused");
    }

    private static Stage join(Work work) {
        List<String> calls = new ArrayList<>();
        work.joined().forEach(kind -> calls.add("setns(fd, " + flag(kind) + ")"));
        calls.addAll(copied(work, "setns(fd, CLONE_NEWNS), to copy the mounts of PID"));
        return calls.isEmpty() ? null : new Stage("join", "supervisor", calls, "what is forked from here on lives in them");
    }

    /** The mounts of a process: entered by its pid, and copied by the clone that follows. */
    private static List<String> copied(Work work, String call) {
        return Tree.text(work.plan(), "namespaces", "mnt", "mode").equals("new") && Tree.at(work.plan(), "namespaces", "mnt",
            "pid").isPresent()
            ? List.of(call.replace("PID", Tree.text(work.plan(), "namespaces", "mnt", "pid"))) : List.of();
    }

    private static Stage fork(Work work) {
        List<String> flags = new ArrayList<>();
        for (NamespaceKind kind : work.fresh()) {
            // These two are made by init: after its cgroups, and with its offsets.
            if (kind != NamespaceKind.CGROUP && kind != NamespaceKind.TIME) {
                flags.add(flag(kind));
            }
        }
        flags.add("CLONE_PIDFD");
        return new Stage("clone", "supervisor", List.of("clone3(" + String.join("|", flags) + ")"), flags.size() == 1
            ? "init, a process of the helper's, is above the command also where nothing is new"
            : "init is born in new namespaces" + (work.isNew(NamespaceKind.PID) ? ", as pid 1: when it ends, all end" : ""));
    }

    static String flag(NamespaceKind kind) {
        return kind == NamespaceKind.MNT ? "CLONE_NEWNS" : "CLONE_NEW" + kind.name();
    }

    private static Stage time(Work work) {
        if (!work.isNew(NamespaceKind.TIME)) {
            return null;
        }
        List<String> calls = new ArrayList<>(List.of("unshare(CLONE_NEWTIME)"));
        Tree.map(work.plan(), "timeOffsets").forEach((clock, offset) -> calls.add("write(\"/proc/self/timens_offsets\", \""
            + clock + " "
            + Tree.number(offset, "seconds") + " " + Tree.number(offset, "nanos") + "\")"));
        calls.add("setns(\"/proc/self/ns/time_for_children\")");
        return new Stage("time-namespace", "init", calls, "offsets can be written until the first process is in it");
    }

    private static Stage nesting(Work work) {
        List<String> calls = new ArrayList<>();
        if (Tree.at(work.plan(), "maxUserNamespaces").isPresent()) {
            calls.add("write(\"/proc/sys/user/max_user_namespaces\", \"" + Tree.number(work.plan(), "maxUserNamespaces") + "\")");
        }
        if (Tree.is(work.process(), "lockMounts")) {
            calls.add("unshare(CLONE_NEWUSER|CLONE_NEWNS)");
        }
        return calls.isEmpty() ? null : new Stage("nesting", "init", calls, Tree.is(work.process(), "lockMounts")
            ? "in a second user namespace the mounts are locked: the job may mount, and not undo"
            : "no user namespaces below the job's");
    }

    private static Stage names(Work work) {
        List<String> calls = new ArrayList<>();
        if (Tree.at(work.plan(), "hostname").isPresent()) {
            calls.add("sethostname(\"" + Tree.text(work.plan(), "hostname") + "\")");
        }
        if (Tree.at(work.plan(), "domainname").isPresent()) {
            calls.add("setdomainname(\"" + Tree.text(work.plan(), "domainname") + "\")");
        }
        return calls.isEmpty() ? null : new Stage("hostname", "init", calls,
            "of the job's UTS namespace; the host keeps its own");
    }

    private static Stage pins(Work work) {
        List<String> calls = new ArrayList<>();
        for (Map<String, Object> pin : Tree.maps(work.plan(), "pins")) {
            calls.add("open_tree(\"/proc/PID/ns/" + Tree.text(pin, "kind") + "\", CLONE), move_mount(\"" + Tree.text(pin, "path")
                + "\")"
                + (Tree.is(pin, "inside") ? " inside" : ""));
        }
        return calls.isEmpty() ? null : new Stage("pin", "supervisor", calls,
            "a namespace with a file lives without a process in it");
    }

    private static Stage exec(Work work) {
        List<String> words = work.spec().command();
        String program = words.get(0);
        return new Stage("exec", "job", List.of("execve(" + (program.contains("/") ? "\"" + program + "\"" : "PATH/" + program)
            + ", argv["
            + words.size() + "], env[" + Tree.list(work.process(), "env").size() + "])"),
            "that it has happened is proven by a pipe that closes and a flag that the kernel clears");
    }

    private static String supervision(Work work) {
        List<String> limits = new ArrayList<>();
        if (Tree.at(work.plan(), "limits", "wallMillis").isPresent()) {
            limits.add("after " + Tree.number(work.plan(), "limits", "wallMillis") + " ms");
        }
        if (Tree.at(work.plan(), "limits", "cpuMillis").isPresent()) {
            limits.add("after " + Tree.number(work.plan(), "limits", "cpuMillis") + " ms of processor time");
        }
        limits.add("when the JVM is gone");
        return "until all of the job is dead. Signals go to it by its pidfd; it is ended " + String.join(", ", limits);
    }
}
