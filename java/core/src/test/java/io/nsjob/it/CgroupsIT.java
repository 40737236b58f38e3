package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Housekeeping;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StageTiming;
import io.nsjob.StartOptions;
import io.nsjob.Statistics;
import io.nsjob.Stdio;
import io.nsjob.internal.os.CgroupPlaces;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Await;
import io.nsjob.testing.Cgroups;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Limits of a whole job: by cgroups for whoever can make some, by what there is instead for others. */
@JobTest
class CgroupsIT extends WithLauncher {
    private static final long MIB = 1 << 20;
    private static final Duration WALL = Duration.ofSeconds(50);
    /** Attaching by pid takes 9 to 15 ms when launches are apart; this is about that being gone, on a busy machine. */
    private static final long CHEAP_MICROS = 8000;

    private static Optional<CgroupPlaces.Place> place(String controller) {
        return HostFacts.real().cgroups().of(controller);
    }

    private static boolean canMake() {
        return place("memory").isPresent() && place("pids").isPresent() && place("cpu").isPresent();
    }

    private static JobSpec.Builder job(String program, String... arguments) {
        return Jobs.isolated(program, arguments).wallTime(WALL);
    }

    private static String value(JobResult result, String file) {
        return result.report().cgroups().values().stream().filter(values -> values.containsKey(file)).map(values -> values.get(file))
            .findFirst().orElse("none");
    }

    @Test
    void whatIsClaimedWasReadBack() throws Exception {
        JobResult result = launcher.run(job("exit-n", "0").memory(100 * MIB + 1).pids(7).build());
        if (!canMake()) {
            assertEquals(List.of(), List.copyOf(result.report().cgroups().keySet()));
            assertEquals("rlimit rlimit none", result.report().limits().enforcement().get("memory") + " "
                + result.report().limits().enforcement().get("pids") + " " + result.report().limits().enforcement().get("cpuWeight"));
            return;
        }
        boolean old = place("memory").orElseThrow().version() == 1;
        assertEquals(Long.toString(100 * MIB), value(result, old ? "memory.limit_in_bytes" : "memory.max"), "rounded down to pages");
        assertEquals("8", value(result, "pids.max"), "init is in it, too");
        assertEquals(old ? "cgroup1" : "cgroup2", result.report().limits().enforcement().get("memory"));
        assertTrue(result.report().weakened().stream().noneMatch(line -> line.startsWith("limits.")), result.report().weakened().toString());
        Statistics used = result.usage().cgroup().orElseThrow();
        assertTrue(used.memoryPeakBytes().getAsLong() > 100_000 && used.memoryPeakBytes().getAsLong() < 100 * MIB, used.toString());
        assertEquals(1, used.pidsPeak().getAsLong());
        assertEquals(0, used.oomKills().getAsLong());
    }

