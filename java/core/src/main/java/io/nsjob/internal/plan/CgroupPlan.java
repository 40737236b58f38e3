package io.nsjob.internal.plan;

import io.nsjob.IoLimit;
import io.nsjob.JobResources;
import io.nsjob.ResourceLimit;
import io.nsjob.Scheduling;
import io.nsjob.internal.os.BlockDevice;
import io.nsjob.internal.os.CgroupPlaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The limits of a whole job as files of cgroups, version 1 or 2, whichever has the controller here. */
final class CgroupPlan {
    /** What others have, in the scale of version 2, and what that is in the scale of version 1. */
    private static final long USUAL_WEIGHT = 100;
    private static final long USUAL_SHARES = 1024;
    /** Version 1 refuses fewer. */
    private static final long LEAST_SHARES = 2;
    private static final long MOST_SHARES = 262_144;
    private static final long MOST_WEIGHT = 10_000;
    private static final long PERIOD_MICROS = 100_000;
    /** The largest weight that the scheduler bfq knows. */
    private static final long MOST_BFQ = 1000;
    private static final String NONE = "none";
    private static final List<String> READ_V2 = List.of("memory.peak", "memory.events", "pids.peak", "pids.events", "cpu.stat",
        "cpu.pressure", "memory.pressure", "io.pressure");
    private static final Map<String, List<String>> READ_V1 = Map.of(
        "memory", List.of("memory.max_usage_in_bytes", "memory.oom_control", "memory.failcnt"),
        "pids", List.of("pids.peak", "pids.events"),
        "cpu", List.of("cpu.stat"),
        "cpuacct", List.of("cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys"));

    private final JobResources limits;
    private final int ours;
    private final CgroupPlaces places;
    private final List<String> violations;
    private final String name = CgroupPlaces.newName();
    private final Map<Path, Cgroup> cgroups = new LinkedHashMap<>();
    private final Map<String, String> enforcement = new LinkedHashMap<>();
    private Optional<Map<String, Object>> cpuSource = Optional.empty();

    /** One directory to be. */
    private static final class Cgroup {
        private final int version;
        private final Path parent;
        private final List<Map<String, Object>> writes = new ArrayList<>();
        private final List<Map<String, Object>> atKill = new ArrayList<>();
        private final Set<String> reads = new LinkedHashSet<>();

        Cgroup(CgroupPlaces.Place place) {
            version = place.version();
            parent = place.parent();
        }

        void write(String file, String value) {
            add(writes, file, value);
        }

        void writeAtKill(String file, String value) {
            add(atKill, file, value);
        }

