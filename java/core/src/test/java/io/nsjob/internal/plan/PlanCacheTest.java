package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Fixtures;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A plan from the cache is the plan that the compiler would have made. */
class PlanCacheTest extends WithCompiler {
    private static final Path SPECS = Fixtures.directory("specs/valid");
    private static final long LIFE = 60_000_000_000L;
    private static final int LAUNCHES = 200;
    /** The bytes of the plan themselves twice, the values of the holes, lists: about 30 KB. */
    private static final long MOST_ALLOCATED = 100_000;

    private static PlanCompiler.Start start(String name, boolean hold) {
        return new PlanCompiler.Start(hold, List.of(1, 2), true, "/run/nsjob/ids", name);
    }

    /** Without what differs from one fresh plan to the next. */
    private static JsonObject plan(byte[] wire) {
        JsonObject plan = new Gson().fromJson(new String(wire, StandardCharsets.UTF_8), JsonObject.class);
        for (JsonElement cgroup : plan.has("cgroups") ? plan.getAsJsonArray("cgroups") : new JsonArray()) {
            Path directory = Path.of(cgroup.getAsJsonObject().get("directory").getAsString());
            assertTrue(directory.getFileName().toString().startsWith("nsjob-"), directory.toString());
            cgroup.getAsJsonObject().addProperty("directory", directory.getParent().toString());
        }
        if (plan.has("idMaps") && plan.getAsJsonObject("idMaps").has("block")) {
            JsonObject block = plan.getAsJsonObject("idMaps").getAsJsonObject("block");
            assertTrue(block.getAsJsonArray("bases").size() > 0);
            block.add("bases", new JsonArray());
        }
        return plan;
    }

    private static void compare(CompiledPlan fresh, CompiledPlan cached) {
        assertEquals(plan(fresh.wireBytes()), plan(cached.wireBytes()));
        assertEquals(plan(cached.wireBytes()), plan(cached.wire().getBytes(StandardCharsets.UTF_8)), "the tree and the bytes");
        assertEquals(fresh.job(), cached.job());
        assertEquals(fresh.profile(), cached.profile());
        assertEquals(fresh.weakened(), cached.weakened());
        assertEquals(fresh.limits(), cached.limits());
        assertEquals(fresh.cgroups().size(), cached.cgroups().size());
        assertEquals(fresh.has("pins"), cached.has("pins"));
        for (int i = 0; i < fresh.cgroups().size(); i++) {
            assertNotEquals(fresh.cgroups().get(i), cached.cgroups().get(i), "each job has cgroups of its own");
            assertEquals(fresh.cgroups().get(i).getParent(), cached.cgroups().get(i).getParent());
        }
    }

    @Test
    void everySpecIsCompiledAsIfThereWereNoCache() throws Exception {
        HostFacts facts = HostFacts.real();
        PlanCache cache = new PlanCache(LIFE);
        int compared = 0;
        int fromTemplate = 0;
        for (String file : Fixtures.names(SPECS)) {
            JobSpec read = JobSpec.fromJson(Fixtures.bytes(SPECS.resolve(file)));
            JobSpec spec = read.command().isEmpty() ? read.toBuilder().command("true").build() : read;
            long now = System.nanoTime();
            try {
                PlanCompiler.compile(spec, facts, start("job-first", false));
            } catch (InvalidSpecException e) {
                // Not on this machine, or for this user: then not from the cache either.
                assertEquals(e.violations(), assertThrows(InvalidSpecException.class,
                    () -> cache.compile(spec, facts, now, start("job-first", false))).violations());
                continue;
            }
            for (String name : List.of("job-one", "job-two", "job-three", "job-number-four")) {
                compare(PlanCompiler.compile(spec, facts, start(name, false)), cache.compile(spec, facts, now, start(name, false)));
            }
            compare(PlanCompiler.compile(spec, facts, start("job-held", true)), cache.compile(spec, facts, now, start("job-held", true)));
            fromTemplate += PlanTemplate.isLasting(spec) ? 1 : 0;
            compared++;
        }
        assertTrue(compared > 20, compared + " specs");
        assertTrue(fromTemplate > 10, fromTemplate + " from a template");
    }

