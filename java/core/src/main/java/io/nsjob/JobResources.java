package io.nsjob;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * What all processes of a job together may use of the machine; what is empty is as the profile says. The kernel enforces it by
 * control groups, cgroups(7), of either version.
 *
 * @param memory bytes, with what is in tmpfs and in pipes, or {@link ResourceLimit#UNLIMITED}
 * @param swap bytes beside the memory, or {@link ResourceLimit#UNLIMITED}
 * @param pids processes and threads, or {@link ResourceLimit#UNLIMITED}
 * @param cpus processors' worth of time: 1.5 is one and a half
 * @param cpuWeight 1 to 10,000: the share of the processors where others want them too; others have 100
 * @param cpusetCpus the processors that can be had at all, in order; empty means any
 * @param cpusetMems the memory nodes; empty means any
 * @param ioWeight 1 to 10,000: the share of the disks; others have 100. It takes a disk scheduler that knows weights
 * @param io limits of single disks
 * @param strict whether a job is refused of which a limit cannot be enforced by the kernel for all its processes together
 */
public record JobResources(OptionalLong memory, OptionalLong swap, OptionalLong pids, OptionalDouble cpus, OptionalInt cpuWeight,
        List<Integer> cpusetCpus, List<Integer> cpusetMems, OptionalInt ioWeight, List<IoLimit> io, boolean strict) {
    /** Everything as the profile says. */
    public static final JobResources UNSAID = new JobResources(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
        OptionalDouble.empty(), OptionalInt.empty(), List.of(), List.of(), OptionalInt.empty(), List.of(), false);

    /** Sorts the processors and nodes. */
    public JobResources {
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(swap, "swap");
        Objects.requireNonNull(pids, "pids");
        Objects.requireNonNull(cpus, "cpus");
        Objects.requireNonNull(cpuWeight, "cpuWeight");
        Objects.requireNonNull(ioWeight, "ioWeight");
        cpusetCpus = List.copyOf(new TreeSet<>(cpusetCpus));
        cpusetMems = List.copyOf(new TreeSet<>(cpusetMems));
        io = List.copyOf(io);
    }

    /**
     * With another limit of memory.
     *
     * @param bytes or {@link ResourceLimit#UNLIMITED}
     * @return a copy
     */
    public JobResources withMemory(long bytes) {
        return new JobResources(OptionalLong.of(bytes), swap, pids, cpus, cpuWeight, cpusetCpus, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With another limit of swap.
     *
     * @param bytes or {@link ResourceLimit#UNLIMITED}
     * @return a copy
     */
    public JobResources withSwap(long bytes) {
        return new JobResources(memory, OptionalLong.of(bytes), pids, cpus, cpuWeight, cpusetCpus, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With another limit of processes.
     *
     * @param count or {@link ResourceLimit#UNLIMITED}
     * @return a copy
     */
    public JobResources withPids(long count) {
        return new JobResources(memory, swap, OptionalLong.of(count), cpus, cpuWeight, cpusetCpus, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With another limit of processor time in each moment.
     *
     * @param count 1.5 is one and a half processors
     * @return a copy
     */
    public JobResources withCpus(double count) {
        return new JobResources(memory, swap, pids, OptionalDouble.of(count), cpuWeight, cpusetCpus, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With another share of the processors.
     *
     * @param weight 1 to 10,000
     * @return a copy
     */
    public JobResources withCpuWeight(int weight) {
        return new JobResources(memory, swap, pids, cpus, OptionalInt.of(weight), cpusetCpus, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With other processors.
     *
     * @param numbers their numbers
     * @return a copy
     */
    public JobResources withCpusetCpus(List<Integer> numbers) {
        return new JobResources(memory, swap, pids, cpus, cpuWeight, numbers, cpusetMems, ioWeight, io, strict);
    }

    /**
     * With other memory nodes.
     *
     * @param numbers their numbers
     * @return a copy
     */
    public JobResources withCpusetMems(List<Integer> numbers) {
        return new JobResources(memory, swap, pids, cpus, cpuWeight, cpusetCpus, numbers, ioWeight, io, strict);
    }

    /**
     * With another share of the disks.
     *
     * @param weight 1 to 10,000
     * @return a copy
     */
    public JobResources withIoWeight(int weight) {
        return new JobResources(memory, swap, pids, cpus, cpuWeight, cpusetCpus, cpusetMems, OptionalInt.of(weight), io, strict);
    }

    /**
     * With other limits of disks.
     *
     * @param limits at most one for each disk
     * @return a copy
     */
    public JobResources withIo(List<IoLimit> limits) {
        return new JobResources(memory, swap, pids, cpus, cpuWeight, cpusetCpus, cpusetMems, ioWeight, limits, strict);
    }

    /**
     * Strict, or not.
     *
     * @param value whether
     * @return a copy
     */
    public JobResources withStrict(boolean value) {
        return new JobResources(memory, swap, pids, cpus, cpuWeight, cpusetCpus, cpusetMems, ioWeight, io, value);
    }
}
