package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.RootKind;
import io.nsjob.TerminalSize;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.FakeHost;
import io.nsjob.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCompilerTest {
    @TempDir
    Path root;
    private FakeHost host;

    @BeforeEach
    void hostRoot() throws IOException {
        host = new FakeHost(root);
    }

    private FakeHost alice(String groups) throws IOException {
        return host.ids(1000, 1000, groups);
    }

    private static CompiledPlan compile(JobSpec.Builder spec, HostFacts facts) {
        return PlanCompiler.compile(spec.command("true").build(), facts,
            new PlanCompiler.Start(false, List.of(1, 2), true, "/run/nsjob/ids", "made-up"));
    }

    private JsonObject plan(JobSpec.Builder spec) {
        return new Gson().fromJson(compile(spec, host.facts()).wire(), JsonObject.class);
    }

    private List<String> violations(JobSpec.Builder spec) {
        return assertThrows(InvalidSpecException.class, () -> compile(spec, host.facts())).violations();
    }

    private void assertRefused(String start, JobSpec.Builder spec) {
        List<String> violations = violations(spec);
        assertTrue(violations.stream().anyMatch(violation -> violation.startsWith(start)), violations.toString());
    }

    private static JobSpec.Builder user() {
        return JobSpec.bare(NamespaceKind.USER);
    }

    private static JobSpec.Builder preset(IdMaps.Preset preset) {
        return user().idMaps(IdMaps.of(preset));
    }

    private static JobSpec.Builder ranges(IdRange users, IdRange groups) {
        return user().idMaps(IdMaps.of(List.of(users), List.of(groups)));
    }

    private static String line(long inside, long outside, long count) {
        return "[{\"inside\":" + inside + ",\"outside\":" + outside + ",\"count\":" + count + "}]";
    }

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
    void isolatedForRootTakesABlock() {
        CompiledPlan compiled = compile(JobSpec.isolated().name("demo"), host.facts());
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        JsonObject maps = plan.getAsJsonObject("idMaps");
        assertEquals(line(0, 0, 65536), maps.get("uid").toString());
        assertEquals(line(0, 0, 65536), maps.get("gid").toString());
        assertEquals("deny", maps.get("setgroups").getAsString());
        assertEquals("/run/nsjob/ids", maps.getAsJsonObject("block").get("directory").getAsString());
        assertTrue(plan.get("dropGroups").getAsBoolean());
        assertEquals("{\"uid\":0,\"gid\":0}", plan.get("init").toString());
        JsonObject process = plan.getAsJsonObject("process");
        assertEquals(1000, process.get("uid").getAsInt());
        assertEquals(1000, process.get("gid").getAsInt());
        assertFalse(process.has("groups"), "groups are gone before clone, and setgroups is denied inside");
        assertEquals(077, process.get("umask").getAsInt());
        assertEquals("/work", process.get("cwd").getAsString());
        assertEquals("demo", plan.get("hostname").getAsString());
        assertTrue(plan.get("loopback").getAsBoolean());
        assertEquals(60_000, plan.getAsJsonObject("limits").get("wallMillis").getAsInt());
        JsonArray mounts = plan.getAsJsonArray("mounts");
        assertEquals("{\"op\":\"pivot\",\"readOnly\":true}", mounts.get(mounts.size() - 1).toString());
        assertEquals("[{\"op\":\"propagation\",\"target\":\"/\",\"value\":\"private\",\"recursive\":true},"
            + "{\"op\":\"proc\",\"target\":\"/proc\"}]", plan(JobSpec.isolated().root(RootKind.HOST)).get("mounts").toString());
        assertEquals("[\"PATH=/usr/local/bin:/usr/bin:/bin\",\"HOME=/work\",\"LANG=C.UTF-8\",\"TMPDIR=/tmp\"]",
            process.get("env").toString());
        assertEquals(List.of("limits.memory", "limits.cpuWeight", "limits.swap"), topics(compiled));
    }

    private static List<String> topics(CompiledPlan plan) {
        return plan.weakened().stream().map(line -> line.substring(0, line.indexOf(": "))).toList();
    }

    @Test
    void blocksAreFreeOnesOfTheContainerRangeAndDifferFromStartToStart() throws IOException {
        host.put("etc/subuid", "alice:524288:65536\n").put("etc/subgid", "1000:655360:65536\n")
            .put("etc/passwd", "root:x:0:0::/:/bin/sh\nodd:x:720901:1::/:/bin/sh\n").put("run/systemd/nspawn-uid/786432", "");
        Set<Long> seen = new TreeSet<>();
        Set<Long> first = new TreeSet<>();
        for (int i = 0; i < 500; i++) {
            JsonArray bases = plan(JobSpec.isolated()).getAsJsonObject("idMaps").getAsJsonObject("block").getAsJsonArray("bases");
            first.add(bases.get(0).getAsLong());
            bases.forEach(base -> seen.add(base.getAsLong()));
            assertEquals(64, bases.size());
        }
        assertTrue(seen.stream().allMatch(base -> base % 65536 == 0 && base >= 0x80000 && base <= 0x6FFF0000), seen.toString());
        assertTrue(first.size() > 400, "blocks begin at " + first.size() + " places only");
        for (long taken : new long[] {524288, 655360, 720896, 786432}) {
            assertFalse(seen.contains(taken), taken + " is somebody's");
        }
        assertTrue(IdBlocks.candidates(host.facts(), 0).size() == 64);
    }

    @Test
    void rootNeverMapsHostUidZero() {
        assertRefused("$.idMap.users[0].outside: host uid 0", ranges(new IdRange(0, 0, 1), new IdRange(0, 5, 1)));
        assertRefused("$.idMap.groups[0].outside: host gid 0", ranges(new IdRange(0, 5, 1), new IdRange(7, 0, 100_000)));
        assertRefused("$.idMap.preset: \"current\"", preset(IdMaps.Preset.CURRENT));
        assertRefused("$.idMap.groups: is required", user().idMaps(IdMaps.of(List.of(new IdRange(0, 700_000, 1)), List.of())));
        JsonObject root = plan(preset(IdMaps.Preset.ROOT));
        assertEquals(line(0, 0, 1), root.getAsJsonObject("idMaps").get("uid").toString());
        assertTrue(root.getAsJsonObject("idMaps").has("block"), "outside 0 is relative to a block");
        assertEquals(0, root.getAsJsonObject("process").get("uid").getAsInt());
    }

    /** Whatever a root caller asks for: no compiled map, once its block is added, contains host id 0. */
    @Test
    void noPlanOfRootContainsHostUidZero() {
        List<JobSpec.Builder> specs = new ArrayList<>(List.of(JobSpec.isolated(), user(), JobSpec.isolated().user(0, 0),
            ranges(new IdRange(0, 1, 10), new IdRange(0, 1, 10)), ranges(new IdRange(5, 70_000, 1), new IdRange(5, 0, 1))));
        for (IdMaps.Preset preset : IdMaps.Preset.values()) {
            specs.add(preset(preset));
            specs.add(JobSpec.isolated().idMaps(IdMaps.of(preset)));
        }
        int compiled = 0;
        for (JobSpec.Builder spec : specs) {
            JsonObject maps;
            try {
                maps = plan(spec).getAsJsonObject("idMaps");
            } catch (InvalidSpecException e) {
                continue;
            }
            compiled++;
            for (String map : List.of("uid", "gid")) {
                for (JsonElement range : maps.getAsJsonArray(map)) {
                    long outside = range.getAsJsonObject().get("outside").getAsLong();
                    assertTrue(outside > 0 || maps.has("block"), maps.toString());
                }
            }
            if (maps.has("block")) {
                maps.getAsJsonObject("block").getAsJsonArray("bases").forEach(base -> assertTrue(base.getAsLong() > 0));
            }
        }
        assertTrue(compiled > 8, "only " + compiled);
    }

    @Test
    void explicitRangesOfRoot() {
        JsonObject plan = plan(user().idMaps(IdMaps.of(List.of(new IdRange(5, 700_005, 1), new IdRange(0, 700_000, 1)),
            List.of(new IdRange(7, 700_007, 1))).withSetgroups(IdMaps.Setgroups.ALLOW)).user(5, 7));
        assertEquals("{\"uid\":0,\"gid\":7}", plan.get("init").toString());
        assertEquals(5, plan.getAsJsonObject("process").get("uid").getAsInt());
        assertEquals("allow", plan.getAsJsonObject("idMaps").get("setgroups").getAsString());
        assertFalse(plan.getAsJsonObject("idMaps").has("block"));
        assertRefused("$.user.uid: 6 is not in the uid map", ranges(new IdRange(5, 700_000, 1), new IdRange(5, 700_000, 1))
            .user(6, 5));
        assertRefused("$.user.groups: setgroups is denied", user().idMaps(IdMaps.of(IdMaps.Preset.ROOT)
            .withSetgroups(IdMaps.Setgroups.DENY)).user(new JobUser(0, 0, List.of(0L))));
        JsonObject groups = plan(JobSpec.isolated().user(new JobUser(1, 2, List.of(4L, 27L))));
        assertEquals("allow", groups.getAsJsonObject("idMaps").get("setgroups").getAsString());
        assertEquals("[4,27]", groups.getAsJsonObject("process").get("groups").toString());
    }

    @Test
    void withoutMapsAUserIsUnmapped() throws IOException {
        alice("1000");
        CompiledPlan compiled = compile(user(), host.facts());
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        assertEquals("{\"uid\":[],\"gid\":[],\"setgroups\":\"allow\"}", plan.get("idMaps").toString());
        assertFalse(plan.has("init") || plan.getAsJsonObject("process").has("uid"));
        assertEquals(List.of(), compiled.weakened());
        assertRefused("$.user: needs an id map", user().user(0, 0));
    }

    @Test
    void withoutMapsRootIsNobodyOutsideToo() throws IOException {
        CompiledPlan compiled = compile(user(), host.facts());
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        JsonObject maps = plan.getAsJsonObject("idMaps");
        assertEquals(line(65534, 65534, 1), maps.get("uid").toString());
        assertEquals(line(65534, 65534, 1), maps.get("gid").toString());
        assertTrue(maps.has("block"), "the ids outside are those of a block, relative to its base");
        assertEquals(65534, plan.getAsJsonObject("process").get("uid").getAsInt());
        assertEquals(65534, plan.getAsJsonObject("init").get("uid").getAsInt());
        assertEquals(List.of(), compiled.weakened());
        CompiledPlan asked = compile(user().idMaps(IdMaps.of(IdMaps.Preset.NONE)), host.facts());
        assertEquals(List.of("ids"), topics(asked), "who asks for none gets none, and is told what that means");
    }

    @Test
    void isolatedForAnUnprivilegedUserMapsItsOwnId() throws IOException {
        alice("4 998 1000");
        CompiledPlan compiled = compile(JobSpec.isolated(), host.facts());
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        assertEquals("{\"uid\":" + line(1000, 1000, 1) + ",\"gid\":" + line(1000, 1000, 1) + ",\"setgroups\":\"deny\"}",
            plan.get("idMaps").toString());
        assertFalse(plan.get("dropGroups").getAsBoolean());
        assertFalse(plan.has("init"));
        assertTrue(compiled.weakened().contains("supplementary-groups: adm, docker"), compiled.weakened().toString());
        assertEquals(line(7, 1000, 1), plan(JobSpec.isolated().user(7, 8)).getAsJsonObject("idMaps").get("uid").toString());
        assertRefused("$.user.groups: setgroups is denied", JobSpec.isolated().user(new JobUser(7, 8, List.of(8L))));
    }

    @Test
    void presetsOfAnUnprivilegedUser() throws IOException {
        alice("1000");
        assertEquals(line(0, 1000, 1), plan(preset(IdMaps.Preset.ROOT)).getAsJsonObject("idMaps").get("uid").toString());
        assertEquals(line(1000, 1000, 1), plan(preset(IdMaps.Preset.CURRENT)).getAsJsonObject("idMaps").get("uid").toString());
        JsonObject process = plan(preset(IdMaps.Preset.ROOT)).getAsJsonObject("process");
        assertFalse(process.has("uid"), "its own id is mapped: it is root inside without a change");
        assertRefused("$.idMap.preset: \"auto\" needs a range", preset(IdMaps.Preset.AUTO));
        assertRefused("$.idMap.setgroups: the kernel demands", user().idMaps(IdMaps.of(IdMaps.Preset.ROOT)
            .withSetgroups(IdMaps.Setgroups.ALLOW)));
    }

    @Test
    void severalRangesOfAnUnprivilegedUserNeedTheToolsAndSubordinateIds() throws IOException {
        alice("4 1000");
        JobSpec.Builder several = user().idMaps(IdMaps.of(List.of(new IdRange(0, 1000, 1), new IdRange(1, 100_000, 10)),
            List.of(new IdRange(0, 1000, 1), new IdRange(1, 200_000, 10))));
        List<String> all = violations(several);
        assertTrue(all.get(0).contains("install the package uidmap"), all.toString());
        assertTrue(all.get(1).startsWith("$.idMap.users[1].outside: not in your ranges of /etc/subuid"), all.toString());
        assertTrue(all.get(2).startsWith("$.idMap.groups[1].outside: not in your ranges of /etc/subgid"), all.toString());
        host.tools().put("etc/subuid", "bob:1:1\nalice:100000:65536\n").put("etc/subgid", "1000:200000:65536\n");
        JsonObject plan = plan(several);
        assertTrue(plan.getAsJsonObject("idMaps").get("newuidmap").getAsString().endsWith("/bin/newuidmap"));
        assertTrue(plan.getAsJsonObject("idMaps").get("newgidmap").getAsString().endsWith("/bin/newgidmap"));
        assertEquals("allow", plan.getAsJsonObject("idMaps").get("setgroups").getAsString());
        assertEquals("[]", plan.getAsJsonObject("process").get("groups").toString());
        assertEquals(List.of(), compile(several, host.facts()).weakened());
        JsonObject auto = plan(preset(IdMaps.Preset.AUTO)).getAsJsonObject("idMaps");
        assertEquals("[{\"inside\":0,\"outside\":1000,\"count\":1},{\"inside\":1,\"outside\":100000,\"count\":65536}]",
            auto.get("uid").toString());
        host.put("etc/passwd", "root:x:0:0::/:/bin/sh\n").put("etc/subuid", "1000:100000:65536\n");
        assertRefused("$.idMap: newuidmap needs an entry in /etc/passwd", several);
    }

    @Test
    void someOtherIdOfAnUnprivilegedUserIsRefused() throws IOException {
        alice("1000").tools();
        assertRefused("$.idMap.users[0].outside: not in your ranges", ranges(new IdRange(0, 0, 1), new IdRange(0, 1000, 1)));
        assertRefused("$.idMap.users[0].outside: not in your ranges", ranges(new IdRange(0, 1001, 1), new IdRange(0, 1000, 1)));
    }

    @Test
    void rootOfANestedUserNamespaceMayMapItself() throws IOException {
        host.maps("0 1000 1", "0 1000 1").put("proc/self/setgroups", "deny\n").ids(0, 0, "0 65534");
        CompiledPlan compiled = compile(JobSpec.isolated(), host.facts());
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        assertEquals(line(1000, 0, 1), plan.getAsJsonObject("idMaps").get("uid").toString());
        assertFalse(plan.get("dropGroups").getAsBoolean(), "setgroups is denied to this root");
        assertTrue(topics(compiled).contains("supplementary-groups"), compiled.weakened().toString());
        assertEquals(line(0, 0, 1), plan(preset(IdMaps.Preset.CURRENT)).getAsJsonObject("idMaps").get("uid").toString());
        assertRefused("$.idMap.users[0].outside: not all of these ids exist", ranges(new IdRange(0, 5, 1), new IdRange(0, 0, 1)));
        host.maps("0 100000 2000000", "0 100000 2000000").put("proc/self/setgroups", "allow\n");
        assertTrue(plan(JobSpec.isolated()).getAsJsonObject("idMaps").has("block"), "there is room for blocks");
    }

    @Test
    void aUserNamespaceWithoutRoomForABlockIsSaidSo() throws IOException {
        host.maps("0 0 65536", "0 0 65536");
        assertRefused("$.idMap: this user namespace has no free block", JobSpec.isolated());
    }

    @Test
    void idsWithoutANewUserNamespace() throws IOException {
        JsonObject root = plan(JobSpec.bare().user(12, 34)).getAsJsonObject("process");
        assertEquals(12, root.get("uid").getAsInt());
        assertEquals("[]", root.get("groups").toString());
        alice("1000");
        assertRefused("$.user: only root can change ids", JobSpec.bare().user(12, 34));
        assertFalse(plan(JobSpec.bare().user(1000, 1000)).getAsJsonObject("process").has("uid"));
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
