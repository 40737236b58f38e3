package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.RootKind;
import io.nsjob.TerminalSize;
import io.nsjob.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PlanCompilerTest extends WithCompiler {
    @Test
    void aBareJobWithoutNamespacesChangesNothing() {
        JsonObject plan = plan(JobSpec.bare().clearEnvironment(true));
        assertEquals("{\"protocol\":1,\"job\":\"made-up\",\"namespaces\":{\"user\":{\"mode\":\"inherit\"},"
            + "\"mnt\":{\"mode\":\"inherit\"},\"pid\":{\"mode\":\"inherit\"},\"net\":{\"mode\":\"inherit\"},"
            + "\"ipc\":{\"mode\":\"inherit\"},\"uts\":{\"mode\":\"inherit\"},\"cgroup\":{\"mode\":\"inherit\"},"
            + "\"time\":{\"mode\":\"inherit\"}},\"dropGroups\":false,\"mounts\":[],\"loopback\":false,"
            + "\"process\":{\"argv\":[\"true\"],\"searchPath\":[\"/usr/local/bin\",\"/usr/bin\",\"/bin\"],\"env\":[],"
            + "\"dropCapabilities\":false,\"noNewPrivs\":false,\"newSession\":false,\"ownedStdio\":[1,2],\"asPid1\":false},"
            + "\"limits\":{\"setupMillis\":10000,\"graceMillis\":0},\"hold\":false}", plan.toString());
    }

    @Test
    void aTerminalIsAllThreeStreamsAndNeedsASession() {
        JsonObject process = plan(JobSpec.bare().clearEnvironment(true).terminal(true)).getAsJsonObject("process");
        assertEquals("{}", process.get("terminal").toString());
        assertTrue(process.get("newSession").getAsBoolean());
        assertFalse(process.has("ownedStdio"), "pipes of this JVM are the relay's, not the job's");
        assertEquals("[\"TERM=dumb\"]", process.get("env").toString());
        process = plan(JobSpec.isolated().terminal(new TerminalSize(30, 101)).env("TERM", "vt52")).getAsJsonObject("process");
        assertEquals("{\"rows\":30,\"columns\":101}", process.get("terminal").toString());
        assertTrue(process.get("env").toString().contains("\"TERM=vt52\""), process.toString());
        assertFalse(plan(JobSpec.isolated().terminal(true).terminal(false)).getAsJsonObject("process").has("terminal"));
        assertThrows(InvalidSpecException.class, () -> JobSpec.isolated().command("true").terminal(true).newSession(false).build());
    }

    @Test
    void theCallersEnvironmentIsReadFromTheKernel() throws IOException {
        host.put("proc/self/environ", "A=1\0LC_ALL=C.UTF-8\0NSJOB_LC_ALL==ko_KR.UTF-8\0EMPTY=\0\uc774\ub984=\uac12\0=x\0NSJOB_SECRET=f\0"
            + "PATH=/x:relative::/y\0");
        JsonObject bare = plan(JobSpec.bare().env("B", "2").env("A", "3")).getAsJsonObject("process");
        assertEquals("[\"A=3\",\"EMPTY=\",\"\uc774\ub984=\uac12\",\"PATH=/x:relative::/y\",\"LC_ALL=ko_KR.UTF-8\",\"B=2\"]",
            bare.get("env").toString());
        assertEquals("[\"/x\",\"/y\"]", bare.get("searchPath").toString());
        JsonObject isolated = plan(JobSpec.isolated().passEnv("LC_ALL", "NOT_THERE")).getAsJsonObject("process");
        assertTrue(isolated.get("env").toString().endsWith("\"LC_ALL=ko_KR.UTF-8\"]"), isolated.toString());
        host.put("proc/self/environ", "LC_ALL=C.UTF-8\0NSJOB_LC_ALL=-\0");
        assertEquals("[]", plan(JobSpec.bare()).getAsJsonObject("process").get("env").toString());
    }

    @Test
    void joinedProcessesAreNamedWithTheirStartTime() throws IOException {
        host.put("proc/7/stat", "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 987654 20\n");
        JsonObject net = plan(JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join(7))).getAsJsonObject("namespaces")
            .getAsJsonObject("net");
        assertEquals("{\"mode\":\"join\",\"pid\":7,\"startTime\":987654}", net.toString());
        assertRefused("$.namespaces.net.joinPid: there is no process 8",
            JobSpec.bare().namespace(NamespaceKind.NET, NamespaceMode.join(8)));
    }

    @Test
    void limitsAreNeverShorterThanAskedFor() {
        JsonObject limits = plan(JobSpec.bare().wallTime(Duration.ofNanos(1)).killGrace(Duration.ofNanos(1_000_001)))
            .getAsJsonObject("limits");
        assertEquals(1, limits.get("wallMillis").getAsInt());
        assertEquals(2, limits.get("graceMillis").getAsInt());
        JsonObject offsets = plan(JobSpec.bare(NamespaceKind.TIME).boottimeOffset(Duration.ofMillis(-4500)))
            .getAsJsonObject("timeOffsets");
        assertEquals("{\"monotonic\":{\"seconds\":0,\"nanos\":0},\"boottime\":{\"seconds\":-5,\"nanos\":500000000}}",
            offsets.toString());
    }

    @Test
    void whatWeakensAProfileIsListed() {
        CompiledPlan compiled = compile(JobSpec.isolated().namespace(NamespaceKind.NET, NamespaceMode.inherit())
            .namespace(NamespaceKind.PID, NamespaceMode.inherit()).root(RootKind.HOST).noNewPrivileges(false).newSession(false)
            .capabilities(io.nsjob.Capabilities.KEEP).clearEnvironment(false).propagation(io.nsjob.Propagation.SHARED), host.facts());
        assertEquals(List.of("namespaces.pid", "namespaces.net", "proc", "propagation", "no_new_privs", "capabilities",
            "session", "environment"), topics(compiled).subList(5, 13));
        assertNull(new Gson().fromJson(compiled.wire(), JsonObject.class).get("weakened"), "the helper does not know the word");
    }

    /** The same documents that the helper's parser is tested with: what Java compiles has no field that they lack. */
    @Test
    void compiledPlansHaveTheFieldsOfTheSharedFixtures() {
        Set<String> known = new TreeSet<>();
        Path directory = Fixtures.directory("plans/valid");
        for (String name : Fixtures.names(directory)) {
            paths("", new Gson().fromJson(Fixtures.text(directory.resolve(name)), JsonElement.class), known);
        }
        Set<String> ours = new TreeSet<>();
        paths("", plan(JobSpec.isolated().domainname("d").user(new JobUser(1, 1, List.of(1L)))
            .namespace(NamespaceKind.TIME, NamespaceMode.fresh()).boottimeOffset(Duration.ofDays(1))), ours);
        paths("", plan(JobSpec.isolated().rootMinimal().file("/x", "y").directory("/d").symlink("/l", "x").tmpfs("/t", 1)
            .bindReadOnly("/etc/passwd")), ours);
        assertTrue(known.containsAll(ours), () -> "not in test-fixtures/plans: " + minus(ours, known));
        assertTrue(ours.size() > 50, ours.toString());
        assertNotEquals(known, ours);
    }

    @Test
    void aMinimalRootNeedsNoMoreExcusesThanItsBinds() {
        List<String> lines = compile(JobSpec.isolated().rootMinimal().bindReadOnly("/usr/share"), host.facts()).weakened();
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("filesystem") || line.startsWith("sockets")), lines.toString());
        lines = compile(JobSpec.isolated().rootMinimal().bind("/usr/share", "/w"), host.facts()).weakened();
        assertTrue(lines.contains("filesystem: the host's /usr/share is writable as /w"), lines.toString());
        lines = compile(JobSpec.isolated().root(RootKind.HOST), host.facts()).weakened();
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("sockets: host sockets")), lines.toString());
        assertEquals(plan(JobSpec.isolated().rootMinimal()).get("mounts"), plan(JobSpec.isolated()).get("mounts"));
    }

    @Test
    void aMissingSourceIsNamedUnlessItIsOptional() {
        assertRefused("$.filesystem.binds[1].source: there is no /nonexistent",
            JobSpec.isolated().rootMinimal().bindReadOnly("/usr", "/nonexistent"));
        compile(JobSpec.isolated().rootMinimal().bind(new io.nsjob.Bind("/nonexistent", "/x", true, true)), host.facts());
    }

    private static Set<String> minus(Set<String> all, Set<String> without) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(without);
        return rest;
    }

    private static void paths(String at, JsonElement element, Set<String> paths) {
        paths.add(at);
        if (element.isJsonObject()) {
            element.getAsJsonObject().entrySet().forEach(entry -> paths(at + "." + entry.getKey(), entry.getValue(), paths));
        } else if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(entry -> paths(at + "[]", entry, paths));
        }
    }
}
