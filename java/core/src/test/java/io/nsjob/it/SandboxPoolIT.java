package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.CommandSpec;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.SandboxPool;
import io.nsjob.StartOptions;
import io.nsjob.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools of real sandboxes. */
@JobTest
class SandboxPoolIT extends WithLauncher {
    @TempDir
    Path directory;

    private static void awaitReady(SandboxPool pool, int count) throws Exception {
        Await.until(count + " ready", () -> pool.statistics().ready() == count && pool.statistics().opening() == 0);
    }

    private static String use(Sandbox sandbox) throws Exception {
        return sandbox.run("sh", "-c", "cat /work/before 2>/dev/null; echo here > /work/before; echo done").stdoutText();
    }

    @Test
    void nothingOfOneIsSeenByTheNext() throws Exception {
        for (SandboxPool.Mode mode : SandboxPool.Mode.values()) {
            Set<Long> holders = new HashSet<>();
            long left;
            try (SandboxPool pool = SandboxPool.of(launcher, JobSpec.isolated().build()).size(1).max(2).mode(mode).build()) {
                for (int i = 0; i < 4; i++) {
                    Job job;
                    try (Sandbox sandbox = pool.take()) {
                        assertEquals("done\n", use(sandbox));
                        assertEquals("here\ndone\n", use(sandbox), "the control: it is there for who is in the same world");
                        assertTrue(holders.add(sandbox.report().hostPid()), "a world that was used before");
                        job = sandbox.start(CommandSpec.of("sleep", "1000"), StartOptions.defaults());
                    }
                    // Given back, nothing runs any more.
                    assertTrue(job.onExit().get(60, TimeUnit.SECONDS).outcome().exitCode().isEmpty());
                }
                awaitReady(pool, 1);
                try (Sandbox sandbox = pool.take()) {
                    left = sandbox.report().hostPid();
                }
            }
            assertTrue(Jobs.isGone(left));
        }
    }

    @Test
    void whoDiedWhileItWaitedIsNotHandedOut() throws Exception {
        try (SandboxPool pool = SandboxPool.of(launcher, JobSpec.isolated().build()).size(1).build()) {
            long first;
            try (Sandbox sandbox = pool.take()) {
                first = sandbox.report().hostPid();
            }
            assertTrue(Jobs.isGone(first));
            awaitReady(pool, 1);
            Await.until("its name", () -> children().stream().anyMatch(pid -> pid != first));
            long waits = children().stream().filter(pid -> pid != first).findFirst().orElseThrow();
            ProcessHandle.of(waits).orElseThrow().destroyForcibly();
            assertTrue(Jobs.isGone(waits));
            try (Sandbox sandbox = pool.take()) {
                assertNotEquals(waits, sandbox.report().hostPid());
                assertEquals("done\n", use(sandbox));
            }
            assertEquals(1, pool.statistics().died());
        }
    }

    /** The processes of this JVM that hold a world. */
    private static List<Long> children() throws Exception {
        List<Long> holders = new ArrayList<>();
        for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
            if (Jobs.command(child).equals("nsjob-pause")) {
                holders.add(child.pid());
            }
        }
        return holders;
    }

    @Test
    void aWorldThatCannotBeIsToldToWhoTakes() throws Exception {
        Path source = Files.createDirectory(directory.resolve("source"));
        JobSpec world = JobSpec.isolated().bindReadOnly(source.toString()).build();
        try (SandboxPool pool = SandboxPool.of(launcher, world).size(1).build()) {
            pool.take().close();
            awaitReady(pool, 1);
            Files.delete(source);
            try (Sandbox sandbox = pool.take()) {
                assertTrue(sandbox.isOpen());
            }
            Exception failure = assertThrows(Exception.class, pool::take);
            assertTrue(failure instanceof SandboxException || failure instanceof InvalidSpecException, failure::toString);
            Files.createDirectory(source);
            // A failure may be pending from before.
            Await.until("another try", () -> {
                try (Sandbox sandbox = pool.take(Duration.ofSeconds(20))) {
                    return sandbox.isOpen();
                } catch (SandboxException | InvalidSpecException e) {
                    return false;
                }
            });
            assertTrue(pool.statistics().failures() >= 1);
        }
    }

    @Test
    void manyThreadsShareOne() throws Exception {
        ExecutorService threads = virtualThreads();
        try (SandboxPool pool = SandboxPool.of(launcher, JobSpec.isolated().build()).size(2).max(3).build()) {
            List<Future<String>> users = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                users.add(threads.submit(() -> {
                    try (Sandbox sandbox = pool.take()) {
                        return use(sandbox);
                    }
                }));
            }
            for (Future<String> user : users) {
                assertEquals("done\n", user.get(60, TimeUnit.SECONDS));
            }
            assertEquals(8, pool.statistics().handedOut());
        } finally {
            threads.shutdown();
        }
    }

    /** Where the JDK has none, ordinary ones. */
    private static ExecutorService virtualThreads() throws Exception {
        try {
            return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException e) {
            return Executors.newFixedThreadPool(8);
        }
    }
}
