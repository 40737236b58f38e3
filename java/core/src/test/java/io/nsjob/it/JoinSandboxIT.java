package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.CommandSpec;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobRecord;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NoSuchJobException;
import io.nsjob.Outcome;
import io.nsjob.OutputAction;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.Sandbox;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Worlds that are kept, and what runs in them. */
@JobTest
class JoinSandboxIT {
    private static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
    }

    @AfterAll
    static void close() {
        launcher.close();
    }

    @Test
    void commandsShareTheWorldAndAreHeldAsItIs() throws Exception {
        JobSpec world = JobSpec.isolated().env("WORLD", "w").wallTime(Duration.ofSeconds(30)).build();
        try (Sandbox sandbox = launcher.open(world)) {
            assertEquals("", sandbox.run("sh", "-c", "echo kept > /work/file").stderrText());
            JobResult result = sandbox.run(CommandSpec.of("sh", "-c", "cat file; echo $WORLD $MORE; id -u").withEnvironment("MORE", "1"),
                StartOptions.defaults());
            assertEquals("kept\nw 1\n1000\n", result.stdoutText(), result::stderrText);
            assertEquals(List.of(), result.report().weakened());
            assertEquals(0, result.report().credentials().seccomp() - 2);
            for (NamespaceKind kind : NamespaceKind.values()) {
                assertEquals(sandbox.report().namespaces().get(kind).inode(), result.report().namespaces().get(kind).inode());
            }
            // The clocks are of each command: the world's spec limits it to half a minute.
            assertEquals(Duration.ofSeconds(30), result.report().limits().wallTime().orElseThrow());
            assertTrue(sandbox.report().limits().wallTime().isEmpty());
            Outcome ended = sandbox.run(CommandSpec.of("sleep", "1000").withWallTime(Duration.ofMillis(100)), StartOptions.defaults()).outcome();
            assertEquals(Outcome.Kind.TIMED_OUT, ended.kind());
            assertEquals("/tmp\n", sandbox.run(CommandSpec.of("pwd").withCwd("/tmp"), StartOptions.defaults()).stdoutText());
            assertEquals(127, exitStatus(sandbox, "no-such-program"));
        }
    }

    @Test
    void eachCommandHasLimitsOfItsOwn() throws Exception {
        JobSpec world = JobSpec.isolated().rlimit(Rlimit.NOFILE, 100).outputLimit(1000).build();
        try (Sandbox sandbox = launcher.open(world)) {
            CommandSpec command = CommandSpec.of("sh", "-c", "ulimit -n");
            assertEquals("100\n", sandbox.run(command).stdoutText());
            assertEquals("50\n", sandbox.run(command.withRlimit(Rlimit.NOFILE, ResourceLimit.of(50))).stdoutText());
            assertEquals("100\n", sandbox.run(command).stdoutText());
            CommandSpec higher = command.withRlimit(Rlimit.NOFILE, ResourceLimit.of(101));
            assertEquals(List.of("$.rlimits.nofile: is above the sandbox's, 100"),
                assertThrows(InvalidSpecException.class, () -> sandbox.run(higher)).violations());
            CommandSpec flood = CommandSpec.of("sh", "-c", "while :; do echo x; done");
            JobResult killed = sandbox.run(flood.withOutputLimit(10, OutputAction.KILL));
            assertEquals(Outcome.Kind.OUTPUT_LIMIT, killed.outcome().kind());
            assertEquals(10, killed.stdout().length);
            assertEquals(Outcome.Kind.TIMED_OUT, sandbox.run(CommandSpec.of("sh", "-c", "while :; do :; done")
                .withCpuTime(Duration.ofMillis(200))).outcome().kind());
        }
    }

    private static int exitStatus(Sandbox sandbox, String program) {
        SandboxException e = assertThrows(SandboxException.class, () -> sandbox.run(program));
        assertEquals("exec", e.stage(), e::toJson);
        return e.errno() == 2 ? 127 : 126;
    }

    @Test
    void closingEndsAll() throws Exception {
        Sandbox sandbox = launcher.open(JobSpec.isolated().build());
        try (sandbox; Job job = sandbox.start(CommandSpec.of("sleep", "1000"), StartOptions.defaults())) {
            long pid = job.report().hostPid();
            assertTrue(sandbox.isOpen());
            closeNow(sandbox);
            assertTrue(Jobs.isGone(pid) && Jobs.isGone(sandbox.report().hostPid()));
            assertFalse(sandbox.isOpen());
            assertTrue(job.await().outcome().exitCode().isEmpty());
        }
        SandboxException e = assertThrows(SandboxException.class, () -> sandbox.run("true"));
        assertEquals("the sandbox has ended", e.getMessage());
    }

    @Test
    void aSandboxWithANameIsFoundByIt() throws Exception {
        String name = "sandbox-" + UUID.randomUUID();
        try (Sandbox sandbox = launcher.open(JobSpec.isolated().name(name).build())) {
            JobRecord record = io.nsjob.Jobs.find(name);
            assertEquals(sandbox.report().hostPid(), record.main().pid());
            assertEquals(List.of(), record.command());
            assertEquals(record.json(), io.nsjob.Jobs.find(Long.toString(record.main().pid())).json());
            sandbox.run("sh", "-c", "echo there > /work/file");
            try (Job job = launcher.join(JoinTarget.job(name), "cat", "/work/file")) {
                JobResult result = job.await();
                assertEquals("there\n", result.stdoutText(), result::stderrText);
                assertEquals(List.of(), result.report().weakened());
            }
        }
        assertThrows(NoSuchJobException.class, () -> io.nsjob.Jobs.find(name));
    }

    private static void closeNow(AutoCloseable resource) throws Exception {
        resource.close();
    }

    @Test
    void aSandboxHasNoCommandOfItsOwn() {
        assertThrows(InvalidSpecException.class, () -> launcher.open(JobSpec.isolated().command("true").build()));
    }
}