    /** The cgroup namespace is made after entering: else the job would see, and name, cgroups of the host. */
    @Test
    void theJobSeesItselfAtTheTop() throws Exception {
        JobResult result = launcher.run(JobSpec.isolated().command("cat", "/proc/self/cgroup").build());
        assertTrue(result.outcome().success() && !result.stdoutText().isEmpty(), result.toString());
        result.stdoutText().lines().forEach(line -> assertTrue(line.endsWith(":/"), line));
        JobResult control = launcher.run(JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT).memory(64 * MIB)
            .idMaps(io.nsjob.IdMaps.of(io.nsjob.IdMaps.Preset.ROOT)).command("cat", "/proc/self/cgroup").build());
        assertEquals(canMake(), control.stdoutText().contains("/nsjob-" + ProcessHandle.current().pid() + "-"), control.stdoutText());
    }

    @Test
    void outOfMemoryIsAnOutcomeOfTheMainProcessOnly() throws Exception {
        JobResult main = launcher.run(job("bomb", "memory", "200").memory(50 * MIB).build());
        JobResult child = launcher.run(job("bomb", "child", "200").memory(50 * MIB).build());
        JobResult killed = launcher.run(job("raise-n", "9").memory(50 * MIB).build());
        assertEquals(new Outcome.Signaled(9, false), killed.outcome(), "the control: KILL alone is no want of memory");
        assertEquals(new Outcome.Exited(0), child.outcome(), child.stdoutText());
        if (canMake()) {
            assertEquals(new Outcome.OutOfMemory(), main.outcome());
            assertEquals(137, main.exitStatus());
            assertEquals("child: signal 9\n", child.stdoutText());
            assertEquals(1, child.usage().cgroup().orElseThrow().oomKills().getAsLong());
            assertEquals(List.of("memory"), child.limitsHit());
        } else {
            assertEquals(new Outcome.Exited(3), main.outcome(), "each process by its own limit");
            assertEquals("child: code 3\n", child.stdoutText().replaceAll("(?m)^refused.*\\n", ""));
        }
    }

    @Test
    void aQuotaOfTheProcessorsMakesItSlower() throws Exception {
        JobResult result = launcher.run(job("burn-cpu", "once", "150").cpus(0.05).build());
        assertTrue(result.outcome().success(), result.toString());
        assertEquals(canMake() ? List.of("cpus") : List.of(), result.limitsHit());
        if (canMake()) {
            assertTrue(result.usage().wall().toMillis() >= 1000, result.usage().toString());
            assertTrue(result.usage().cgroup().orElseThrow().throttled().orElseThrow().toMillis() > 0, result.usage().toString());
        } else {
            assertTrue(result.report().weakened().contains("limits.cpus: not enforced, there is no cgroup for it here"),
                result.report().weakened().toString());
        }
    }

    @Test
    void aCpusetCannotBeLeft() throws Exception {
        JobSpec.Builder spec = JobSpec.isolated().command("/bin/sh", "-c", "nproc; taskset -p -c 0-63 $$ >/dev/null; nproc").cpusetCpus(List.of(0));
        JobResult result = launcher.run(spec.build());
        boolean enforced = place("cpuset").isPresent();
        assertTrue(result.stdoutText().startsWith("1\n"), result.stdoutText() + result.stderrText());
        assertTrue(!enforced || result.stdoutText().equals("1\n1\n"), result.stdoutText());
        assertEquals(enforced, !"affinity".equals(result.report().limits().enforcement().get("cpuset")));
        if (enforced) {
            SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(spec.cpusetCpus(List.of(1000)).build()));
            assertEquals("cgroup", e.stage());
            assertTrue(e.toJson().contains("Cpus_allowed_list"), e.toJson());
        }
    }

    /** Children that nobody waits for, each gone before /proc could be read: only the kernel's account has their time. */
    @Test
    void processorTimeOfAllIsExact() throws Exception {
        if (!canMake()) {
            return; // it would burn until the wall clock ends it: LimitsIT has what can be said of such children then
        }
        JobResult result = launcher.run(job("burn-cpu", "unwaited", "5").cpuTime(Duration.ofMillis(800)).build());
        assertEquals(new Outcome.TimedOut(Outcome.Clock.CPU), result.outcome());
        long used = result.usage().cgroup().orElseThrow().cpu().orElseThrow().toMillis();
        assertTrue(used >= 800 && used < 8000, result.usage().toString());
        assertTrue(result.usage().user().plus(result.usage().system()).toMillis() >= 790, result.usage().toString());
    }

    @Test
    void strictRefusesWhatIsNotEnforced() throws Exception {
        JobSpec spec = job("exit-n", "0").cpus(1).strictLimits(true).build();
        if (canMake()) {
            assertTrue(launcher.run(spec).outcome().success());
        } else {
            InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> launcher.run(spec));
            for (String limit : List.of("memory", "swap", "pids", "cpus", "cpuWeight")) {
                assertTrue(e.violations().stream().anyMatch(violation -> violation.startsWith("$.limits." + limit + ": ")
                    && violation.contains("Delegate=yes")), e.violations().toString());
            }
        }
    }

    @Test
    void statisticsOfARunningJob() throws Exception {
        try (Job job = launcher.start(job("burn-cpu", "tree", "3").build(), StartOptions.defaults())) {
            Await.until("three processes and a tenth of a second", () -> {
                Statistics now = job.statistics().orElseThrow();
                return now.cpu().orElseThrow().toMillis() >= 100 && now.pids().getAsLong() == 3;
            });
            Statistics seen = job.statistics().orElseThrow();
            assertEquals(canMake() ? "cgroup" : "proc", seen.source());
            assertTrue(seen.cpu().orElseThrow().toMillis() >= 100, seen.toString());
            assertEquals(3, seen.pids().getAsLong(), seen.toString());
            assertTrue(seen.memoryBytes().getAsLong() > 10_000, seen.toString());
            job.cancel(Duration.ZERO);
            job.await();
            assertTrue(job.statistics().isEmpty());
        }
    }

    /** Without a pid namespace nobody dies with init: cgroup.kill of version 2 gets them all, where there is one. */
    @Test
    void aJobWithoutPidNamespaceIsKilledThroughItsCgroup() throws Exception {
        JobSpec spec = JobSpec.bare().command(TestJobs.program("orphan-storm"), "20").memory(64 * MIB).build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.stream()))) {
            BufferedReader out = new BufferedReader(new InputStreamReader(job.stdout()));
            assertEquals("ready 20", out.readLine());
            boolean unified = HostFacts.real().cgroups().unified().isPresent();
            Optional<Path> directory = job.report().cgroups().keySet().stream().map(Path::of)
                .filter(path -> Files.exists(path.resolve("cgroup.kill"))).findFirst();
            assertEquals(unified && canMake(), directory.isPresent(), job.report().cgroups().toString());
            if (directory.isPresent()) {
                assertEquals(22, Files.readAllLines(directory.get().resolve("cgroup.procs")).size(), "with init and main");
            }
            job.cancel(Duration.ZERO);
            assertEquals(new Outcome.Cancelled(), job.await().outcome());
        }
    }

    /** A killed supervisor removes nothing; the JVM does it for it. */
    @Test
    void aKilledSupervisorLeavesNoCgroup() throws Exception {
        for (JobSpec.Builder spec : List.of(job("sleep-term"), JobSpec.bare().memory(64 * MIB).command("sleep", "50"))) {
            try (Job job = launcher.start(spec.build(), StartOptions.defaults())) {
                assertEquals(canMake(), !Cgroups.ofThisJvm().isEmpty());
                Jobs.supervisors().forEach(ProcessHandle::destroyForcibly);
                assertEquals(new Outcome.Lost("supervisor"), job.await().outcome());
            }
            Cgroups.assertNoneLeft();
        }
    }

    @Test
    void gcRemovesThoseOfJvmsThatAreGone() throws Exception {
        if (!canMake()) {
            assertTrue(Housekeeping.gc().stream().noneMatch(path -> path.contains("cgroup")));
            return;
        }
        Path parent = place("pids").orElseThrow().parent();
        String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().replaceAll("[^0-9]", "");
        Path dead = Files.createDirectory(parent.resolve("nsjob-1-1-99-" + namespace));
        Path elsewhere = Files.createDirectory(parent.resolve("nsjob-1-1-99-1"));
        Path alive = Files.createDirectory(parent.resolve(CgroupPlaces.newName()));
        Path other = Files.createDirectory(parent.resolve("nsjob-test-" + ProcessHandle.current().pid()));
        try {
            // Whoever else begins on this machine sweeps as well, and may have been there before us.
            Await.until("it is removed here", () -> {
                if (!Files.exists(dead)) {
                    Files.createDirectory(dead);
                }
                return Housekeeping.gc().contains(dead.toString()) && !Files.exists(dead);
            });
            assertTrue(Files.exists(alive) && Files.exists(other));
            assertTrue(Files.exists(elsewhere), "pids of another namespace mean nothing here");
        } finally {
            Files.deleteIfExists(alive);
            Files.deleteIfExists(other);
            Files.deleteIfExists(elsewhere);
            Files.deleteIfExists(dead);
        }
    }

    /** Root inside is nobody to the files of the hierarchy. */
    @Test
    void theJobCannotRaiseItsOwnLimits() throws Exception {
        if (!canMake()) {
            return;
        }
        Path parent = place("pids").orElseThrow().parent();
        String script = "for f in " + parent + "/nsjob-" + ProcessHandle.current().pid() + "-*; do [ -d $f ] || exit 9;"
            + " echo max 2>/dev/null >$f/pids.max && exit 1; echo 0 2>/dev/null >" + parent + "/tasks && exit 2; done; exit 0";
        JobSpec.Builder spec = JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT).pids(20)
            .idMaps(io.nsjob.IdMaps.of(io.nsjob.IdMaps.Preset.ROOT)).command("/bin/sh", "-c", script);
        assertEquals(new Outcome.Exited(0), launcher.run(spec.build()).outcome());
        if (Jobs.isHostRoot()) {
            JobSpec control = JobSpec.bare(NamespaceKind.PID, NamespaceKind.MNT).pids(20).command("/bin/sh", "-c", script).build();
            assertEquals(new Outcome.Exited(1), launcher.run(control).outcome(), "the control: the host's root can");
        }
    }

    private static long micros(JobResult result, String stage) {
        return result.report().stages().stream().filter(timing -> timing.name().equals(stage)).mapToLong(StageTiming::micros).sum();
    }

    /** Back to back nobody sees what attaching by pid costs: it waits for grace periods of RCU. */
    @Test
    void enteringIsCheapWhenLaunchesAreApart() throws Exception {
        List<Long> old = new ArrayList<>();
        List<Long> unified = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            Thread.sleep(60);
            old.add(micros(launcher.run(job("exit-n", "0").build()), "cgroup"));
            Thread.sleep(60);
            JobResult born = launcher.run(JobSpec.bare().memory(64 * MIB).command(TestJobs.program("exit-n"), "0").build());
            unified.add(micros(born, "cgroup") + micros(born, "clone"));
        }
        Collections.sort(old);
        Collections.sort(unified);
        System.out.println("60 ms apart, median and most, microseconds: making and entering cgroups " + old.get(7) + ", " + old.get(14)
            + "; with one of version 2, and clone " + unified.get(7) + ", " + unified.get(14));
        // What waits for a grace period does so each time; a busy machine leaves one of fifteen alone.
        assertTrue(old.get(0) < CHEAP_MICROS && unified.get(0) < CHEAP_MICROS, old + " " + unified);
        assertFalse(canMake() && old.get(0) == 0);
    }
}
