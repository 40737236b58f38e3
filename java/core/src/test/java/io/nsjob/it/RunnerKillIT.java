package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.CommandSpec;
import io.nsjob.Driver;
import io.nsjob.JobResult;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.testing.TestJobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What starts the commands of a sandbox is killed while they run: each ends with its own result, or is lost, or was never begun;
 * none runs twice, and nothing is left.
 */
@JobTest
class RunnerKillIT {
    private static final int USERS = 3;
    private static final int COMMANDS = 30;
    private static final int ECHILD = 10;
    private static final Executor OWN = task -> new Thread(task, "runner-kill").start();

    private final Set<String> whole = new ConcurrentSkipListSet<>();
    private final Set<String> lost = new ConcurrentSkipListSet<>();
    private final Set<String> never = new ConcurrentSkipListSet<>();

    private static long starter(Sandbox sandbox) throws Exception {
        long runner = sandbox.run("true").report().initPid().orElseThrow();
        return ProcessHandle.of(runner).orElseThrow().parent().orElseThrow().pid();
    }

    /** What a command takes here and now: who kills more often than commands end lets nobody through. */
    private static int commandMillis(Sandbox sandbox) throws Exception {
        long begun = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            sandbox.run("sh", "-c", "echo x >>/tmp/sample; sleep 0.01");
        }
        return 1 + (int) TimeUnit.NANOSECONDS.toMillis((System.nanoTime() - begun) / 5);
    }

    private void use(Sandbox sandbox, int user) {
        for (int i = 0; i < COMMANDS; i++) {
            String name = user + "-" + i;
            // Some are over before anything is told of them, some are not.
            String script = "echo " + name + " >>/tmp/begun; " + (i % 3 == 0 ? "sleep 0.01; " : "") + "echo " + name + "; exit 5";
            try {
                JobResult result = sandbox.run(CommandSpec.of("sh", "-c", script), StartOptions.defaults());
                if (result.outcome().equals(new Outcome.Exited(5))) {
                    assertEquals(name + "\n", result.stdoutText());
                    whole.add(name);
                } else {
                    assertEquals(Outcome.Kind.LOST, result.outcome().kind(), result::toString);
                    lost.add(name);
                }
            } catch (SandboxException e) {
                assertEquals(ECHILD, e.errno(), e::toJson);
                never.add(name);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private CompletableFuture<Void> load(Sandbox sandbox) {
        List<CompletableFuture<Void>> users = new ArrayList<>();
        for (int i = 0; i < USERS; i++) {
            int user = i;
            users.add(CompletableFuture.runAsync(() -> use(sandbox, user), OWN));
        }
        return CompletableFuture.allOf(users.toArray(CompletableFuture[]::new));
    }

    private void check(Sandbox sandbox) throws Exception {
        assertEquals(USERS * COMMANDS, whole.size() + lost.size() + never.size());
        List<String> begun = sandbox.run("cat", "/tmp/begun").stdoutText().lines().toList();
        assertEquals(new TreeSet<>(begun).size(), begun.size(), "none ran twice");
        assertTrue(begun.containsAll(whole), "what has a result has run");
        assertTrue(begun.stream().noneMatch(never::contains), "what could not be begun has not");
        assertEquals("", sandbox.run("sh", "-c", "cat /proc/[0-9]*/comm | grep sleep").stdoutText());
    }

    @Test
    void killedRunners() throws Exception {
        Random random = new Random(7);
        try (Launcher launcher = Launcher.open(Driver.RESIDENT); Sandbox sandbox = launcher.open(TestJobs.isolated().build())) {
            long starter = starter(sandbox);
            int patience = 4 * commandMillis(sandbox);
            CompletableFuture<Void> users = load(sandbox);
            int kills = 0;
            while (!users.isDone()) {
                List<ProcessHandle> runners = ProcessHandle.of(starter).orElseThrow().children().toList();
                if (!runners.isEmpty() && runners.get(random.nextInt(runners.size())).destroyForcibly()) {
                    kills++;
                }
                Thread.sleep(random.nextInt(patience));
            }
            users.get(100, TimeUnit.SECONDS);
            check(sandbox);
            assertTrue(kills > 0, "nobody was killed");
            assertTrue(!whole.isEmpty() && starter(sandbox) == starter, "those that were not killed went on");
        }
    }

    @Test
    void aKilledStarter() throws Exception {
        try (Launcher launcher = Launcher.open(Driver.RESIDENT); Sandbox sandbox = launcher.open(TestJobs.isolated().build())) {
            long starter = starter(sandbox);
            CompletableFuture<Void> users = load(sandbox);
            Thread.sleep(30);
            assertTrue(ProcessHandle.of(starter).orElseThrow().destroyForcibly());
            users.get(100, TimeUnit.SECONDS);
            check(sandbox);
            assertTrue(Jobs.isGone(starter));
        }
    }
}