        private static void add(List<Map<String, Object>> list, String file, String value) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("name", file);
            tree.put("value", value);
            list.add(tree);
        }
    }

    /**
     * @param limits asked for, with the profile's defaults
     * @param ownPidNamespace whether the job has a pid namespace of its own, whose end is the end of all
     * @param ours processes of this library's that are in it besides the job's
     * @param violations receives what the machine cannot do about what was asked for
     */
    CgroupPlan(JobResources limits, CgroupPlaces places, boolean ownPidNamespace, int ours, List<String> violations) {
        this.ours = ours;
        this.limits = limits;
        this.places = places;
        this.violations = violations;
        // First, as entering other hierarchies is refused to a process that has no processors or memory nodes.
        cpuset();
        memory();
        pids();
        cpu();
        io();
        if (!cgroups.isEmpty()) {
            account();
            if (!ownPidNamespace) {
                // For cgroup.kill, which nobody escapes by forking.
                Optional<CgroupPlaces.Place> place = places.unified();
                if (place.isPresent()) {
                    cgroup(place.get(), "unified");
                }
            }
        }
    }

    private static OptionalLong count(OptionalLong limit) {
        return limit.isPresent() && limit.getAsLong() == ResourceLimit.UNLIMITED ? OptionalLong.empty() : limit;
    }

    private Cgroup cgroup(CgroupPlaces.Place place, String controller) {
        Cgroup cgroup = cgroups.get(place.parent());
        if (cgroup == null) {
            cgroup = new Cgroup(place);
            cgroups.put(place.parent(), cgroup);
        }
        cgroup.reads.addAll(place.version() == 2 ? READ_V2 : READ_V1.getOrDefault(controller, List.of()));
        return cgroup;
    }

    /** The cgroup for a limit that is wanted, or null, and a note of who enforces it. */
    private Cgroup use(String limit, String controller) {
        Optional<CgroupPlaces.Place> place = places.of(controller);
        if (place.isEmpty()) {
            enforcement.put(limit, NONE);
            return null;
        }
        Cgroup cgroup = cgroup(place.get(), controller);
        enforcement.put(limit, "cgroup" + cgroup.version);
        return cgroup;
    }

    private void pids() {
        OptionalLong count = count(limits.pids());
        Cgroup cgroup = count.isPresent() ? use("pids", "pids") : null;
        if (cgroup != null) {
            cgroup.write("pids.max", Long.toString(count.getAsLong() + ours));
        }
    }

    private void memory() {
        OptionalLong memory = count(limits.memory());
        OptionalLong swap = count(limits.swap());
        if (memory.isEmpty()) {
            noSwap(swap);
            return;
        }
        Cgroup cgroup = use("memory", "memory");
        noSwap(swap);
        if (cgroup == null) {
            return;
        }
        long bytes = memory.getAsLong();
        cgroup.write(cgroup.version == 1 ? "memory.limit_in_bytes" : "memory.max", Long.toString(bytes));
        String file = cgroup.version == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
        if (swap.isPresent() && places.hasFile("memory", file)) {
            long most = swap.getAsLong();
            long both = most > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : bytes + most;
            cgroup.write(file, Long.toString(cgroup.version == 1 ? both : most));
            enforcement.put("swap", "cgroup" + cgroup.version);
        }
    }

    private void noSwap(OptionalLong swap) {
        if (swap.isPresent()) {
            enforcement.put("swap", NONE);
        }
    }

    private void cpu() {
        Cgroup weighed = limits.cpuWeight().isPresent() ? use("cpuWeight", "cpu") : null;
        if (weighed != null) {
            long weight = limits.cpuWeight().getAsInt();
            long shares = Math.max(LEAST_SHARES, weight * USUAL_SHARES / USUAL_WEIGHT);
            boolean old = weighed.version == 1;
            weighed.write(old ? "cpu.shares" : "cpu.weight", Long.toString(old ? shares : weight));
            weighed.writeAtKill(old ? "cpu.shares" : "cpu.weight", Long.toString(old ? MOST_SHARES : MOST_WEIGHT));
        }
        if (limits.cpus().isPresent()) {
            quota(Math.round(limits.cpus().getAsDouble() * PERIOD_MICROS));
        }
    }

    private void quota(long quota) {
        Optional<CgroupPlaces.Place> place = places.of("cpu");
        String file = place.isPresent() && place.get().version() == 1 ? "cpu.cfs_quota_us" : "cpu.max";
        // The kernel may be built without quotas.
        Cgroup cgroup = place.isPresent() && places.hasFile("cpu", file) ? use("cpus", "cpu") : null;
        if (cgroup == null) {
            enforcement.put("cpus", NONE);
        } else if (cgroup.version == 1) {
            cgroup.write("cpu.cfs_period_us", Long.toString(PERIOD_MICROS));
            cgroup.write(file, Long.toString(quota));
            cgroup.writeAtKill(file, "-1");
        } else {
            cgroup.write(file, quota + " " + PERIOD_MICROS);
            cgroup.writeAtKill(file, "max");
        }
    }

    /** A cgroup of version 1 takes no process before it has both processors and memory nodes. */
    private void cpuset() {
        if (limits.cpusetCpus().isEmpty() && limits.cpusetMems().isEmpty()) {
            return;
        }
        Cgroup cgroup = use("cpuset", "cpuset");
        if (cgroup == null) {
            return;
        }
        String cpus = Scheduling.formatCpus(limits.cpusetCpus());
        String mems = Scheduling.formatCpus(limits.cpusetMems());
        if (cgroup.version == 1) {
            cpus = cpus.isEmpty() ? ofParent(cgroup, "cpuset.cpus") : cpus;
            mems = mems.isEmpty() ? ofParent(cgroup, "cpuset.mems") : mems;
        }
        if (!cpus.isEmpty()) {
            cgroup.write("cpuset.cpus", cpus);
        }
        if (!mems.isEmpty()) {
            cgroup.write("cpuset.mems", mems);
        }
    }

    private String ofParent(Cgroup cgroup, String file) {
        try {
            return places.files().read(cgroup.parent.resolve(file)).trim();
        } catch (IOException e) {
            violations.add("$.limits.cpuset: cannot read " + file + " of the caller's own cgroup");
            return "";
        }
    }

    private void io() {
        if (limits.ioWeight().isPresent()) {
            ioWeight(limits.ioWeight().getAsInt());
        }
        if (limits.io().isEmpty()) {
            return;
        }
        Cgroup used = use("io", "io");
        for (IoLimit limit : limits.io()) {
            // Also where nobody can enforce it: a disk that is not there is a mistake anywhere.
            try {
                String device = BlockDevice.numbers(limit.device());
                if (used != null) {
                    io(used, device, limit);
                }
            } catch (IOException e) {
                violations.add("$.limits.io: " + limit.device() + ": " + e.getMessage());
            }
        }
    }

    private void ioWeight(long weight) {
        for (String file : List.of("io.weight", "io.bfq.weight", "blkio.bfq.weight")) {
            if (places.hasFile("io", file)) {
                long known = file.contains("bfq") ? Math.min(weight, MOST_BFQ) : weight;
                Cgroup cgroup = use("ioWeight", "io");
                if (cgroup != null) {
                    cgroup.write(file, file.startsWith("io.") ? "default " + known : Long.toString(known));
                }
                return;
            }
        }
        enforcement.put("ioWeight", NONE);
    }

    private static void io(Cgroup cgroup, String device, IoLimit limit) {
        if (cgroup.version == 2) {
            cgroup.write("io.max", device + " rbps=" + max(limit.readBps()) + " wbps=" + max(limit.writeBps()) + " riops="
                + max(limit.readIops()) + " wiops=" + max(limit.writeIops()));
            return;
        }
        throttle(cgroup, "read_bps", device, limit.readBps());
        throttle(cgroup, "write_bps", device, limit.writeBps());
        throttle(cgroup, "read_iops", device, limit.readIops());
        throttle(cgroup, "write_iops", device, limit.writeIops());
    }

    private static void throttle(Cgroup cgroup, String what, String device, OptionalLong limit) {
        if (limit.isPresent()) {
            cgroup.write("blkio.throttle." + what + "_device", device + " " + limit.getAsLong());
        }
    }

    private static String max(OptionalLong value) {
        return value.isPresent() ? Long.toString(value.getAsLong()) : "max";
    }

    /** Where the processor time of the whole tree can be read, also that of processes which nobody waited for. */
    private void account() {
        Optional<CgroupPlaces.Place> old = places.of("cpuacct");
        Cgroup cgroup = old.isPresent() ? cgroup(old.get(), "cpuacct") : null;
        int index = 0;
        for (Cgroup other : cgroups.values()) {
            if (cgroup == null ? other.version == 2 : other == cgroup) {
                Map<String, Object> tree = new LinkedHashMap<>();
                tree.put("cgroup", index);
                tree.put("file", other.version == 1 ? "cpuacct.usage" : "cpu.stat");
                tree.put("key", other.version == 1 ? "" : "usage_usec");
                tree.put("unitNanos", other.version == 1 ? 1 : 1000);
                cpuSource = Optional.of(tree);
                return;
            }
            index++;
        }
    }

    /** Who enforces what was asked for: {@code cgroup1}, {@code cgroup2} or {@code none}. */
    Map<String, String> enforcement() {
        return enforcement;
    }

    /** The plan's field {@code limits.cpuSource}. */
    Optional<Map<String, Object>> cpuSource() {
        return cpuSource;
    }

    /** The plan's field {@code cgroups}. */
    List<Map<String, Object>> tree() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Cgroup cgroup : cgroups.values()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("version", cgroup.version);
            tree.put("directory", cgroup.parent.resolve(name).toString());
            tree.put("write", cgroup.writes);
            tree.put("atKill", cgroup.atKill);
            tree.put("read", new ArrayList<>(cgroup.reads));
            list.add(tree);
        }
        return list;
    }

    /** Where they will be. */
    List<Path> directories() {
        List<Path> directories = new ArrayList<>();
        for (Path parent : cgroups.keySet()) {
            directories.add(parent.resolve(name));
        }
        return directories;
    }
}
