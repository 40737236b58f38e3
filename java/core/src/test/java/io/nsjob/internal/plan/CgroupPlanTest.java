package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.InvalidSpecException;
import io.nsjob.IoLimit;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.ResourceLimit;
import io.nsjob.internal.os.CgroupFiles;
import io.nsjob.internal.os.CgroupPlaces;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of limits where cgroups are of one version, of the other, or missing. */
class CgroupPlanTest extends WithCompiler {
    private static final List<String> OLD = List.of("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max", "cpu.shares",
        "cpu.cfs_quota_us", "cpuacct.usage", "cpuset.cpus", "cpuset.mems", "blkio.throttle.read_bps_device", "blkio.bfq.weight", "tasks");
    private static final List<String> NEW = List.of("memory.max", "memory.swap.max", "pids.max", "cpu.weight", "cpu.max", "cpuset.cpus",
        "io.max", "io.weight", "cgroup.procs");

    /** Directories of a disk in which the files of a cgroup appear when one is made. */
    private record Made(List<String> names) implements CgroupFiles {
        @Override
        public String read(Path file) throws IOException {
            return Files.readString(file);
        }

        @Override
        public void write(Path file, String text) throws IOException {
            Files.writeString(file, text);
        }

        @Override
        public void make(Path directory) throws IOException {
            Files.createDirectory(directory);
            for (String name : names) {
                Files.writeString(directory.resolve(name), "");
            }
        }

