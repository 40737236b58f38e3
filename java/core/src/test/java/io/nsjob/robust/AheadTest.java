package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Driver;
import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Sandbox;
import io.nsjob.SandboxPool;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Init made ahead by a helper that stays: a job is no different with it, and nobody is lost with it. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class AheadTest {
    private static final String NAME = "nsjob-ahead";
    private static final int TRIES = 10;
    private static final long MADE_MILLIS = 1000;
    /** Half of what it waits for. */
    private static final long LATE_NANOS = 5_000_000_000L;
    private static final int EXIT = 7;
    /** All that a process finds in itself, and what it has open; and its world, where that is not the host's. */
    private static final String LOOK =
        "grep -E '^(Uid|Gid|Groups|NSpid|Cap|NoNewPrivs|Seccomp|SigBlk|SigIgn|SigCgt|Umask|Cpus_allowed)' /proc/self/status;"
        + " cat /proc/self/limits /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups /proc/self/oom_score_adj;"
        + " cat /proc/1/comm /proc/self/timens_offsets /proc/sys/kernel/hostname; ls /proc/self/fd; [ $PWD != /work ] ||"
        + " { cut -d' ' -f5,6 /proc/self/mountinfo; grep -c . /proc/keys /proc/net/dev; };"
        + " pwd; env; echo end; read -r line";

    /** What differs between two worlds in any case: the limit that marks them, the host's pids, numbers of a block of ids, and names. */
    private static final Pattern OTHER = Pattern.compile("Max file locks.*|NSpid:\t[0-9]{2,}|"
        + "(?<=^ {0,9}[0-9]{1,5}) +[0-9]+(?= +[0-9]+$)|nsjob-[0-9-]+");

    private static Map<String, JobSpec.Builder> specs() {
        Map<String, JobSpec.Builder> specs = new TreeMap<>();
        specs.put("isolated", TestJobs.isolated().name("ahead"));
        specs.put("eight, offsets", TestJobs.isolated().name("ahead").namespace(NamespaceKind.TIME, NamespaceMode.fresh())
            .boottimeOffset(Duration.ofDays(100)));
        specs.put("five", JobSpec
            .bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID, NamespaceKind.IPC, NamespaceKind.UTS)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)));
        specs.put("no pid namespace", JobSpec.bare(NamespaceKind.USER, NamespaceKind.UTS));
        return specs;
    }

    private static Optional<Proc> ahead(World world) {
        return Proc.marked(world.mark()).stream().filter(process -> process.isCalled(NAME)).findFirst();
    }

    /** Where none is made for the first jobs of a kind: after one more of it. */
    private static Proc awaitAhead(World world, JobSpec spec) throws Exception {
        for (int i = 0; i < TRIES; i++) {
            assertEquals(EXIT, world.launcher().run(spec).exitStatus());
            long until = System.nanoTime() + MADE_MILLIS * 1_000_000;
            while (System.nanoTime() < until) {
                Optional<Proc> made = ahead(world);
                if (made.isPresent()) {
                    return made.get();
                }
                Thread.sleep(2);
            }
        }
        throw new AssertionError("nothing is made ahead");
    }

    /**
     * What is started, in the init that was made ahead. That may have gone where the machine's mounts have changed meanwhile, or who
     * wanted it was late: only then once more.
     */
    private static <T extends AutoCloseable> T startAhead(World world, JobSpec before, Callable<T> start, ToLongFunction<T> init)
        throws Exception {
        for (int i = 1; ; i++) {
            String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
            Proc made = awaitAhead(world, before);
            long found = System.nanoTime();
            T started = start.call();
            if (init.applyAsLong(started) == made.pid()) {
                return started;
            }
            started.close();
            assertTrue(i < TRIES && (System.nanoTime() - found > LATE_NANOS
                || !Files.readString(Path.of("/proc/self/mountinfo")).equals(mounts)), "what was made ahead is not used");
        }
    }

    private static JobSpec exits(JobSpec.Builder spec) {
        return spec.command(TestJobs.program("exit-n"), Integer.toString(EXIT)).build();
    }

    /** What a job sees, and its report. */
    private record Seen(List<String> lines, JobReport report) {
        static Job start(World world, JobSpec.Builder spec) throws Exception {
            StartOptions streams = StartOptions.defaults().withIn(Stdio.stream()).withOut(Stdio.stream());
            return world.launcher().start(spec.command("/bin/sh", "-c", LOOK).build(), streams);
        }

        static Seen of(World world, JobSpec.Builder spec) throws Exception {
            return of(start(world, spec));
        }

        static Seen of(Job started) throws Exception {
            try (Job job = started) {
                BufferedReader out = new BufferedReader(new InputStreamReader(job.stdout(), StandardCharsets.UTF_8));
                List<String> lines = new ArrayList<>();
                String line = out.readLine();
                while (line != null && !line.equals("end")) {
                    lines.add(OTHER.matcher(line).replaceAll(""));
                    line = out.readLine();
                }
                job.stdin().write('\n');
                job.stdin().close();
                assertTrue(job.await().outcome().success(), lines::toString);
                return new Seen(lines, job.report());
            }
        }
    }

    @Test
    @RequiresFeature(Feature.TIME_NAMESPACES)
    void aJobSeesNoDifference() throws Exception {
        for (Map.Entry<String, JobSpec.Builder> entry : specs().entrySet()) {
            Seen plain;
            try (World world = World.plain(Driver.PER_JOB)) {
                plain = Seen.of(world, entry.getValue());
                assertTrue(plain.lines().size() > 40, plain.lines()::toString);
            }
            try (World world = World.plain(Driver.RESIDENT)) {
                Seen seen = Seen.of(startAhead(world, exits(entry.getValue()), () -> Seen.start(world, entry.getValue()),
                    job -> job.report().initPid().orElseThrow()));
                assertIterableEquals(plain.lines(), seen.lines(), entry.getKey());
                assertEquals(plain.report().credentials().capabilities(), seen.report().credentials().capabilities());
                assertEquals(plain.report().credentials().groups(), seen.report().credentials().groups(), entry.getKey());
                assertEquals(plain.report().hardening().toString(), seen.report().hardening().toString(), entry.getKey());
                world.assertNothingLeft();
            }
        }
        State.assertNothingStale();
    }

    /** The control of the above: one that does not fit is not used, and the job is what was asked for. */
    @Test
    @RequiresFeature(Feature.TIME_NAMESPACES)
    void anotherKindOfJobNext() throws Exception {
        Map<String, Seen> plain = new TreeMap<>();
        try (World world = World.plain(Driver.PER_JOB)) {
            for (Map.Entry<String, JobSpec.Builder> entry : specs().entrySet()) {
                plain.put(entry.getKey(), Seen.of(world, entry.getValue()));
            }
        }
        try (World world = World.plain(Driver.RESIDENT)) {
            for (int i = 0; i < 3; i++) {
                for (Map.Entry<String, JobSpec.Builder> entry : specs().entrySet()) {
                    Seen seen = Seen.of(world, entry.getValue());
                    Seen expected = plain.get(entry.getKey());
                    assertIterableEquals(expected.lines(), seen.lines(), entry.getKey());
                    for (NamespaceKind kind : NamespaceKind.values()) {
                        assertEquals(expected.report().namespaces().get(kind).isolated(),
                            seen.report().namespaces().get(kind).isolated(), () -> entry.getKey() + ": " + kind);
                    }
                }
            }
            Proc made = awaitAhead(world, exits(specs().get("five")));
            assertNotEquals(made.pid(), Seen.of(world, specs().get("isolated")).report().initPid().orElseThrow());
            Await.until("it is gone", () -> !made.isStillThere());
            world.assertNothingLeft();
        }
        State.assertNothingStale();
    }

    @Test
    void sandboxesAndPools() throws Exception {
        JobSpec spec = TestJobs.isolated().build();
        try (World world = World.plain(Driver.RESIDENT)) {
            world.launcher().open(spec).close();
            for (int i = 0; i < 3; i++) {
                try (Sandbox sandbox = startAhead(world, exits(TestJobs.isolated()), () -> world.launcher().open(spec),
                    open -> open.report().initPid().orElseThrow())) {
                    JobResult result = sandbox.run("sh", "-c", "cat /proc/1/comm; exit " + EXIT);
                    assertEquals("nsjob-init\n", result.stdoutText());
                    assertEquals(EXIT, result.exitStatus());
                    sandbox.reset();
                    assertEquals(EXIT, sandbox.run(TestJobs.program("exit-n"), Integer.toString(EXIT)).exitStatus());
                }
                world.assertNothingLeft();
            }
            try (SandboxPool pool = SandboxPool.of(world.launcher(), spec).size(2).build()) {
                for (int i = 0; i < 4; i++) {
                    try (Sandbox sandbox = pool.take()) {
                        assertEquals(EXIT, sandbox.run(TestJobs.program("exit-n"), Integer.toString(EXIT)).exitStatus());
                    }
                }
            }
            world.assertNothingLeft();
        }
        State.assertNothingStale();
    }

    @Test
    void whoIsKilledWhileItWaits() throws Exception {
        JobSpec spec = exits(TestJobs.isolated());
        try (World world = World.plain(Driver.RESIDENT)) {
            for (String victim : List.of(NAME, "nsjob-spare", "nsjob-launcher")) {
                Proc made = awaitAhead(world, spec);
                Optional<Proc> found = Proc.marked(world.mark()).stream().filter(process -> process.isCalled(victim)).findFirst();
                for (int i = 0; i < TRIES && !(found.isPresent() && found.get().kill()); i++) {
                    made = awaitAhead(world, spec);
                    found = Proc.marked(world.mark()).stream().filter(process -> process.isCalled(victim)).findFirst();
                }
                Proc killed = found.orElseThrow();
                Proc with = made;
                Await.until("the kill has had its effect", () -> !killed.isStillThere());
                assertEquals(EXIT, world.launcher().run(spec).exitStatus(), victim);
                Await.until("what was made ahead is gone", () -> !with.isStillThere());
                assertEquals(EXIT, world.launcher().run(spec).exitStatus(), victim);
            }
            world.assertNothingLeft();
        }
        State.assertNothingStale();
    }
}
