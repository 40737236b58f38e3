package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.IoPriority;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.OutputAction;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.TestJobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits that the kernel and the supervisor enforce, seen from inside the job. */
@JobTest
class LimitsIT extends WithLauncher {
    /** Far away: what ends these jobs is not the wall clock. */
    private static final Duration WALL = Duration.ofSeconds(50);

    private static Map<String, String> rlimits(JsonObject printed) {
        Map<String, String> limits = new TreeMap<>();
        printed.getAsJsonObject("rlimits").entrySet().forEach(entry -> {
            JsonObject limit = entry.getValue().getAsJsonObject();
            limits.put(entry.getKey(), limit.get("soft").getAsString() + ":" + limit.get("hard").getAsString());
        });
        return limits;
    }

    private static JobSpec.Builder bare(String program, String... arguments) {
        return Jobs.small(program, arguments).wallTime(WALL);
    }

    private static Map<String, String> ownLimits() throws Exception {
        return rlimits(Jobs.json(launcher.run(JobSpec.bare().command(TestJobs.program("print-limits")).build())));
    }

    /** Half of what the caller has, or a number where it has no limit: never more, so that nobody needs a privilege for it. */
    @Test
    void allSixteenAreSeenInside() throws Exception {
        Map<String, String> own = ownLimits();
        Map<String, String> expected = new TreeMap<>();
        JobSpec.Builder spec = bare("print-limits");
        for (Rlimit name : Rlimit.values()) {
            long hard = Long.parseLong(own.get(name.jsonName()).split(":")[1]);
            long mine = hard < 0 ? (8L << 30) + name.number() : hard / 2;
            spec.rlimit(name, new ResourceLimit(mine / 2, mine));
            expected.put(name.jsonName(), mine / 2 + ":" + mine);
        }
        JobResult result = launcher.run(spec.build());
        assertEquals(expected, rlimits(Jobs.json(result)));
        assertEquals(16, expected.size());
        JsonObject reported = new Gson().fromJson(result.toJson(), JsonObject.class).getAsJsonObject("limits");
        expected.forEach((name, limit) -> {
            JsonObject entry = reported.getAsJsonObject("rlimits").getAsJsonObject(name);
            assertEquals(limit, entry.get("soft") + ":" + entry.get("hard"), name);
            assertEquals("rlimit", reported.getAsJsonObject("enforcement").get("rlimits." + name).getAsString());
        });
    }

    @Test
    void whatIsNotNamedIsInherited() throws Exception {
        Map<String, String> own = ownLimits();
        Map<String, String> seen = rlimits(Jobs.json(launcher.run(bare("print-limits").rlimit(Rlimit.CORE, 0).build())));
        assertEquals("0:0", seen.get("core"));
        own.put("core", "0:0");
        assertEquals(own, seen);
    }

    @Test
    void isolatedHasItsDefaults() throws Exception {
        JsonObject printed = Jobs.json(launcher.run(Jobs.isolated("print-limits").build()));
        Map<String, String> seen = rlimits(printed);
        assertEquals("0:0 256:256 1073741824:1073741824 0:0 32:32", seen.get("core") + " " + seen.get("nofile") + " "
            + seen.get("fsize") + " " + seen.get("msgqueue") + " " + seen.get("cpu"));
        boolean cgroup = HostFacts.real().cgroups().of("pids").isPresent();
        // By the kernel's count for the job's user namespace, in which init is one more.
        assertEquals(cgroup ? "256:256" : Jobs.isHostRoot() ? "64:64" : "65:65", seen.get("nproc"));
    }

    @Test
    void moreThanTheCallerHasIsRefusedWithAHint() {
        long tooMany = 1L << 40; // above fs.nr_open: for nobody
        SandboxException e = assertThrows(SandboxException.class,
            () -> launcher.run(bare("exit-n", "0").rlimit(Rlimit.NOFILE, tooMany).build()));
        assertEquals("limits 1", e.stage() + " " + e.errno());
        assertTrue(e.toJson().contains("nofile") && e.toJson().contains("CAP_SYS_RESOURCE"), e.toJson());
    }

