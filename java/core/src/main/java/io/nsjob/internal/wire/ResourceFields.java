package io.nsjob.internal.wire;

import io.nsjob.IoLimit;
import io.nsjob.JobResources;
import io.nsjob.JobSpec;
import io.nsjob.ResourceLimit;
import io.nsjob.Scheduling;
import io.nsjob.Sizes;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** What all processes of a job together may use, from and to JSON: fields of {@code limits}. */
public final class ResourceFields {
    private static final String UNLIMITED = "unlimited";

    private ResourceFields() {
    }

    static void read(Fields limits, JobSpec.Builder spec) {
        amount(limits, "memory").ifPresent(spec::memory);
        amount(limits, "swap").ifPresent(spec::swap);
        amount(limits, "pids").ifPresent(spec::pids);
        cpus(limits).ifPresent(spec::cpus);
        weight(limits, "cpuWeight").ifPresent(spec::cpuWeight);
        Fields cpuset = limits.object("cpuset");
        if (cpuset != null) {
            numbers(cpuset, "cpus", spec::cpusetCpus);
            numbers(cpuset, "mems", spec::cpusetMems);
            cpuset.refuseOthers();
        }
        weight(limits, "ioWeight").ifPresent(spec::ioWeight);
        for (Fields disk : limits.objects("io")) {
            io(disk, spec);
        }
        Boolean strict = limits.bool("strict");
        if (strict != null) {
            spec.strictLimits(strict);
        }
    }

    private static OptionalLong amount(Fields fields, String name) {
        if (UNLIMITED.equals(fields.any(name))) {
            return OptionalLong.of(ResourceLimit.UNLIMITED);
        }
        Long value = fields.size(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static OptionalDouble cpus(Fields fields) {
        Object value = fields.any("cpus");
        if (value instanceof Long || value instanceof BigDecimal) {
            return OptionalDouble.of(((Number) value).doubleValue());
        }
        if (value != null) {
            fields.problem("cpus", "must be a number such as 1.5");
        }
        return OptionalDouble.empty();
    }

    private static OptionalInt weight(Fields fields, String name) {
        Long value = fields.integer(name);
        // What does not fit is out of range, and stays so.
        return value == null ? OptionalInt.empty() : OptionalInt.of((int) Math.max(-1, Math.min(Integer.MAX_VALUE, value)));
    }

    private static void numbers(Fields fields, String name, Consumer<List<Integer>> setter) {
        String text = fields.string(name);
        if (text == null) {
            return;
        }
        try {
            setter.accept(Scheduling.parseCpus(text));
        } catch (IllegalArgumentException e) {
            fields.problem(name, "not a list of numbers such as 0-1,3");
        }
    }

    private static void io(Fields fields, JobSpec.Builder spec) {
        String device = fields.text("device");
        IoLimit limit = IoLimit.of(device == null ? "" : device);
        for (String name : List.of("readBps", "writeBps", "readIops", "writeIops")) {
            Long value = fields.size(name);
            limit = value == null ? limit : with(limit, name, value);
        }
        fields.refuseOthers();
        if (device != null) {
            spec.io(limit);
        }
    }

    private static IoLimit with(IoLimit limit, String name, long value) {
        switch (name) {
            case "readBps":
                return limit.withReadBps(value);
            case "writeBps":
                return limit.withWriteBps(value);
            case "readIops":
                return limit.withReadIops(value);
            default:
                return limit.withWriteIops(value);
        }
    }

    static void write(JobResources resources, Map<String, Object> tree) {
        resources.memory().ifPresent(bytes -> tree.put("memory", size(bytes)));
        resources.swap().ifPresent(bytes -> tree.put("swap", size(bytes)));
        resources.pids().ifPresent(count -> tree.put("pids", count == ResourceLimit.UNLIMITED ? UNLIMITED : (Object) count));
        resources.cpus().ifPresent(cpus -> tree.put("cpus", cpus == Math.rint(cpus) ? (Object) (long) cpus : (Object) cpus));
        resources.cpuWeight().ifPresent(weight -> tree.put("cpuWeight", (long) weight));
        Map<String, Object> cpuset = new LinkedHashMap<>();
        if (!resources.cpusetCpus().isEmpty()) {
            cpuset.put("cpus", Scheduling.formatCpus(resources.cpusetCpus()));
        }
        if (!resources.cpusetMems().isEmpty()) {
            cpuset.put("mems", Scheduling.formatCpus(resources.cpusetMems()));
        }
        if (!cpuset.isEmpty()) {
            tree.put("cpuset", cpuset);
        }
        resources.ioWeight().ifPresent(weight -> tree.put("ioWeight", (long) weight));
        if (!resources.io().isEmpty()) {
            tree.put("io", io(resources.io()));
        }
        if (resources.strict()) {
            tree.put("strict", true);
        }
    }

    private static String size(long bytes) {
        return bytes == ResourceLimit.UNLIMITED ? UNLIMITED : Sizes.format(bytes);
    }

    /**
     * Limits of disks.
     *
     * @param limits of single disks
     * @return an array
     */
    public static List<Map<String, Object>> io(List<IoLimit> limits) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (IoLimit limit : limits) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("device", limit.device());
            limit.readBps().ifPresent(value -> tree.put("readBps", value));
            limit.writeBps().ifPresent(value -> tree.put("writeBps", value));
            limit.readIops().ifPresent(value -> tree.put("readIops", value));
            limit.writeIops().ifPresent(value -> tree.put("writeIops", value));
            list.add(tree);
        }
        return list;
    }
}
