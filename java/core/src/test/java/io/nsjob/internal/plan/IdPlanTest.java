package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.nsjob.RootKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which ids a job gets, and what they are outside. */
class IdPlanTest extends WithCompiler {
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
            assertEquals(16, bases.size());
        }
        assertTrue(seen.stream().allMatch(base -> base % 65536 == 0 && base >= 0x80000 && base <= 0x6FFF0000), seen.toString());
        assertTrue(first.size() > 400, "blocks begin at " + first.size() + " places only");
        for (long taken : new long[] {524288, 655360, 720896, 786432}) {
            assertFalse(seen.contains(taken), taken + " is somebody's");
        }
        assertTrue(IdBlocks.candidates(host.facts(), 0).size() == 16);
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
}
