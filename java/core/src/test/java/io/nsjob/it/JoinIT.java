package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JoinTarget;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceReport;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import java.io.IOException;
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
        for (int i = 0; i < 500 && !Files.readString(file).strip().equals(text); i++) {
            Thread.sleep(10);
        }
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
            assertEquals(List.of("0", "1", "2"), descriptors(pid));
            assertEquals(isolated.report().uidMap(), job.report().uidMap());
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
            assertTrue(Jobs.goneWithinASecond(pid));
        }
    }
}
