package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.InvalidSpecException;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Commands that join what is running already. */
@JobTest
class JoinIT {
    private static final String NAME = "join-" + UUID.randomUUID();
    /** What says of a process who it is and what holds it. */
    private static final List<String> SAME = List.of("Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:",
        "NoNewPrivs:", "Seccomp:", "Seccomp_filters:", "Umask:");
    private static Launcher launcher;
    private static Job isolated;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
        isolated = launcher.start(JobSpec.isolated().name(NAME).env("WORLD", "한국어").wallTime(Duration.ofMinutes(5))
            .command("sh", "-c", "echo here > /work/file; exec sleep 1000").build());
        awaitFile(Path.of("/proc", Long.toString(isolated.report().hostPid()), "comm"), "sleep");
    }

    @AfterAll
    static void close() {
        isolated.close();
        launcher.close();
    }

    private static void awaitFile(Path file, String text) throws Exception {
        Await.until(text, () -> Files.readString(file).strip().equals(text));
    }

    private static JobSpec command(String... argv) {
        return JobSpec.bare().command(argv).build();
    }

    private static Map<String, String> status(long pid) throws IOException {
        Map<String, String> fields = new java.util.TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            String name = line.substring(0, line.indexOf(':') + 1);
            if (SAME.contains(name)) {
                fields.put(name, line.substring(name.length()).strip());
            }
        }
        return fields;
    }

    private static String cgroups(long pid) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), "cgroup"));
    }

    private static List<String> descriptors(long pid) throws IOException {
        try (var names = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return names.map(name -> name.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void everythingIsAsInTheJob() throws Exception {
        long main = isolated.report().hostPid();
        try (Job job = launcher.join(JoinTarget.job(NAME), command("sleep", "1000"), StartOptions.defaults())) {
            long pid = job.report().hostPid();
            assertEquals(List.of(), job.report().weakened());
            for (NamespaceReport.Entry entry : isolated.report().namespaces().all()) {
                NamespaceReport.Entry joined = job.report().namespaces().get(entry.kind());
                assertEquals(entry.inode(), joined.inode(), entry.kind()::toString);
                assertEquals(Files.readSymbolicLink(Path.of("/proc/" + main + "/ns/" + entry.kind().kernelName())),
                    Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + entry.kind().kernelName())));
            }
            assertEquals(status(main), status(pid));
            assertEquals(cgroups(main), cgroups(pid));
            assertEquals(Files.readString(Path.of("/proc/" + main + "/limits")), Files.readString(Path.of("/proc/" + pid + "/limits")));
            assertEquals(Files.readSymbolicLink(Path.of("/proc/" + main + "/cwd")), Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd")));
            assertEquals(isolated.report().hardening().landlockAbi(), job.report().hardening().landlockAbi());
            assertEquals(isolated.report().hardening().keyring(), job.report().hardening().keyring());
            // What its loader opens is closed in a moment; what leaked would stay.
            Await.until("its three descriptors alone", () -> descriptors(pid).equals(List.of("0", "1", "2")));
            assertEquals(isolated.report().uidMap(), job.report().uidMap());
        }
    }

    /** Its file may still be there: the namespace has no init any more, and clone(2) calls that out of memory. */
    @Test
    void nobodyIsBornWhereInitIsDead() throws Exception {
        Job world = launcher.start(Jobs.small("sleep-term").build());
        String dead = "/proc/" + world.report().hostPid() + "/ns/";
        Process holder = new ProcessBuilder("sh", "-c", "exec 8<" + dead + "user 9<" + dead + "pid; echo held; exec sleep 60").start();
        try {
            assertEquals('h', holder.getInputStream().read());
            world.close();
            String files = "/proc/" + holder.pid() + "/fd/";
            JoinTarget target = JoinTarget.namespaces(Map.of(NamespaceKind.USER, files + 8, NamespaceKind.PID, files + 9));
            SandboxException failure = assertThrows(SandboxException.class, () -> launcher.join(target, "true").close());
            assertEquals("clone 12 pid", failure.stage() + " " + failure.errno() + " " + failure.subject());
            assertTrue(failure.getMessage().contains("has ended"), failure::getMessage);
        } finally {
            holder.destroyForcibly();
            world.close();
        }
    }

    @Test
    void itSeesTheFilesAndTheEnvironment() throws Exception {
        JobSpec spec = JobSpec.bare().env("MORE", "1").command("sh", "-c", "cat /work/file; echo $WORLD $MORE; pwd; readlink /proc/1/exe").build();
        try (Job job = launcher.join(JoinTarget.pid(isolated.report().hostPid()), spec, StartOptions.defaults())) {
            JobResult result = job.await();
            assertEquals("here\n한국어 1\n/work\n", result.stdoutText(), result::stderrText);
        }
    }

    @Test
    void itEndsWithTheJobAndByItsOwnLimit() throws Exception {
        try (Job world = launcher.start(Jobs.small("sleep-term").build());
                Job job = launcher.join(JoinTarget.pid(world.report().hostPid()), "sleep", "1000")) {
            long pid = job.report().hostPid();
            JobSpec brief = JobSpec.bare().wallTime(Duration.ofMillis(200)).command("sleep", "1000").build();
            try (Job timed = launcher.join(JoinTarget.pid(world.report().hostPid()), brief, StartOptions.defaults())) {
                assertEquals(Outcome.Kind.TIMED_OUT, timed.await().outcome().kind());
            }
            world.cancel(Duration.ZERO);
            assertEquals(Outcome.Kind.LOST, job.await().outcome().kind());
            assertTrue(Jobs.isGone(pid));
        }
    }

    private static String failure(JoinTarget target) {
        SandboxException e = assertThrows(SandboxException.class, () -> launcher.join(target, "true").close());
        assertFalse(e.getMessage().contains("\n"));
        assertEquals("open-namespaces", e.stage(), e::toJson);
        return e.getMessage() + " " + e.subject() + " " + e.hint().orElse("");
    }

    @Test
    void whatIsNotThereIsSaidInOneLine() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        assertTrue(failure(JoinTarget.pid(gone.pid())).startsWith("there is no process " + gone.pid()));
        assertTrue(failure(JoinTarget.job("no-such-job")).startsWith("no job no-such-job: running are "));
        assertTrue(failure(JoinTarget.namespaces(Map.of(NamespaceKind.NET, "/proc/self/ns/uts"))).contains("of kind uts, not net"));
        assertTrue(failure(JoinTarget.namespaces(Map.of(NamespaceKind.NET, "/etc/passwd"))).contains("not a namespace file"));
        assertTrue(failure(JoinTarget.namespaces(Map.of(NamespaceKind.NET, "/no/such"))).contains("/no/such"));
    }

    @Test
    void aProcessThatIsClosedIsSaidToBe() throws Exception {
        long other = isolated.report().initPid().orElseThrow();
        if (Jobs.isHostRoot()) {
            assertEquals("", run(JoinTarget.pid(other), "true"));
        } else {
            // Not dumpable: its own user cannot look into it either.
            assertTrue(failure(JoinTarget.pid(other)).contains("run as root"));
        }
    }

    @Test
    void whatIsSettledByTheTargetIsRefused() {
        JobSpec spec = JobSpec.bare(NamespaceKind.NET).memory("64m").newKeyring(true).command("true").build();
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> launcher.join(JoinTarget.job(NAME), spec, StartOptions.defaults()));
        assertEquals(List.of("$.namespaces: is settled by what is joined", "$.newKeyring: is settled by what is joined",
            "$.limits: those by cgroup are settled by what is joined"), e.violations());
        JobSpec other = JobSpec.isolated().command("true").build();
        assertThrows(InvalidSpecException.class, () -> launcher.join(JoinTarget.job(NAME), other, StartOptions.defaults()));
    }

    @Test
    void aBareJobIsJoinedAsItIs() throws Exception {
        JobSpec spec = Jobs.small("sleep-term").hostname("joined").namespace(NamespaceKind.UTS, NamespaceMode.fresh()).build();
        try (Job world = launcher.start(spec)) {
            long main = world.report().hostPid();
            try (Job job = launcher.join(JoinTarget.pid(main), "sleep", "1000")) {
                assertEquals(status(main), status(job.report().hostPid()));
                assertEquals(List.of(), job.report().weakened());
            }
            assertEquals("0 joined", run(JoinTarget.pid(main), "sh", "-c", "echo $(id -u) $(cat /proc/sys/kernel/hostname)"));
            String link = "/proc/" + main + "/ns/";
            Map<NamespaceKind, String> files = Map.of(NamespaceKind.USER, link + "user", NamespaceKind.UTS, link + "uts");
            assertEquals("0 joined", run(JoinTarget.namespaces(files), "sh", "-c", "echo $(id -u) $(cat /proc/sys/kernel/hostname)"));
            // Only the name: the files, and the pids, are the host's.
            assertEquals("joined " + ProcessHandle.current().pid(), run(JoinTarget.pid(main).only(NamespaceKind.USER, NamespaceKind.UTS),
                "sh", "-c", "echo $(cat /proc/sys/kernel/hostname) $(cat /proc/" + ProcessHandle.current().pid() + "/stat | cut -d' ' -f1)"));
        }
    }

    @Test
    void itsOutputCanBeOpenedAgain() throws Exception {
        // The pipes of a root caller are root's, whom nobody inside is.
        assertEquals("x y", run(JoinTarget.job(NAME), "sh", "-c", "echo x >/dev/stdout; echo y >>/proc/self/fd/1").replace('\n', ' '));
        JobSpec typed = JobSpec.bare().command("sh", "-c", "cat </dev/stdin; echo z >/dev/stderr").build();
        StartOptions options = StartOptions.defaults().withIn(Stdio.bytes("in\n".getBytes(StandardCharsets.UTF_8)));
        try (Job job = launcher.join(JoinTarget.job(NAME), typed, options)) {
            JobResult result = job.await();
            assertEquals("in\nz\n", result.stdoutText() + result.stderrText());
        }
    }

    private static String run(JoinTarget target, String... command) throws Exception {
        try (Job job = launcher.join(target, command)) {
            JobResult result = job.await();
            assertTrue(result.outcome().success(), () -> result + result.stderrText());
            return result.stdoutText().strip();
        }
    }

    @Test
    void nsenterSeesTheSame() throws Exception {
        long main = isolated.report().hostPid();
        // All but time, which is the host's: --all of util-linux 2.38 does not see that, and an unprivileged caller may not enter it.
        Process nsenter = new ProcessBuilder("nsenter", "-t", Long.toString(main), "-U", "-m", "-u", "-i", "-n", "-p", "-C",
            "--preserve-credentials", "sleep", "1000").start();
        try (Job job = launcher.join(JoinTarget.pid(main), "sleep", "1000")) {
            long theirs = 0;
            for (int i = 0; i < 500 && theirs == 0; i++) {
                Thread.sleep(10);
                theirs = nsenter.children().filter(JoinIT::sleeps).findFirst().map(ProcessHandle::pid).orElse(0L);
            }
            for (NamespaceKind kind : NamespaceKind.values()) {
                assertEquals(Files.readSymbolicLink(Path.of("/proc/" + theirs + "/ns/" + kind.kernelName())),
                    Files.readSymbolicLink(Path.of("/proc/" + job.report().hostPid() + "/ns/" + kind.kernelName())));
            }
        } finally {
            nsenter.children().forEach(ProcessHandle::destroyForcibly);
            nsenter.destroyForcibly().waitFor();
        }
    }

    private static boolean sleeps(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/comm")).equals("sleep\n");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void theCallersCredentialsAreWeaker() throws Exception {
        try (Job job = launcher.join(JoinTarget.pid(ProcessHandle.current().pid()).withCallersCredentials(), "sleep", "1000")) {
            assertEquals(List.of("credentials: the caller's ids, groups and capabilities"), job.report().weakened());
            assertEquals(status(ProcessHandle.current().pid()).get("CapEff:"), status(job.report().hostPid()).get("CapEff:"));
        }
        JobSpec open = JobSpec.bare().seccomp(Seccomp.NONE).command("sleep", "1000").build();
        try (Job job = launcher.join(JoinTarget.job(NAME), open, StartOptions.defaults())) {
            assertEquals(List.of("system calls: no seccomp filter"), job.report().weakened());
        }
    }
}
