package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.Driver;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.StageTiming;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Older kernels, strict containers, and parents that left the process in a bad state: made by wrapping the helper. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES, Feature.TIME_NAMESPACES})
class FallbackTest {
    private static final int EPERM = 1;
    private static final int SECCOMP_FILTER = 2;
    private static final String SIGSTATE = TestJobs.program("sigstate");
    private static final String CHECK_FDS = TestJobs.program("check-fds");

    /**
     * Every way in which a process is made: init, a job that is pid 1, and the child of a process that joins. Without a filter of
     * our own, so that the wrapper's shows.
     */
    private static List<JobSpec> specs() {
        List<JobSpec.Builder> specs = List.of(TestJobs.isolated().namespace(NamespaceKind.TIME, NamespaceMode.fresh()),
            TestJobs.isolated().asPid1(true), JobSpec.bare().namespace(NamespaceKind.UTS, NamespaceMode.join("/proc/self/ns/uts")));
        return specs.stream().map(spec -> spec.name("fallback").command(TestJobs.program("exit-n"), "5").seccomp(Seccomp.NONE)
            .build()).toList();
    }

    private static String denying(String rules) {
        return "exec '" + TestJobs.program("syscall-deny") + "' " + rules + " -- \"$HELPER\"";
    }

    @Test
    void withoutNewerSystemCallsAJobIsTheSame() throws Exception {
        List<String> expected = outcomes("exec \"$HELPER\"", 0);
        for (String rules : List.of("clone3=ENOSYS", "clone3=EPERM", "close_range=ENOSYS", "clone3=ENOSYS close_range=ENOSYS")) {
            assertEquals(expected, outcomes(denying(rules), SECCOMP_FILTER), rules);
        }
    }

    /** What a run of each spec says, but for what differs from run to run, and for the filter itself. */
    private static List<String> outcomes(String script, int seccomp) throws Exception {
        List<String> outcomes = new ArrayList<>();
        try (World world = World.wrapped(script)) {
            for (JobSpec spec : specs()) {
                JobResult result = world.launcher().run(spec);
                assertEquals(new Outcome.Exited(5), result.outcome());
                // The control: the filter is there, so the fallback was taken.
                assertEquals(seccomp, result.report().credentials().seccomp());
                outcomes.add(essence(result.report()));
            }
            world.assertNothingLeft();
        }
        return outcomes;
    }

    private static String essence(JobReport report) {
        StringBuilder text = new StringBuilder();
        for (NamespaceReport.Entry entry : report.namespaces().all()) {
            text.append(entry.kind()).append(' ').append(entry.mode()).append(' ').append(entry.isolated()).append('\n');
        }
        report.uidMap().forEach(range -> text.append(range.inside()).append('+').append(range.count()).append('\n'));
        report.gidMap().forEach(range -> text.append(range.inside()).append('+').append(range.count()).append('\n'));
        return text.append(report.setgroups()).append('\n').append(report.credentials().uid().inside())
            .append(report.credentials().gid().inside()).append(report.credentials().groups())
            .append(report.credentials().capabilities()).append('\n').append(report.weakened()).append(report.stages().stream().map(StageTiming::name).toList()).toString();
    }

    @Test
    void aStrictContainerIsNamed() throws Exception {
        // The first process that a resident helper makes is no namespace's yet.
        String first = World.driver() == Driver.RESIDENT ? "fork" : "clone";
        assertDenied(first, "clone3=ENOSYS clone=EPERM", TestJobs.isolated());
        assertDenied(first, "clone3=EPERM clone=EPERM", TestJobs.isolated());
        assertDenied("cgroup-namespace", "unshare=EPERM", TestJobs.isolated());
        assertDenied("mount", "mount=EPERM", TestJobs.isolated());
        assertDenied("hostname", "sethostname=EPERM", TestJobs.isolated());
    }

