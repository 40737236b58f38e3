package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nsjob.CommandSpec;
import io.nsjob.Driver;
import io.nsjob.IdMaps;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobHardening;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.Rlimit;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After a reset nothing of one run is seen by the next; without one all of it is. */
@JobTest
class JoinResetIT extends WithLauncher {
    private static final String TRACES = TestJobs.program("leave-traces");
    private static final long MIB = 1 << 20;
    private static final Executor OWN = task -> new Thread(task, "join-reset").start();

    @TempDir
    Path directory;

    private static List<String> look(Sandbox sandbox) throws Exception {
        JobResult result = sandbox.run(TRACES, "look");
        assertTrue(result.outcome().success(), () -> result + result.stderrText());
        return result.stdoutText().lines().toList();
    }

    /** Starts what leaves its traces, and waits until it has. */
    private static Job make(Sandbox sandbox) throws Exception {
        CommandSpec command = CommandSpec.of(TRACES, "make", "changed").withEnvironment("TRACE", "1").withCwd("/tmp");
        Job job = sandbox.start(command, StartOptions.defaults().withOut(Stdio.stream()));
        assertEquals("made", new BufferedReader(new InputStreamReader(job.stdout())).readLine());
        return job;
    }

    private static long figure(Sandbox sandbox, String... names) throws Exception {
        for (String cgroup : sandbox.report().cgroups().keySet()) {
            for (String name : names) {
                Path file = Path.of(cgroup, name);
                if (Files.exists(file)) {
                    return Long.parseLong(Files.readString(file).strip());
                }
            }
        }
        return -1;
    }

    private static long memoryPeak(Sandbox sandbox) throws Exception {
        return figure(sandbox, "memory.peak", "memory.max_usage_in_bytes");
    }

    @Test
    void nothingIsSeenAfterwards() throws Exception {
        // What this profile refuses besides is allowed here, so that there is more to be forgotten.
        JobSpec world = TestJobs.isolated().memory(200 * MIB).pids(20).env("OWN", "w").landlock(LandlockMode.OFF)
            .rlimit(Rlimit.MSGQUEUE, 200_000).build();
        try (Sandbox sandbox = launcher.open(world)) {
            List<String> clean = look(sandbox);
            assertTrue(clean.stream().allMatch(line -> line.startsWith("= ")), clean::toString);
            assertTrue(clean.contains("= descriptors above 2: 0"), clean::toString);
            try (Job job = make(sandbox)) {
                // The control: a command of the same world sees everything that is of the world, and nothing of the process.
                List<String> seen = look(sandbox);
                for (String trace : List.of("process leave-traces", "file /tmp/trace", "file /dev/shm/trace", "file /work/trace",
                        "shared memory", "semaphores", "messages", "message queue", "abstract socket", "port")) {
                    assertTrue(seen.contains(trace), () -> trace + ": " + seen);
                }
                assertTrue(seen.containsAll(clean), seen::toString);
                assertTrue(memoryPeak(sandbox) < 0 || memoryPeak(sandbox) > 20 * MIB);
                List<NamespaceReport.Entry> before = sandbox.report().namespaces().all();
                sandbox.reset();
                assertFalse(job.await().outcome().success());
                assertEquals(clean, look(sandbox));
                assertTrue(memoryPeak(sandbox) < 20 * MIB, () -> "the peak is that of the old world");
                assertTrue(figure(sandbox, "pids.current") <= 5);
                for (NamespaceReport.Entry entry : before) {
                    NamespaceReport.Entry now = sandbox.report().namespaces().get(entry.kind());
                    assertEquals(entry.isolated(), now.isolated());
                }
            }
        }
    }

    @Test
    void aKeyIsSeenByTheCommandsOfOneWorldOnly() throws Exception {
        JobSpec world = TestJobs.isolated().seccomp(Seccomp.NONE).newKeyring(true).landlock(LandlockMode.OFF).build();
        try (Sandbox sandbox = launcher.open(world)) {
            assumeTrue(sandbox.report().hardening().keyring() == JobHardening.Keyring.NEW, "the kernel has keys");
            assertFalse(look(sandbox).contains("key"));
            assertEquals("left\n", sandbox.run(TRACES, "key").stdoutText());
            // Commands that join have keyrings of their own.
            assertEquals(launcher.driver() == Driver.RESIDENT, look(sandbox).contains("key"),
                "the session keyring is the world's, and that of all whom its supervisor starts");
            sandbox.reset();
            assertFalse(look(sandbox).contains("key"));
        }
    }