    @Test
    void whatIsTakenFromItDiffersFromStartToStart() {
        JobSpec spec = JobSpec.isolated().command("true").build();
        PlanCache cache = new PlanCache(LIFE);
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            JsonObject plan = new Gson().fromJson(new String(cache.compile(spec, host.facts(), System.nanoTime(), start("job-" + i, false))
                .wireBytes(), StandardCharsets.UTF_8), JsonObject.class);
            assertEquals("job-" + i, plan.get("job").getAsString());
            assertEquals("job-" + i, plan.get("hostname").getAsString());
            seen.add(plan.getAsJsonObject("idMaps").getAsJsonObject("block").getAsJsonArray("bases").toString());
        }
        assertTrue(seen.stream().distinct().count() > 1, "the same block first each time");
    }

    @Test
    void otherFactsAreTakenWhenTheOldOnesHaveHadTheirTime() throws Exception {
        JobSpec spec = JobSpec.bare().passEnv("COLOUR").clearEnvironment(true).command("true").build();
        PlanCache cache = new PlanCache(0);
        HostFacts red = host.put("proc/self/environ", "COLOUR=red\0").facts();
        for (int i = 0; i < 3; i++) {
            assertTrue(cache.compile(spec, red, System.nanoTime(), start("job-of-colours", false)).wire().contains("COLOUR=red"));
        }
        HostFacts blue = host.put("proc/self/environ", "COLOUR=blue\0").facts();
        assertTrue(cache.compile(spec, blue, System.nanoTime(), start("job-of-colours", false)).wire().contains("COLOUR=blue"));
        PlanCache lasting = new PlanCache(LIFE);
        for (int i = 0; i < 3; i++) {
            lasting.compile(spec, red, System.nanoTime(), start("job-of-colours", false));
        }
        assertTrue(lasting.compile(spec, blue, System.nanoTime(), start("job-of-colours", false)).wire().contains("COLOUR=red"), "still in its time");
        lasting.renew(blue, System.nanoTime());
        assertTrue(lasting.compile(spec, blue, System.nanoTime(), start("job-of-colours", false)).wire().contains("COLOUR=blue"), "renewed");
    }

    private static JobSpec coloured(String command) {
        return JobSpec.bare().passEnv("COLOUR").clearEnvironment(true).command(command).build();
    }

    /** Who makes a spec for each job has a plan for each thing that it says; of too many the first is forgotten. */
    @Test
    void specsThatSayTheSameHaveOnePlan() throws Exception {
        PlanCache cache = new PlanCache(LIFE);
        HostFacts red = host.put("proc/self/environ", "COLOUR=red\0").facts();
        long taken = System.nanoTime();
        for (int i = 0; i < 2; i++) {
            cache.compile(coloured("one"), red, taken, start("job-of-colours", false));
            cache.compile(coloured("two"), red, taken, start("job-of-colours", false));
        }
        HostFacts blue = host.put("proc/self/environ", "COLOUR=blue\0").facts();
        for (String command : List.of("one", "two")) {
            String plan = cache.compile(coloured(command), blue, taken, start("job-of-colours", false)).wire();
            assertTrue(plan.contains("COLOUR=red") && plan.contains(command), "from the cache");
        }
        assertTrue(cache.compile(coloured("one"), blue, taken, start("job-of-colours", true)).wire().contains("blue"), "started otherwise");
        for (int i = 0; i < 100; i++) {
            cache.compile(coloured("other-" + i), blue, taken, start("job-of-colours", false));
        }
        assertTrue(cache.compile(coloured("one"), blue, taken, start("job-of-colours", false)).wire().contains("COLOUR=blue"), "forgotten");
    }

    private static JobSpec withFile(int size) {
        return JobSpec.isolated().passEnv("COLOUR").clearEnvironment(true).file("/etc/large", new byte[size]).command("true").build();
    }

    /** A service that makes files for its jobs would otherwise keep those of the last 32. */
    @Test
    void whatIsLargeIsNotKept() throws Exception {
        String large = "x".repeat(20_000);
        List<JobSpec> specs = List.of(withFile(1000), withFile(40_000), withFile(30_000),
            JobSpec.bare().passEnv("COLOUR").clearEnvironment(true).command("echo", large, large).build());
        for (JobSpec spec : specs) {
            PlanCache cache = new PlanCache(LIFE);
            HostFacts red = host.put("proc/self/environ", "COLOUR=red\0").facts();
            for (int i = 0; i < 3; i++) {
                cache.compile(spec, red, System.nanoTime(), start("job-of-colours", false));
            }
            HostFacts blue = host.put("proc/self/environ", "COLOUR=blue\0").facts();
            boolean kept = cache.compile(spec, blue, System.nanoTime(), start("job-of-colours", false)).wire().contains("COLOUR=red");
            assertEquals(spec == specs.get(0), kept, () -> "spec " + specs.indexOf(spec));
        }
    }

    /** By name, as the library's own module does not read that of the management beans. */
    private static long allocated() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        return (Long) bytes.invoke(bean, Thread.currentThread().getId());
    }

    @Test
    void aStartOfAKnownSpecAllocatesLittle() throws ReflectiveOperationException {
        JobSpec spec = JobSpec.isolated().command("true").build();
        PlanCache cache = new PlanCache(LIFE);
        HostFacts facts = host.facts();
        long taken = System.nanoTime();
        long bytes = 0;
        for (int i = 0; i < 3; i++) {
            bytes = cache.compile(spec, facts, taken, start("job-" + i, false)).wireBytes().length;
        }
        long before = allocated();
        for (int i = 0; i < LAUNCHES; i++) {
            cache.compile(spec, facts, taken, start("job-" + i, false)).wireBytes();
        }
        long each = (allocated() - before) / LAUNCHES;
        assertTrue(each < MOST_ALLOCATED, each + " bytes for a plan of " + bytes);
    }
}