    /** A kernel without filters, and one that says that the filter is on when it is not: never a job without one. */
    @Test
    void aJobWithoutItsFilterNeverRuns() throws Exception {
        for (String rule : List.of("seccomp=ENOSYS", "seccomp=EINVAL", "seccomp=nothing")) {
            try (World world = World.wrapped(denying(rule))) {
                JobSpec.Builder spec = TestJobs.isolated().command(TestJobs.program("exit-n"), "0");
                SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(spec.build()), rule);
                boolean silent = rule.endsWith("nothing");
                assertEquals(silent ? "verify" : "seccomp", failure.stage(), failure::toJson);
                String told = failure.getMessage() + failure.hint().orElse("");
                assertTrue(told.contains(silent ? "filters where" : "--seccomp none"), failure::toJson);
                // The control: without a filter of its own it runs there.
                assertEquals(new Outcome.Exited(0), world.launcher().run(spec.seccomp(Seccomp.NONE).build()).outcome());
                world.assertNothingLeft();
            }
        }
    }

    /** Linux 5.11: the restrictions are the same, by mount(2). */
    @Test
    void withoutMountSetattrARootIsTheSame() throws Exception {
        String look = "cut -d ' ' -f 5,6 /proc/self/mountinfo | sort; (echo x >/usr/x) 2>&1; (echo x >/x) 2>&1";
        List<String> seen = new ArrayList<>();
        for (String script : List.of("exec \"$HELPER\"", denying("mount_setattr=ENOSYS"))) {
            try (World world = World.wrapped(script)) {
                for (JobSpec.Builder spec : List.of(TestJobs.isolated(), TestJobs.isolated().asPid1(true))) {
                    JobResult result = world.launcher().run(spec.command("/bin/sh", "-c", look).build());
                    assertTrue(result.stdoutText().contains("/usr ro,nosuid,nodev"), result.stdoutText());
                    seen.add(result.stdoutText());
                }
                world.assertNothingLeft();
            }
        }
        assertEquals(seen.subList(0, 2), seen.subList(2, 4));
    }

    private static void assertDenied(String stage, String rules, JobSpec.Builder spec) throws Exception {
        try (World world = World.wrapped(denying(rules))) {
            spec.command(TestJobs.program("exit-n"), "0");
            SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(spec.build()), rules);
            assertEquals(stage, failure.stage(), failure::toJson);
            assertEquals(EPERM, failure.errno(), failure::toJson);
            String hint = failure.hint().orElse("").toLowerCase(Locale.ROOT);
            assertTrue(hint.contains("seccomp") && hint.contains("container"), failure::toJson);
            world.assertNothingLeft();
        }
    }

    @Test
    void nothingIsIgnoredOrBlocked() throws Exception {
        String dirty = "exec env --ignore-signal --block-signal ";
        // The control: the wrapper does spoil the process.
        JsonObject spoilt = new Gson().fromJson(output(dirty + "'" + SIGSTATE + "'"), JsonObject.class);
        assertTrue(spoilt.getAsJsonArray("ignored").size() > 50, spoilt::toString);
        assertTrue(spoilt.getAsJsonArray("blocked").size() > 50, spoilt::toString);
        try (World world = World.wrapped(dirty + "\"$HELPER\"")) {
            for (JobSpec.Builder spec : List.of(TestJobs.isolated(), TestJobs.isolated().asPid1(true), JobSpec.bare())) {
                JobResult result = world.launcher().run(spec.command(SIGSTATE).build());
                assertEquals(new Outcome.Exited(0), result.outcome());
                assertEquals("{\"blocked\":[],\"ignored\":[]}\n", result.stdoutText());
            }
            world.assertNothingLeft();
        }
    }

    /**
     * Whatever the kernel hands out next would become 0, 1 and 2: the connection, or a file of the host. With a helper for each job
     * only: a resident one hands out those that it was sent, and knows by its own standard input when to go.
     */
    @Test
    void closedStandardStreamsDoNoHarm() throws Exception {
        StartOptions nothing = StartOptions.defaults().withOut(Stdio.discard()).withErr(Stdio.discard());
        for (String closed : List.of("<&- >&- 2>&-", "<&-", ">&- 2>&-")) {
            try (World world = World.wrapped("exec \"$HELPER\" " + closed, Driver.PER_JOB)) {
                String shared = world.shared().toString();
                for (JobSpec.Builder spec : List.of(JobSpec.isolated().bind(shared, shared), JobSpec.bare())) {
                    Path out = world.shared().resolve("out");
                    String look = "look() { readlink /proc/$$/fd/$1; }; found=\"$(look 0) $(look 1) $(look 2)\"; "
                        + "umask 0; echo \"$found\" >'" + out + "'";
                    JobResult result = world.launcher().run(spec.command("/bin/sh", "-c", look).build(), nothing);
                    assertEquals(new Outcome.Exited(0), result.outcome());
                    assertEquals("/dev/null /dev/null /dev/null\n", Files.readString(out));
                    Files.delete(out);
                }
                world.assertNothingLeft();
            }
        }
    }

    @Test
    void theParentsDescriptorsStayOutside() throws Exception {
        String open = "exec bash -c 'exec 3</dev/null 7</dev/null 63</dev/null 64</dev/null 200</dev/null 999</dev/null; "
            + "exec \"$0\" \"$@\"' ";
        // The control: they are there.
        assertEquals("0 1 2 3 7 63 64 200 999\n", output(open + "'" + CHECK_FDS + "'"));
        for (String rules : List.of("", denying("close_range=ENOSYS").replace("exec ", "").replace("\"$HELPER\"", ""))) {
            String script = rules.isEmpty() ? open + "\"$HELPER\""
                : open.replace("exec \"$0\"", "exec " + rules.replace("'", "") + " \"$0\"") + "\"$HELPER\"";
            try (World world = World.wrapped(script)) {
                for (JobSpec.Builder spec : List.of(TestJobs.isolated(), TestJobs.isolated().asPid1(true), JobSpec.bare())) {
                    JobResult result = world.launcher().run(spec.command(CHECK_FDS).build());
                    assertEquals("0 1 2\n", result.stdoutText());
                }
                world.assertNothingLeft();
            }
        }
    }

    private static String output(String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", script).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), script);
        assertFalse(text.isEmpty());
        return text;
    }
}