        @Override
        public void remove(Path directory) throws IOException {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }
            });
            Files.delete(directory);
        }

        @Override
        public boolean isWritable(Path file) {
            return Files.exists(file);
        }

        @Override
        public boolean exists(Path file) {
            return Files.exists(file);
        }

        @Override
        public long owner(Path file) {
            return 0;
        }

        @Override
        public boolean isMarkedDelegated(Path directory) {
            return false;
        }
    }

    private void versionOne() throws IOException {
        StringBuilder mounts = new StringBuilder();
        StringBuilder own = new StringBuilder();
        for (String controller : List.of("memory", "pids", "cpu", "cpuacct", "cpuset", "blkio")) {
            Path top = root.resolve("cg").resolve(controller);
            Files.createDirectories(top.resolve("mine"));
            mounts.append("30 20 0:1 / ").append(top).append(" rw - cgroup cgroup rw,").append(controller).append('\n');
            own.append("1:").append(controller).append(":/mine\n");
        }
        host.put("cg/cpuset/mine/cpuset.mems", "0-1\n").put("cg/cpuset/mine/cpuset.cpus", "0-7\n");
        host.put("proc/self/mountinfo", mounts.toString()).put("proc/self/cgroup", own.toString());
    }

    private void versionTwo() throws IOException {
        Files.createDirectories(root.resolve("cg/mine"));
        host.put("cg/cgroup.procs", "").put("cg/cgroup.subtree_control", "cpuset cpu io memory pids");
        host.put("cg/mine/cgroup.procs", "1").put("cg/mine/cgroup.subtree_control", "");
        host.put("proc/self/mountinfo", "30 20 0:1 / " + root.resolve("cg") + " rw - cgroup2 cgroup2 rw\n")
            .put("proc/self/cgroup", "0::/mine\n");
    }

    private CompiledPlan compile(JobSpec.Builder spec, List<String> files) {
        CgroupPlaces places = host.facts().cgroups(new Made(files));
        return PlanCompiler.compile(spec.command("true").build(), host.facts().withCgroups(places),
            new PlanCompiler.Start(false, List.of(), false, "/run/nsjob/ids", "made-up"));
    }

    /** By the directory they are below, what is written, as NAME=VALUE. */
    private Map<String, List<String>> writes(CompiledPlan compiled, String key) {
        JsonObject plan = new Gson().fromJson(compiled.wire(), JsonObject.class);
        Map<String, List<String>> writes = new TreeMap<>();
        for (JsonElement element : plan.has("cgroups") ? plan.getAsJsonArray("cgroups") : new com.google.gson.JsonArray()) {
            JsonObject cgroup = element.getAsJsonObject();
            List<String> lines = new ArrayList<>();
            cgroup.getAsJsonArray(key).forEach(write -> lines.add(write.getAsJsonObject().get("name").getAsString() + "="
                + write.getAsJsonObject().get("value").getAsString()));
            Path directory = Path.of(cgroup.get("directory").getAsString());
            assertTrue(directory.getFileName().toString().matches("nsjob-[0-9]+-[0-9]+-[0-9]+-[0-9]+"), directory.toString());
            writes.put(root.resolve("cg").relativize(directory.getParent()).toString(), lines);
        }
        return writes;
    }

    private static JobSpec.Builder everything() {
        return JobSpec.isolated().memory(100 << 20).swap(28 << 20).pids(10).cpus(1.5).cpuWeight(200).cpusetCpus(List.of(0, 1, 3)).ioWeight(2000)
            .io(IoLimit.of("254:0").withWriteBps(1 << 20).withReadIops(50));
    }

    @Test
    void versionOneHasADirectoryForEach() throws IOException {
        versionOne();
        CompiledPlan compiled = compile(everything(), OLD);
        assertEquals(Map.of(
            "memory/mine", List.of("memory.limit_in_bytes=104857600", "memory.memsw.limit_in_bytes=134217728"),
            "pids/mine", List.of("pids.max=11"),
            "cpu/mine", List.of("cpu.shares=2048", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=150000"),
            "cpuacct/mine", List.of(),
            "cpuset/mine", List.of("cpuset.cpus=0-1,3", "cpuset.mems=0-1"),
            "blkio/mine", List.of("blkio.bfq.weight=1000", "blkio.throttle.write_bps_device=254:0 1048576",
                "blkio.throttle.read_iops_device=254:0 50")), writes(compiled, "write"));
        assertEquals(List.of("cpu.shares=262144", "cpu.cfs_quota_us=-1"), writes(compiled, "atKill").get("cpu/mine"));
        assertEquals("{\"cgroup\":5,\"file\":\"cpuacct.usage\",\"key\":\"\",\"unitNanos\":1}", new Gson().fromJson(compiled.wire(),
            JsonObject.class).getAsJsonObject("limits").get("cpuSource").toString());
        for (String limit : List.of("memory", "swap", "pids", "cpus", "cpuWeight", "cpuset", "ioWeight", "io")) {
            assertEquals("cgroup1", compiled.limits().enforcement().get(limit), limit);
        }
        assertEquals(500, new Gson().fromJson(compiled.wire(), JsonObject.class).getAsJsonObject("process").get("oomScoreAdj").getAsInt());
        assertEquals(6, compiled.cgroups().size());
    }

    @Test
    void versionTwoHasOneForAll() throws IOException {
        versionTwo();
        CompiledPlan compiled = compile(everything(), NEW);
        assertEquals(Map.of("", List.of("cpuset.cpus=0-1,3", "memory.max=104857600", "memory.swap.max=29360128", "pids.max=11",
            "cpu.weight=200", "cpu.max=150000 100000", "io.weight=default 2000",
            "io.max=254:0 rbps=max wbps=1048576 riops=50 wiops=max")), writes(compiled, "write"));
        assertEquals("{\"cgroup\":0,\"file\":\"cpu.stat\",\"key\":\"usage_usec\",\"unitNanos\":1000}", new Gson().fromJson(compiled.wire(),
            JsonObject.class).getAsJsonObject("limits").get("cpuSource").toString());
        assertEquals("cgroup2", compiled.limits().enforcement().get("io"));
    }

    @Test
    void aBareJobHasNoneUntilItIsLimited() throws IOException {
        versionTwo();
        assertEquals(Map.of(), writes(compile(JobSpec.bare(), NEW), "write"));
        assertFalse(compile(JobSpec.bare(), NEW).plan().containsKey("cgroups"));
        assertEquals(List.of("pids.max=6"), writes(compile(JobSpec.bare(NamespaceKind.PID).pids(5), NEW), "write").get(""));
    }

    @Test
    void unlimitedIsNoLimit() throws IOException {
        versionOne();
        CompiledPlan compiled = compile(JobSpec.isolated().memory(ResourceLimit.UNLIMITED).pids(ResourceLimit.UNLIMITED), OLD);
        assertEquals(List.of("cpu/mine", "cpuacct/mine"), List.copyOf(writes(compiled, "write").keySet()));
        assertTrue(compiled.weakened().contains("limits.memory: unlimited instead of 256m"), compiled.weakened().toString());
        assertTrue(compiled.weakened().contains("limits.pids: unlimited instead of 64"), compiled.weakened().toString());
    }

    /** A kernel without an account of swap, without quotas, and with a disk scheduler that knows no weights. */
    @Test
    void whatTheKernelWasBuiltWithoutIsReported() throws IOException {
        versionOne();
        List<String> poor = List.of("memory.limit_in_bytes", "pids.max", "cpu.shares", "cpuacct.usage", "blkio.throttle.read_bps_device", "tasks");
        CompiledPlan compiled = compile(JobSpec.isolated().cpus(1).ioWeight(50), poor);
        assertEquals("none none none cgroup1", compiled.limits().enforcement().get("swap") + " " + compiled.limits().enforcement().get("cpus")
            + " " + compiled.limits().enforcement().get("ioWeight") + " " + compiled.limits().enforcement().get("memory"));
        assertTrue(compiled.weakened().contains("limits.swap: not enforced, there is no cgroup for it here"), compiled.weakened().toString());
        InvalidSpecException strict = assertThrows(InvalidSpecException.class,
            () -> compile(JobSpec.isolated().cpus(1).strictLimits(true), poor));
        assertEquals(List.of("$.limits.swap", "$.limits.cpus"), strict.violations().stream().map(line -> line.split(":")[0]).toList());
    }

    @Test
    void aDiskThatIsNotThereIsNamed() throws IOException {
        versionTwo();
        for (String device : List.of("/dev/no-such-disk", "/dev/null")) {
            InvalidSpecException e = assertThrows(InvalidSpecException.class,
                () -> compile(JobSpec.isolated().io(IoLimit.of(device).withReadBps(1)), NEW));
            assertTrue(e.violations().get(0).startsWith("$.limits.io: " + device + ": "), e.violations().toString());
        }
    }
}