    @Test
    void aRaisedHardLimitIsRefusedWhereTheCallerMayNot() throws Exception {
        String hard = ownLimits().get("memlock").split(":")[1];
        if (hard.equals("-1")) {
            return; // nothing is above
        }
        // A user namespace of its own gives the job all capabilities, but none that counts here.
        JobSpec spec = JobSpec.bare(NamespaceKind.USER).rlimit(Rlimit.MEMLOCK, Long.parseLong(hard) + 4096)
            .command(TestJobs.program("exit-n"), "0").build();
        SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(spec));
        assertEquals("limits 1", e.stage() + " " + e.errno());
        assertTrue(e.getMessage().contains("memlock") || e.toJson().contains("memlock"), e.toJson());
        assertTrue(e.toJson().contains("/proc/self/limits"), e.toJson());
    }

    @Test
    void schedulingIsSeenInside() throws Exception {
        JsonObject printed = Jobs.json(launcher.run(bare("print-limits").nice(7).cpuAffinity(List.of(0)).oomScoreAdj(321)
            .ionice(new IoPriority(IoPriority.Type.BEST_EFFORT, 6)).build()));
        assertEquals("7 2 6 321 [0]", printed.get("nice") + " " + printed.get("ioClass") + " " + printed.get("ioLevel") + " "
            + printed.get("oomScoreAdj") + " " + printed.get("cpus"));
        JsonObject isolated = Jobs.json(launcher.run(Jobs.isolated("print-limits").nice(19).oomScoreAdj(1000)
            .ionice(IoPriority.of(IoPriority.Type.IDLE)).build()));
        assertEquals("19 3 1000", isolated.get("nice") + " " + isolated.get("ioClass") + " " + isolated.get("oomScoreAdj"));
    }

    @Test
    void processorsThatAreNotThereAreRefused() {
        SandboxException e = assertThrows(SandboxException.class,
            () -> launcher.run(bare("exit-n", "0").cpuAffinity(List.of(0, 1023)).build()));
        assertEquals("limits", e.stage());
        assertTrue(e.toJson().contains("Cpus_allowed_list"), e.toJson());
    }

    @Test
    void theFileSizeLimitIsFelt(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("big");
        StartOptions toFile = StartOptions.defaults().withOut(Stdio.file(file));
        String write = "exec head -c 100000 /dev/zero";
        JobSpec.Builder spec = JobSpec.bare().command("/bin/sh", "-c", write);
        assertEquals(25, launcher.run(spec.rlimit(Rlimit.FSIZE, 4096).build(), toFile).outcome().signal().orElse(0), "SIGXFSZ");
        assertEquals(4096, file.toFile().length());
        assertTrue(launcher.run(spec.rlimit(Rlimit.FSIZE, 100_000).build(), toFile).outcome().success(), "the control");
    }

    /** How far it is passed is up to the machine: at most ten times over, which no tree here would be without a limit. */
    private static void assertEndedByCpu(JobResult result, long limitMillis) {
        assertEquals(new Outcome.TimedOut(Outcome.Clock.CPU), result.outcome(), result.toString());
        assertEquals(124, result.exitStatus());
        assertTrue(result.toJson().contains("\"clock\": \"cpu\""), result.toJson());
        long used = result.usage().user().plus(result.usage().system()).toMillis();
        assertTrue(used >= limitMillis - 50 && used <= 10 * limitMillis, used + " ms of processor time, " + result.usage());
    }

    /** With a pid namespace and without: the tree is found as init's descendants either way. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTreeThatBurnsIsEndedByItsSum(boolean pidNamespace) throws Exception {
        String[] command = {TestJobs.program("burn-cpu"), "tree", "4"};
        JobSpec.Builder spec = pidNamespace ? bare("burn-cpu", "tree", "4") : JobSpec.bare().command(command).wallTime(WALL);
        // Each of the four alone stays far below it: only their sum passes.
        assertEndedByCpu(launcher.run(spec.cpuTime(Duration.ofSeconds(1)).build()), 1000);
    }

    @Test
    void shortLivedChildrenCountAsWell() throws Exception {
        assertEndedByCpu(launcher.run(bare("burn-cpu", "short", "10").cpuTime(Duration.ofMillis(800)).build()), 800);
    }

    /** What nobody waits for is in no figure of the kernel's once it is gone; what the supervisor saw of it counts. */
    @Test
    void childrenThatNobodyWaitsForCountAsFarAsTheyWereSeen() throws Exception {
        JobResult result = launcher.run(bare("burn-cpu", "unwaited", "300").cpuTime(Duration.ofMillis(800)).build());
        assertEquals(new Outcome.TimedOut(Outcome.Clock.CPU), result.outcome(), result.toString());
    }

    @Test
    void whoStaysBelowTheLimitIsLeftAlone() throws Exception {
        JobResult result = launcher.run(bare("burn-cpu", "once", "300").cpuTime(Duration.ofSeconds(10)).build());
        assertEquals(new Outcome.Exited(0), result.outcome());
        JobResult asleep = launcher.run(JobSpec.isolated().command("sleep", "1.2").cpuTime(Duration.ofSeconds(1)).build());
        assertEquals(new Outcome.Exited(0), asleep.outcome(), "time asleep is no processor time");
    }

    @Test
    void theGraceHoldsForTheCpuLimitToo() throws Exception {
        JobResult result = launcher.run(JobSpec.bare().command("/bin/sh", "-c", "trap 'echo bye; exit 3' TERM; while :; do :; done")
            .newSession(true).cpuTime(Duration.ofMillis(300)).killGrace(Duration.ofSeconds(20)).wallTime(WALL).build());
        assertEquals(new Outcome.TimedOut(Outcome.Clock.CPU), result.outcome());
        assertEquals("bye\n", result.stdoutText());
    }

    @Test
    void theCpuLimitOfOneProcessIsTheKernels() throws Exception {
        Outcome outcome = launcher.run(bare("burn-cpu", "once", "20000").rlimit(Rlimit.CPU, 1).build()).outcome();
        assertTrue(outcome.signal().orElse(0) == 9 || outcome.signal().orElse(0) == 24, outcome.toString());
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000", "1001, 1000", "5000000, 65536"})
    void theOutputLimitEndsTheJobExactlyWhenItIsPassed(int written, int limit) throws Exception {
        JobSpec.Builder spec = JobSpec.isolated().command("head", "-c", Integer.toString(written), "/dev/zero").outputLimit(limit);
        JobResult cut = launcher.run(spec.build());
        assertEquals(new Outcome.Exited(0), cut.outcome(), "the control: truncated only");
        JobResult result = launcher.run(spec.outputAction(OutputAction.KILL).build());
        boolean passed = written > limit;
        assertEquals(passed ? new Outcome.OutputLimit() : new Outcome.Exited(0), result.outcome());
        assertEquals(passed, result.truncated());
        assertArrayEquals(new byte[Math.min(written, limit)], result.stdout());
        assertEquals(passed ? 137 : 0, result.exitStatus());
    }

    @Test
    void aJobThatNeverStopsWritingIsEnded() throws Exception {
        for (String command : List.of("exec yes", "exec yes >&2")) {
            JobResult result = launcher.run(JobSpec.isolated().command("/bin/sh", "-c", command).outputLimit(100_000)
                .outputAction(OutputAction.KILL).wallTime(WALL).build());
            assertEquals(new Outcome.OutputLimit(), result.outcome());
            assertEquals(100_000, result.stdout().length + result.stderr().length);
        }
    }

    @Test
    void aStreamThatTheUserReadsIsLimitedWhenALimitIsWrittenDown() throws Exception {
        JobSpec spec = JobSpec.isolated().command("yes").outputLimit(50_000).outputAction(OutputAction.KILL).wallTime(WALL).build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.stream()))) {
            assertEquals("jvm", job.report().limits().enforcement().get("output"));
            assertEquals(50_000, job.stdout().readAllBytes().length);
            assertEquals(new Outcome.OutputLimit(), job.await().outcome());
        }
        spec = JobSpec.isolated().command("head", "-c", "300000", "/dev/zero").outputLimit(50_000).build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.stream()))) {
            assertEquals(50_000, job.stdout().readAllBytes().length);
            assertEquals(new Outcome.Exited(0), job.await().outcome(), "cut, and the job goes on");
        }
    }

    @Test
    void aStreamWithoutALimitIsReportedAsSuch() throws Exception {
        JobSpec spec = JobSpec.isolated().command("head", "-c", "9m", "/dev/zero").build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.stream()))) {
            assertEquals("none", job.report().limits().enforcement().get("output"));
            assertEquals(9 << 20, job.stdout().readAllBytes().length);
        }
        assertEquals("jvm", launcher.run(spec).report().limits().enforcement().get("output"));
    }

    @Test
    void theFirstCauseWins() throws Exception {
        JobSpec spec = JobSpec.bare().command("/bin/sh", "-c", "trap 'yes; exit' TERM; echo ready; while :; do sleep 0.01; done")
            .newSession(true).outputLimit(1000).outputAction(OutputAction.KILL).wallTime(WALL).build();
        try (Job job = launcher.start(spec, StartOptions.defaults())) {
            job.cancel(Duration.ofMillis(300));
            assertEquals(new Outcome.Cancelled(), job.await().outcome(), "cancelled before it wrote too much");
        }
        JobResult wall = launcher.run(spec.toBuilder().wallTime(Duration.ofMillis(300)).killGrace(Duration.ofMillis(300)).build());
        assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), wall.outcome(), "timed out before it wrote too much");
    }

    /** Unknown code is mostly interpreters and compilers: they must run with the limits of the profile. */
    @ParameterizedTest
    @ValueSource(strings = {"git --version", "gcc --version", "java -Xshare:auto -version"})
    void ordinaryToolsRunWithTheDefaults(String line) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        success(JobSpec.isolated().command(line.split(" ")).env("PATH", "/usr/bin:/bin:" + Path.of(java).getParent()));
    }
}
