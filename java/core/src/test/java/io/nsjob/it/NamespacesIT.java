package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespaceReport;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The report, an outside observer and the job itself must all say the same. */
@JobTest
class NamespacesIT extends WithLauncher {
    private static long inode(String process, NamespaceKind kind) throws IOException {
        Path link = Path.of("/proc", process, "ns", kind.kernelName());
        return ((Number) Files.getAttribute(link, "unix:ino")).longValue();
    }

    /** Runs print-ns and stays, so that it can be looked at from outside. */
    private static void compare(JobSpec.Builder spec, NamespaceKind... isolated) throws Exception {
        JobSpec staying = spec.command("/bin/sh", "-c", "\"$0\" && read -r line", TestJobs.program("print-ns")).build();
        StartOptions streams = StartOptions.defaults().withIn(Stdio.stream()).withOut(Stdio.stream());
        try (Job job = launcher.start(staying, streams)) {
            BufferedReader out = new BufferedReader(new InputStreamReader(job.stdout(), StandardCharsets.UTF_8));
            String line = out.readLine();
            assertTrue(line != null, "no output");
            JsonObject inside = new Gson().fromJson(line, JsonObject.class).getAsJsonObject("namespaces");
            NamespaceReport report = job.report().namespaces();
            for (NamespaceKind kind : NamespaceKind.values()) {
                NamespaceReport.Entry entry = report.get(kind);
                long ours = inode("self", kind);
                assertEquals(entry.inode(), inode(Long.toString(job.report().hostPid()), kind), kind + " seen from outside");
                assertEquals(entry.inode(), inside.getAsJsonObject(kind.kernelName()).get("inode").getAsLong(), kind + " inside");
                assertEquals(ours, entry.hostInode(), kind + " of the host");
                assertEquals(java.util.List.of(isolated).contains(kind), entry.isolated(), kind.toString());
                assertEquals(entry.isolated(), entry.inode() != ours, kind.toString());
                assertEquals(entry.isolated() ? NamespaceReport.Mode.NEW : NamespaceReport.Mode.INHERIT, entry.mode());
            }
            job.stdin().write('\n');
            job.stdin().close();
            assertTrue(job.await().outcome().success());
        }
    }

    @Test
    @RequiresFeature(Feature.TIME_NAMESPACES)
    void allEightKinds() throws Exception {
        compare(TestJobs.isolated().namespace(NamespaceKind.TIME, NamespaceMode.fresh()), NamespaceKind.values());
    }

    @ParameterizedTest
    @EnumSource(NamespaceKind.class)
    void eachKindAlone(NamespaceKind kind) throws Exception {
        JobSpec.Builder spec = JobSpec.bare(NamespaceKind.USER, kind).idMaps(IdMaps.of(IdMaps.Preset.ROOT));
        if (kind == NamespaceKind.USER) {
            compare(spec, kind);
        } else {
            compare(spec, NamespaceKind.USER, kind);
        }
    }

    @Test
    void aNewPidNamespaceWithItsProc() throws Exception {
        JsonObject inside = Jobs.json(launcher.run(Jobs.isolated("print-ns").build()));
        assertEquals(2, inside.get("pid").getAsInt(), "init is 1");
        assertEquals(2, inside.get("sid").getAsInt());
        assertEquals(1000, inside.get("uid").getAsInt());
        assertEquals(1000, inside.get("gid").getAsInt());
        assertEquals("/work", inside.get("cwd").getAsString());
        assertEquals(1, Jobs.json(launcher.run(Jobs.isolated("print-ns").asPid1(true).build())).get("pid").getAsInt());
    }

    @Test
    void idsAreWhatTheReportSays() throws Exception {
        JobResult result = launcher.run(Jobs.isolated("print-ns").build());
        assertEquals(1000, result.report().credentials().uid().inside().orElseThrow());
        long outside = result.report().credentials().uid().outside();
        if (Jobs.isHostRoot()) {
            assertTrue(outside >= 524288 + 1000, "an unprivileged id: " + outside);
            assertEquals("[0 x 65536]", result.report().uidMap().stream()
                .map(range -> range.inside() + " x " + range.count()).toList().toString());
        } else {
            assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), (int) outside);
        }
        assertTrue(result.report().credentials().noNewPrivileges());
        result.report().credentials().capabilities().forEach((set, bits) -> assertTrue(bits.matches("0+"), set + " " + bits));
    }

    @Test
    void namesAndClocks() throws Exception {
        JobResult named = launcher.run(Jobs.isolated("print-ns").name("my-job").domainname("d.example").build());
        assertEquals("my-job", Jobs.json(named).get("hostname").getAsString());
        assertEquals("d.example", Jobs.json(named).get("domainname").getAsString());
        JobResult clocks = launcher.run(JobSpec.isolated().namespace(NamespaceKind.TIME, NamespaceMode.fresh())
            .boottimeOffset(Duration.ofDays(100)).command("cat", "/proc/uptime").build());
        assertTrue(Double.parseDouble(clocks.stdoutText().split(" ")[0]) > 100 * 86400, clocks.stdoutText());
    }

    @Test
    void loIsUpAndAlone() throws Exception {
        JobResult result = launcher.run(JobSpec.isolated().command("cat", "/proc/net/dev", "/proc/net/fib_trie").build());
        assertTrue(result.stdoutText().contains("127.0.0.1"), result.stdoutText());
        assertEquals(1, result.stdoutText().lines().filter(line -> line.contains(":") && !line.contains("|")
            && line.matches("\\s*[a-z0-9]+:.*") && !line.contains("Id")).filter(line -> line.matches(".*\\d.*")).count());
        JobResult down = launcher.run(JobSpec.isolated().loopback(false).command("cat", "/proc/net/fib_trie").build());
        assertFalse(down.stdoutText().contains("127.0.0.1"));
    }

    @Test
    void aJobCanJoinWhatAnotherHas() throws Exception {
        JobSpec.Builder first = JobSpec.bare(NamespaceKind.USER, NamespaceKind.UTS).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .hostname("joined").command("/bin/sh", "-c", "read -r line");
        try (Job job = launcher.start(first.build(), StartOptions.defaults().withIn(Stdio.stream()))) {
            long pid = job.report().hostPid();
            JobSpec.Builder second = JobSpec.bare().command("uname", "-n")
                .namespace(NamespaceKind.USER, NamespaceMode.join(pid))
                .namespace(NamespaceKind.UTS, NamespaceMode.join("/proc/" + pid + "/ns/uts"));
            JobResult result = launcher.run(second.build());
            assertEquals("joined", result.stdoutText().strip(), result.stderrText());
            NamespaceReport.Entry uts = result.report().namespaces().get(NamespaceKind.UTS);
            assertEquals(NamespaceReport.Mode.JOIN, uts.mode());
            assertEquals(job.report().namespaces().get(NamespaceKind.UTS).inode(), uts.inode());
            assertNotEquals(uts.hostInode(), uts.inode());
        }
    }
}