    @Test
    void whoMayChangeTheHostNameDoesSoForOneWorldOnly() throws Exception {
        JobSpec world = JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT, NamespaceKind.UTS)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).hostname("first").build();
        try (Sandbox sandbox = launcher.open(world)) {
            assertEquals("first", hostname(sandbox));
            assertTrue(sandbox.run(TRACES, "name", "changed").outcome().success());
            sandbox.run("sh", "-c", "mount -t tmpfs none /mnt && touch /mnt/trace");
            assertEquals("changed", hostname(sandbox));
            assertEquals("/mnt/trace\n", sandbox.run("ls", "/mnt/trace").stdoutText());
            sandbox.reset();
            assertEquals("first", hostname(sandbox));
            assertEquals("", sandbox.run("ls", "/mnt/trace").stdoutText());
        }
    }

    private static String hostname(Sandbox sandbox) throws Exception {
        return sandbox.run("cat", "/proc/sys/kernel/hostname").stdoutText().strip();
    }

    @Test
    void whatIsOutsideStaysAndANameToo() throws Exception {
        Path shared = shared();
        String name = "reset-" + UUID.randomUUID();
        JobSpec world = JobSpec.isolated().name(name).bind(shared.toString(), "/shared").build();
        try (Sandbox sandbox = launcher.open(world)) {
            long holder = sandbox.report().hostPid();
            assertEquals(holder, io.nsjob.Jobs.find(name).main().pid());
            sandbox.run("sh", "-c", "echo there >/shared/file; echo gone >/work/file");
            sandbox.reset();
            assertEquals(name, sandbox.name());
            assertNotEquals(holder, sandbox.report().hostPid());
            assertEquals(sandbox.report().hostPid(), io.nsjob.Jobs.find(name).main().pid());
            assertEquals("file\n", sandbox.run("ls", "/shared", "/work").stdoutText().replaceAll("(?m)^(/.*)?\n", ""));
            assertEquals("there\n", Files.readString(shared.resolve("file")));
        }
        assertTrue(io.nsjob.Jobs.list().stream().noneMatch(record -> record.name().equals(name)));
    }

    @Test
    void anEndedOneIsThereAgain() throws Exception {
        try (Sandbox sandbox = launcher.open(JobSpec.isolated().build())) {
            ProcessHandle.of(sandbox.report().hostPid()).orElseThrow().destroyForcibly();
            Await.until("its end", () -> !sandbox.isOpen());
            assertThrows(SandboxException.class, () -> sandbox.run("true"));
            sandbox.reset();
            assertTrue(sandbox.isOpen());
            assertTrue(sandbox.run("true").outcome().success());
            closeNow(sandbox);
            assertEquals("the sandbox is closed", assertThrows(SandboxException.class, sandbox::reset).getMessage());
        }
    }

    @Test
    void aResetThatFailsLeavesNothing() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        JobSpec world = JobSpec.isolated().bindReadOnly(source.toString()).build();
        try (Sandbox sandbox = launcher.open(world)) {
            long holder = sandbox.report().hostPid();
            Files.delete(source);
            Exception failure = assertThrows(Exception.class, sandbox::reset);
            assertTrue(failure instanceof SandboxException || failure instanceof InvalidSpecException, failure::toString);
            assertTrue(failure.getMessage().contains(source.toString()) || failure instanceof SandboxException e
                && e.subject().contains(source.toString()), failure::toString);
            assertFalse(sandbox.isOpen());
            assertTrue(Jobs.isGone(holder));
            assertThrows(SandboxException.class, () -> sandbox.run("true"));
        }
    }

    private Path shared() throws Exception {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
        return shared;
    }

    @Test
    void commandsAndResetsAtOnce() throws Exception {
        Path shared = shared();
        try (Sandbox sandbox = launcher.open(JobSpec.isolated().bind(shared.toString(), "/shared").build())) {
            Set<String> whole = ConcurrentHashMap.newKeySet();
            CountDownLatch begun = new CountDownLatch(3);
            List<CompletableFuture<Void>> users = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                String user = "user-" + i + "-";
                users.add(CompletableFuture.runAsync(() -> use(sandbox, user, whole, begun), OWN));
            }
            assertTrue(begun.await(60, TimeUnit.SECONDS));
            for (int i = 0; i < 4; i++) {
                sandbox.reset();
            }
            for (CompletableFuture<Void> user : users) {
                user.get(60, TimeUnit.SECONDS);
            }
            List<String> ran = new ArrayList<>();
            for (String trace : shared.toFile().list()) {
                ran.add(trace.substring(0, trace.indexOf('.')));
            }
            assertEquals(new TreeSet<>(ran).size(), ran.size(), () -> "none ran twice: " + ran);
            assertTrue(ran.containsAll(whole), "what has a result has run");
            assertTrue(whole.size() >= 3, "each user saw a whole command at least once");
            assertTrue(sandbox.run("true").outcome().success());
        }
    }

    /** Runs commands: each is whole, or was killed with its world; what had not begun then is run in the next. */
    private static void use(Sandbox sandbox, String user, Set<String> whole, CountDownLatch begun) {
        List<Outcome.Kind> killed = launcher.driver() == Driver.RESIDENT ? List.of(Outcome.Kind.CANCELLED)
            : List.of(Outcome.Kind.CANCELLED, Outcome.Kind.LOST, Outcome.Kind.SIGNALED);
        for (int i = 0; i < 12; i++) {
            String name = user + i;
            try {
                JobResult result = sandbox.run("sh", "-c", "mktemp /shared/" + name + ".XXXXXX >/dev/null; echo whole");
                if (result.outcome().success()) {
                    assertEquals("whole\n", result.stdoutText());
                    whole.add(name);
                    begun.countDown();
                } else {
                    assertTrue(killed.contains(result.outcome().kind()), result::toString);
                }
            } catch (SandboxException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Also where nothing has been told of it yet: either it has not run, or it was cancelled. */
    @Test
    void aCommandThatIsClosedAsItBeginsIsNotDenied() throws Exception {
        JobSpec world = JobSpec.isolated().bind(shared().toString(), "/shared").build();
        try (Launcher resident = Launcher.open(Driver.RESIDENT)) {
            for (int i = 0; i < 12; i++) {
                Path trace = directory.resolve("shared").resolve("trace-" + i);
                Sandbox sandbox = resident.open(world);
                CompletableFuture<JobResult> end = begin(sandbox, "echo x >/shared/" + trace.getFileName() + "; exec sleep 1000");
                boolean whenItHasRun = i % 2 == 0;
                for (int step = 0; whenItHasRun ? !Files.exists(trace) : step < i; step++) {
                    LockSupport.parkNanos(100_000);
                }
                sandbox.close();
                if (whenItHasRun) {
                    assertEquals(new Outcome.Cancelled(), end.get(60, TimeUnit.SECONDS).outcome());
                } else if (end.handle((result, failure) -> failure).get(60, TimeUnit.SECONDS) instanceof SandboxException failure) {
                    assertFalse(Files.exists(trace), failure::toJson);
                } else {
                    assertEquals(new Outcome.Cancelled(), end.get().outcome());
                }
            }
        }
    }

    private static CompletableFuture<JobResult> begin(Sandbox sandbox, String script) {
        CompletableFuture<JobResult> end = new CompletableFuture<>();
        OWN.execute(() -> {
            try {
                end.complete(sandbox.run("sh", "-c", script));
            } catch (SandboxException | InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    @Test
    void closingDuringAResetEndsBoth() throws Exception {
        for (int i = 0; i < 5; i++) {
            Sandbox sandbox = launcher.open(JobSpec.isolated().build());
            try (sandbox) {
                int pause = i;
                CompletableFuture<Boolean> reset = CompletableFuture.supplyAsync(() -> {
                    try {
                        sandbox.reset();
                        return true;
                    } catch (SandboxException e) {
                        assertTrue(e.getMessage().contains("closed"), e::getMessage);
                        return false;
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
                Thread.sleep(pause);
                closeNow(sandbox);
                assertFalse(sandbox.isOpen());
                reset.get(60, TimeUnit.SECONDS);
                assertFalse(sandbox.isOpen());
                assertTrue(Jobs.isGone(sandbox.report().hostPid()));
                assertThrows(SandboxException.class, () -> sandbox.run("true"));
            }
        }
    }

    private static void closeNow(AutoCloseable resource) throws Exception {
        resource.close();
    }
}
