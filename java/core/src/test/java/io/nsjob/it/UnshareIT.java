package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.IdMaps;
import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespacePin;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.UnshareOptions;
import io.nsjob.UnsharedProcess;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.PinFiles;
import io.nsjob.internal.os.StateBase;
import io.nsjob.testing.Await;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that become the command themselves. */
@JobTest
class UnshareIT {
    private static final long PATIENCE_SECONDS = 60;
    private static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
    }

    @AfterAll
    static void close() {
        launcher.close();
    }

    private static JobSpec.Builder sh(String script, NamespaceKind... kinds) {
        return JobSpec.bare(kinds).namespace(NamespaceKind.USER, NamespaceMode.fresh())
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).command("/bin/sh", "-c", script);
    }

    private static String output(UnsharedProcess process) throws Exception {
        return new String(process.asProcess().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int end(UnsharedProcess process) throws Exception {
        return process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static Map<NamespaceKind, String> namespaces(long pid) throws Exception {
        Map<NamespaceKind, String> links = new TreeMap<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            links.put(kind, Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", kind.kernelName())).toString());
        }
        return links;
    }

    /** From outside and from inside, and nothing but what was asked for is new. */
    @Test
    void thePidIsTheSameBeforeAndAfter() throws Exception {
        UnsharedProcess process = launcher.unshare(sh("echo $$; read line; exit 7", NamespaceKind.MNT, NamespaceKind.UTS).build(),
            UnshareOptions.defaults().withStreams(Stdio.stream(), Stdio.stream(), Stdio.discard()));
        long pid = process.pid();
        assertEquals(pid, process.report().hostPid());
        assertEquals("/bin/sh", Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "exe")).toRealPath().equals(Path.of("/bin/sh").toRealPath())
            ? "/bin/sh" : "another program");
        Map<NamespaceKind, String> ours = namespaces(ProcessHandle.current().pid());
        Map<NamespaceKind, String> its = namespaces(pid);
        for (NamespaceKind kind : NamespaceKind.values()) {
            boolean isNew = List.of(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.UTS).contains(kind);
            assertEquals(isNew, !ours.get(kind).equals(its.get(kind)), kind::toString);
            assertEquals(isNew, process.report().namespaces().get(kind).isolated(), kind::toString);
            assertTrue(its.get(kind).endsWith("[" + process.report().namespaces().get(kind).inode() + "]"), kind::toString);
        }
        process.asProcess().getOutputStream().close();
        assertEquals(pid + "\n", output(process));
        assertEquals(7, end(process));
    }

    /** No supervisor, no child that it did not make, no descriptor, no timer, no signal for the death of a thread of ours. */
    @Test
    void nothingOfTheSetUpStays() throws Exception {
        String script = "echo 'children:' $(cat /proc/$$/task/$$/children); for fd in /proc/$$/fd/*; do echo ${fd##*/}; done; exec sleep 2.5";
        UnsharedProcess process = launcher.unshare(sh(script, NamespaceKind.NET).setupTime(Duration.ofSeconds(2)).build(),
            UnshareOptions.defaults());
        String said = output(process);
        assertEquals(0, end(process), "the set-up's timer ended it");
        assertTrue(said.matches("children:( \\d+)?\n0\n1\n2\n(\\d+\n)?"), said);
        Thread starter = new Thread(() -> {
            try {
                sleeping = launcher.unshare(sh("exec sleep 60", NamespaceKind.UTS).build(), UnshareOptions.defaults());
            } catch (SandboxException | InterruptedException e) {
                sleeping = null;
            }
        });
        starter.start();
        starter.join();
        Thread.sleep(100);
        assertTrue(sleeping.asProcess().isAlive());
        sleeping.asProcess().destroy();
        assertEquals(128 + 15, end(sleeping));
    }

    private static volatile UnsharedProcess sleeping;

    @Test
    void forkedItIsPid1AndTheStatusComesThrough() throws Exception {
        UnshareOptions fork = UnshareOptions.defaults().withFork(true);
        JobSpec.Builder spec = sh("echo $$ $(readlink /proc/self); exit 9", NamespaceKind.PID, NamespaceKind.MNT).freshProc(true);
        UnsharedProcess process = launcher.unshare(spec.build(), fork);
        assertTrue(output(process).matches("1 \\d\n"));
        assertEquals(9, end(process));
        assertNotEquals(process.pid(), process.report().hostPid());
        assertEquals(1, process.report().insidePid());
        UnsharedProcess killed = launcher.unshare(sh("kill -9 $$").build(), fork);
        assertEquals(128 + 9, end(killed));
        // What is sent to the one that waits reaches the one that works.
        UnsharedProcess told = launcher.unshare(sh("trap 'exit 42' TERM; echo ready; while :; do sleep 0.05; done").build(), fork);
        assertEquals('r', told.asProcess().getInputStream().read());
        told.asProcess().destroy();
        assertEquals(42, end(told));
    }

    @Test
    void withAKillSignalTheChildDiesWithItsParent() throws Exception {
        for (boolean kills : new boolean[] {true, false}) {
            UnshareOptions options = UnshareOptions.defaults().withFork(true);
            UnsharedProcess process = launcher.unshare(sh("echo ready; exec sleep 300").build(), kills ? options.withKillSignal(9) : options);
            assertEquals('r', process.asProcess().getInputStream().read());
            ProcessHandle child = ProcessHandle.of(process.report().hostPid()).orElseThrow();
            process.asProcess().destroyForcibly();
            end(process);
            // The control: without it, it lives on.
            if (kills) {
                child.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } else {
                assertTrue(child.isAlive());
                child.destroyForcibly();
            }
        }
    }

    /** Whatever its name is: the helper's own for the time of the set-up, which is looked at, is none that a file can have. */
    @Test
    void aCommandMayHaveAnyName(@TempDir Path directory) throws Exception {
        for (String name : List.of("nsjob-inplace", "nsjob-super", "(x) R 1", "n\nm")) {
            Path program = Files.copy(Path.of("/bin/sh").toRealPath(), directory.resolve(name));
            UnsharedProcess process = launcher.unshare(JobSpec.bare().command(program.toString(), "-c", "exit 3").build(), UnshareOptions.defaults());
            assertEquals(3, end(process), name);
        }
    }

    /** Root's: the ids are somebody's as long as a process has them, also one that was left, also when the one that waited is killed. */
    @Test
    void theIdsAreHeldForWhoHasThem() throws Exception {
        Identity identity = HostFacts.real().identity();
        if (identity.uid() != 0) {
            return;
        }
        for (boolean fork : new boolean[] {false, true}) {
            String script = fork ? "echo $$; exec sleep 300" : "sleep 300 >/dev/null 2>&1 & echo $!";
            UnsharedProcess process = launcher.unshare(sh(script).build(), UnshareOptions.defaults().withFork(fork));
            long left = Long.parseLong(new BufferedReader(new InputStreamReader(process.asProcess().getInputStream(), StandardCharsets.US_ASCII)).readLine());
            Path lock = StateBase.require(identity).resolve("ids").resolve(Long.toString(process.report().uidMap().get(0).outside()));
            assertTrue(Files.exists(lock));
            if (fork) {
                process.asProcess().destroyForcibly();
            }
            end(process);
            assertFalse(Await.within(Duration.ofMillis(500), () -> !Files.exists(lock)), "another job could have the ids of " + left);
            ProcessHandle.of(left).orElseThrow().destroyForcibly();
            Await.until("the ids are free", () -> !Files.exists(lock));
        }
    }

    /** Root's: what is taken back is what was made, whoever has renamed the directory meanwhile. */
    @Test
    void aPinIsTakenBackWhereItWasMade(@TempDir Path directory) throws Exception {
        if (HostFacts.real().identity().uid() != 0) {
            return;
        }
        Path place = Files.createDirectory(directory.resolve("place"));
        Path pin = place.resolve("pin");
        Job job = launcher.start(JobSpec.bare(NamespaceKind.NET).pin(new NamespacePin(NamespaceKind.NET, pin.toString(), false)).command("true").build(),
            StartOptions.held());
        assertTrue(PinFiles.isPinned(pin.toString()));
        Path away = Files.move(place, directory.resolve("away"));
        Path other = Files.writeString(Files.createDirectory(place).resolve("pin"), "somebody else's");
        job.close();
        assertEquals("somebody else's", Files.readString(other));
        assertFalse(Files.exists(away.resolve("pin"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void whatFailsIsToldWithItsStage() {
        for (boolean fork : new boolean[] {false, true}) {
            UnshareOptions options = UnshareOptions.defaults().withFork(fork);
            SandboxException missing = assertThrows(SandboxException.class,
                () -> launcher.unshare(JobSpec.bare().command("nosuch").build(), options));
            assertEquals("exec 2", missing.stage() + " " + missing.errno());
            SandboxException closed = assertThrows(SandboxException.class,
                () -> launcher.unshare(JobSpec.bare().command("/etc/passwd").build(), options));
            assertEquals("exec 13", closed.stage() + " " + closed.errno());
            SandboxException away = assertThrows(SandboxException.class,
                () -> launcher.unshare(JobSpec.bare().command("true").cwd("/nosuch").build(), options));
            assertEquals("cwd 2", away.stage() + " " + away.errno());
        }
    }

    @Test
    void whatNeedsASupervisorIsRefused() {
        JobSpec.Builder bare = JobSpec.bare().command("true");
        Map<String, JobSpec> specs = Map.of("$.limits.wallTime", bare.build().toBuilder().wallTime(Duration.ofSeconds(5)).build(),
            "$.limits.cpuTime", bare.build().toBuilder().cpuTime(Duration.ofSeconds(5)).build(),
            "$.limits.output", bare.build().toBuilder().outputLimit(10).build(),
            "$.collect", bare.build().toBuilder().collect("/tmp/x").build(),
            "$.terminal", bare.build().toBuilder().terminal(true).build(),
            "$.filesystem.proc", sh("true", NamespaceKind.PID, NamespaceKind.MNT).freshProc(true).build());
        specs.forEach((field, spec) -> {
            InvalidSpecException refused = assertThrows(InvalidSpecException.class,
                () -> launcher.unshare(spec, UnshareOptions.defaults()), field);
            assertTrue(refused.violations().get(0).startsWith(field + ":"), refused::getMessage);
        });
        assertThrows(IllegalArgumentException.class,
            () -> UnshareOptions.defaults().withStreams(Stdio.discard(), Stdio.capture(9), Stdio.discard()));
        assertFalse(UnshareOptions.defaults().fork());
    }
}
