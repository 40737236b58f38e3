package io.nsjob.cli.explain;

import io.nsjob.Capabilities;
import io.nsjob.Rlimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The stages of the job's own process, from its birth to its filter. */
final class ProcessStages {
    private ProcessStages() {}

    static void addTo(Map<String, Function<Work, Stages.Stage>> all) {
        all.put("session", ProcessStages::session);
        all.put("limits", ProcessStages::limits);
        all.put("chroot", work -> Tree.at(work.process(), "chroot").isPresent() ? new Stages.Stage("chroot", "job",
            List.of("chroot(\"" + Tree.text(work.process(), "chroot") + "\")"),
            "another directory is called /; it is no boundary") : null);
        all.put("credentials", ProcessStages::credentials);
        all.put("terminal", work -> Tree.at(work.process(), "terminal").isPresent() ? new Stages.Stage("terminal", "job",
            List.of("open(\"/dev/ptmx\")", "ioctl(TIOCSCTTY)"), "a terminal of the job's own, relayed by the supervisor") : null);
        all.put("no-new-privs", work -> Tree.is(work.process(), "noNewPrivs") ? new Stages.Stage("no-new-privs", "job",
            List.of("prctl(PR_SET_NO_NEW_PRIVS, 1)"), "set-user-id programs give nothing from here on") : null);
        all.put("keyring", work -> List.of("new", "try").contains(Tree.text(work.process(), "keyring"))
            ? new Stages.Stage("keyring", "job",
            List.of("keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)"), "the caller's keys are not the job's") : null);
        all.put("landlock", work -> Tree.at(work.process(), "landlock").isPresent() ? new Stages.Stage("landlock", "job",
            List.of("landlock_create_ruleset()", "landlock_add_rule() for " + Tree.list(work.process(), "landlock", "rules")
            .size() + " paths",
                "landlock_restrict_self()"), Tree.is(work.process(), "landlock", "required")
                ? "what is read-only, once more, from another part of the kernel"
                : "what is read-only, once more, from another part of the kernel, where it is there") : null);
        all.put("cwd", work -> new Stages.Stage("cwd", "job", List.of("chdir(\"" + (Tree.at(work.process(), "cwd").isPresent()
            ? Tree.text(work.process(), "cwd") : ".") + "\")", "getcwd()"),
            "a directory that the job cannot reach is an error, not silently /"));
        all.put("seccomp", work -> Tree.at(work.process(), "seccomp").isPresent() ? new Stages.Stage("seccomp", "job",
            List.of("seccomp(SECCOMP_SET_MODE_FILTER)"), FilterSummary.of(Tree.text(work.process(), "seccomp", "filter")).line())
            : null);
    }

    private static Stages.Stage session(Work work) {
        List<String> calls = new ArrayList<>();
        if (Tree.is(work.process(), "newSession")) {
            calls.add("setsid()");
        }
        if (Tree.at(work.process(), "umask").isPresent()) {
            calls.add("umask(0" + Long.toOctalString(Tree.number(work.process(), "umask")) + ")");
        }
        return calls.isEmpty() ? null : new Stages.Stage("session", "job", calls,
            "away from the caller's terminal and its signals");
    }

    private static Stages.Stage limits(Work work) {
        List<String> calls = new ArrayList<>();
        for (Map<String, Object> limit : Tree.maps(work.process(), "rlimits")) {
            Rlimit name = List.of(Rlimit.values()).stream().filter(one -> one.number() == Tree.number(limit, "resource"))
                .findFirst().orElseThrow();
            calls.add("prlimit(RLIMIT_" + name.name() + ", " + amount(limit, "soft") + ", " + amount(limit, "hard") + ")");
        }
        if (Tree.at(work.process(), "nice").isPresent()) {
            calls.add("setpriority(" + Tree.number(work.process(), "nice") + ")");
        }
        if (Tree.at(work.process(), "ionice").isPresent()) {
            calls.add("ioprio_set(" + Tree.number(work.process(), "ionice", "class") + ":" + Tree.number(work.process(),
                "ionice", "level") + ")");
        }
        if (Tree.at(work.process(), "cpuAffinity").isPresent()) {
            calls.add("sched_setaffinity(" + String.join(",", Tree.texts(work.process(), "cpuAffinity")) + ")");
        }
        if (Tree.at(work.process(), "oomScoreAdj").isPresent()) {
            calls.add("write(\"/proc/self/oom_score_adj\", \"" + Tree.number(work.process(), "oomScoreAdj") + "\")");
        }
        return calls.isEmpty() ? null : new Stages.Stage("limits", "job", calls, "of each process; each is read back");
    }

    private static String amount(Map<String, Object> limit, String which) {
        long value = Tree.number(limit, which);
        return value < 0 ? "unlimited" : Long.toString(value);
    }

    private static Stages.Stage credentials(Work work) {
        List<String> calls = new ArrayList<>();
        Map<String, Object> process = work.process();
        if (Tree.at(process, "groups").isPresent()) {
            calls.add("setgroups(" + Tree.list(process, "groups").size() + ")");
        }
        if (Tree.at(process, "gid").isPresent()) {
            calls.add("setresgid(" + Tree.number(process, "gid") + ")");
        }
        if (Tree.at(process, "uid").isPresent()) {
            calls.add("setresuid(" + Tree.number(process, "uid") + ")");
        }
        List<Object> kept = Tree.list(process, "capabilities");
        if (Tree.is(process, "dropCapabilities")) {
            calls.add(kept.isEmpty() ? "prctl(PR_CAPBSET_DROP) of all, capset(0)"
                : "prctl(PR_CAPBSET_DROP), capset(), prctl(PR_CAP_AMBIENT_RAISE)");
        }
        String purpose = !Tree.is(process, "dropCapabilities") ? "capabilities stay as they are"
            : kept.isEmpty() ? "no capability in any of the five sets" : "of the capabilities are left: " + String.join(" ",
            names(kept));
        return calls.isEmpty() ? null : new Stages.Stage("credentials", "job", calls, purpose);
    }

    /** Capabilities by number, as the plan has them. */
    static List<String> names(List<Object> numbers) {
        List<String> names = new ArrayList<>();
        for (Object number : numbers) {
            int index = ((Number) number).intValue();
            names.add(index < Capabilities.names().size() ? Capabilities.names().get(index) : Integer.toString(index));
        }
        return names;
    }
}
