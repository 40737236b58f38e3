package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.IoPriority;
import io.nsjob.JobSpec;
import io.nsjob.OutputAction;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LimitPlanTest extends WithCompiler {
    private static final String LIMITS_TITLE = "Limit                     Soft Limit           Hard Limit           Units     \n";

    private CompiledPlan compile(JobSpec.Builder spec, Integer... owned) {
        return PlanCompiler.compile(spec.command("true").build(), host.facts(),
            new PlanCompiler.Start(false, List.of(owned), owned.length == 2, "/run/nsjob/ids", "made-up"));
    }

    private static JsonObject wire(CompiledPlan compiled) {
        return new Gson().fromJson(compiled.wire(), JsonObject.class);
    }

    private static Map<Integer, String> rlimits(CompiledPlan compiled) {
        Map<Integer, String> limits = new TreeMap<>();
        for (JsonElement line : wire(compiled).getAsJsonObject("process").getAsJsonArray("rlimits")) {
            JsonObject limit = line.getAsJsonObject();
            limits.put(limit.get("resource").getAsInt(), limit.get("soft") + ":" + limit.get("hard"));
        }
        return limits;
    }

    private static List<String> limitLines(CompiledPlan compiled) {
        return compiled.weakened().stream().filter(line -> line.startsWith("limits.")).toList();
    }

    @Test
    void aBareJobHasNoLimits() {
        CompiledPlan compiled = compile(JobSpec.bare());
        assertFalse(wire(compiled).getAsJsonObject("process").has("rlimits"));
        assertFalse(wire(compiled).getAsJsonObject("limits").has("cpuMillis"));
        assertEquals("none none none", compiled.limits().enforcement().get("wallTime") + " "
            + compiled.limits().enforcement().get("cpuTime") + " " + compiled.limits().enforcement().get("output"));
    }

    @Test
    void isolatedHasDefaults() {
        CompiledPlan compiled = compile(JobSpec.isolated(), 1, 2);
        assertEquals("{0=32:32, 1=1073741824:1073741824, 2=268435456:268435456, 4=0:0, 6=64:64, 7=256:256, 8=65536:65536, 12=0:0, "
            + "13=0:0, 14=0:0, 15=200000:200000}", rlimits(compiled).toString(), "without cgroups: memory and processes by rlimits");
        assertEquals(30_000, wire(compiled).getAsJsonObject("limits").get("cpuMillis").getAsInt());
        Map<String, String> by = compiled.limits().enforcement();
        assertEquals("supervisor", by.get("cpuTime"));
        assertEquals("jvm", by.get("output"));
        assertEquals("rlimit", by.get("pids"));
        assertEquals("rlimit", by.get("rlimits.nofile"));
        assertEquals("rlimit none none", by.get("memory") + " " + by.get("swap") + " " + by.get("cpuWeight"));
    }

    /** RLIMIT_NPROC counts all processes of the kernel's uid, in older kernels: a user's own editor and shells would be among them. */
    @Test
    void processesAreLimitedWhereTheKernelCountsTheJobsAlone() throws IOException {
        assertEquals("64:64", rlimits(compile(JobSpec.isolated())).get(6), "ids of the job's own");
        assertFalse(rlimits(compile(JobSpec.isolated().idMaps(IdMaps.of(IdMaps.Preset.NONE)))).containsKey(6));
        host.ids(1000, 1000, "").put("proc/sys/kernel/osrelease", "5.13.19-generic\n");
        CompiledPlan users = compile(JobSpec.isolated());
        assertFalse(rlimits(users).containsKey(6));
        assertEquals("none", users.limits().enforcement().get("pids"));
        assertTrue(limitLines(users).contains("limits.pids: not enforced, there is no cgroup for it here"), users.weakened().toString());
        CompiledPlan asked = compile(JobSpec.isolated().rlimit(Rlimit.NPROC, 5000));
        assertEquals("5000:5000", rlimits(asked).get(6));
        host.put("proc/sys/kernel/osrelease", "5.14.0\n");
        CompiledPlan apart = compile(JobSpec.isolated().pids(10));
        assertEquals("11:11", rlimits(apart).get(6), "init has the same id and counts");
        assertEquals("rlimit", apart.limits().enforcement().get("pids"));
        assertTrue(limitLines(apart).stream().noneMatch(line -> line.startsWith("limits.pids")), apart.weakened().toString());
    }

    @Test
    void defaultsAskForNoMoreThanTheCallerHas() throws IOException {
        StringBuilder limits = new StringBuilder(LIMITS_TITLE);
        for (Rlimit name : Rlimit.values()) {
            limits.append(String.format("%-25s %-20s %-20s %-10s%n", "Max " + name + " of it", "unlimited",
                name == Rlimit.NOFILE ? "100" : "unlimited", "files"));
        }
        host.put("proc/self/limits", limits.toString());
        assertEquals("100:100", rlimits(compile(JobSpec.isolated())).get(7));
        assertEquals("64:128", rlimits(compile(JobSpec.isolated().rlimit(Rlimit.NOFILE, new ResourceLimit(64, 128)))).get(7),
            "what is asked for is not changed: the helper refuses it, with a hint");
    }

    @Test
    void whatIsAskedForReplacesADefaultAndIsListedWhenItIsMore() {
        CompiledPlan compiled = compile(JobSpec.isolated().rlimit(Rlimit.CORE, ResourceLimit.UNLIMITED).rlimit(Rlimit.NOFILE, 10)
            .rlimit(Rlimit.STACK, new ResourceLimit(1 << 20, ResourceLimit.UNLIMITED)).cpuTime(Duration.ofMillis(1500)));
        Map<Integer, String> limits = rlimits(compiled);
        assertEquals("-1:-1", limits.get(4));
        assertEquals("10:10", limits.get(7));
        assertEquals("1048576:-1", limits.get(3));
        assertEquals("4:4", limits.get(0), "two seconds after the tree's limit, rounded up");
        assertTrue(compiled.weakened().contains("rlimits.core: unlimited instead of 0"), compiled.weakened().toString());
        assertTrue(compiled.weakened().stream().noneMatch(line -> line.startsWith("rlimits.nofile")), compiled.weakened().toString());
    }

    @Test
    void cpuTimeOfABareJobHasItsSecondLine() {
        CompiledPlan compiled = compile(JobSpec.bare().cpuTime(Duration.ofSeconds(7)).outputAction(OutputAction.KILL));
        assertEquals(Map.of(0, "9:9"), rlimits(compiled));
        assertEquals(7000, wire(compiled).getAsJsonObject("limits").get("cpuMillis").getAsInt());
        assertEquals(OutputAction.KILL, compiled.limits().outputAction());
    }

    @Test
    void schedulingBecomesNumbers() {
        JsonObject process = wire(compile(JobSpec.bare().nice(-3).ionice(IoPriority.of(IoPriority.Type.BEST_EFFORT))
            .cpuAffinity(List.of(3, 0, 1, 3)).oomScoreAdj(500))).getAsJsonObject("process");
        assertEquals(-3, process.get("nice").getAsInt());
        assertEquals("{\"class\":2,\"level\":4}", process.get("ionice").toString());
        assertEquals("[0,1,3]", process.get("cpuAffinity").toString());
        assertEquals(500, process.get("oomScoreAdj").getAsInt());
        assertEquals("{\"class\":3,\"level\":0}", wire(compile(JobSpec.bare().ionice(IoPriority.of(IoPriority.Type.IDLE))))
            .getAsJsonObject("process").get("ionice").toString());
    }
}
