package io.nsjob;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The setters of {@link JobSpec.Builder} about limits.
 *
 * @param <B> the builder
 */
abstract class LimitSetters<B extends LimitSetters<B>> extends FilesystemSetters<B> {
    LimitSetters(SpecFields fields) {
        super(fields);
    }

    /**
     * Limits how long the job may run.
     *
     * @param limit more than zero
     * @return this
     */
    public B wallTime(Duration limit) {
        fields.wallTime = Objects.requireNonNull(limit, "limit");
        return self();
    }

    /**
     * Sets how long the job may clean up between TERM and KILL; zero means KILL at once.
     *
     * @param grace not negative
     * @return this
     */
    public B killGrace(Duration grace) {
        fields.killGrace = Objects.requireNonNull(grace, "grace");
        return self();
    }

    /**
     * Limits how long the sandbox may take to come up.
     *
     * @param limit more than zero
     * @return this
     */
    public B setupTime(Duration limit) {
        fields.setupTime = Objects.requireNonNull(limit, "limit");
        return self();
    }

    /**
     * Limits how much is kept of each output that is captured, or passed on of one that is read as it comes. Where nothing is
     * said, 8 MiB are captured, and what is read as it comes has no limit.
     *
     * @param bytes at most 2147483639, what a Java array can hold
     * @return this
     */
    public B outputLimit(long bytes) {
        fields.outputLimit = bytes;
        return self();
    }

    /**
     * Limits how much processor time all processes of the job together may use.
     *
     * @param limit more than zero
     * @return this
     */
    public B cpuTime(Duration limit) {
        fields.cpuTime = Objects.requireNonNull(limit, "limit");
        return self();
    }

    /**
     * Says what becomes of a job that writes more than the output limit to a stream that goes through this JVM.
     *
     * @param action cut the output, which is the default, or end the job
     * @return this
     */
    public B outputAction(OutputAction action) {
        fields.outputAction = Objects.requireNonNull(action, "action");
        return self();
    }

    /**
     * Sets one resource limit of each process, soft and hard. One above the caller's own hard limit takes privileges.
     *
     * @param name which
     * @param value in the kernel's unit: bytes, seconds, microseconds or a count
     * @return this
     */
    public B rlimit(Rlimit name, long value) {
        return rlimit(name, ResourceLimit.of(value));
    }

    /**
     * Sets one resource limit of each process.
     *
     * @param name which
     * @param limit soft and hard
     * @return this
     */
    public B rlimit(Rlimit name, ResourceLimit limit) {
        fields.rlimits.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(limit, "limit"));
        return self();
    }

    /**
     * Sets the nice value. One below the caller's own takes privileges.
     *
     * @param nice -20, the highest priority, to 19
     * @return this
     */
    public B nice(int nice) {
        fields.scheduling = fields.scheduling.withNice(nice);
        return self();
    }

    /**
     * Sets the priority for disk access.
     *
     * @param priority class and level
     * @return this
     */
    public B ionice(IoPriority priority) {
        fields.scheduling = fields.scheduling.withIonice(Objects.requireNonNull(priority, "priority"));
        return self();
    }

    /**
     * Binds the job to processors.
     *
     * @param cpus their numbers; none means any
     * @return this
     */
    public B cpuAffinity(List<Integer> cpus) {
        fields.scheduling = fields.scheduling.withCpus(cpus);
        return self();
    }

    /**
     * Says how readily the job is killed when the machine runs out of memory. A score below the caller's own takes
     * privileges.
     *
     * @param score -1000 to 1000
     * @return this
     */
    public B oomScoreAdj(int score) {
        fields.scheduling = fields.scheduling.withOomScoreAdj(score);
        return self();
    }

    /**
     * Sets everything that all processes of the job together may use.
     *
     * @param resources replaces what was said before
     * @return this
     */
    public B resources(JobResources resources) {
        fields.resources = Objects.requireNonNull(resources, "resources");
        return self();
    }

    /**
     * Limits the memory of all processes of the job together, with what they keep in tmpfs, shared memory and pipes. Isolated: 256m.
     *
     * @param bytes at least 4 MiB, or {@link ResourceLimit#UNLIMITED}
     * @return this
     */
    public B memory(long bytes) {
        return resources(fields.resources.withMemory(bytes));
    }

    /**
     * Limits the memory of all processes of the job together.
     *
     * @param size such as {@code 256m}
     * @return this
     * @throws IllegalArgumentException when it is not a size
     */
    public B memory(String size) {
        return memory(Sizes.parse(size));
    }

    /**
     * Limits how much of the job may be in swap, beside its memory. Isolated: nothing.
     *
     * @param bytes 0 or more, or {@link ResourceLimit#UNLIMITED}
     * @return this
     */
    public B swap(long bytes) {
        return resources(fields.resources.withSwap(bytes));
    }

    /**
     * Limits how many processes and threads the job has at any time. Isolated: 64.
     *
     * @param count 1 or more, or {@link ResourceLimit#UNLIMITED}
     * @return this
     */
    public B pids(long count) {
        return resources(fields.resources.withPids(count));
    }

    /**
     * Limits how much of the processors the job gets in each moment.
     *
     * @param count 1.5 is one and a half processors; at least 0.01
     * @return this
     */
    public B cpus(double count) {
        return resources(fields.resources.withCpus(count));
    }

    /**
     * Sets the job's share of the processors where others want them too. Isolated: 50.
     *
     * @param weight 1 to 10,000; others have 100
     * @return this
     */
    public B cpuWeight(int weight) {
        return resources(fields.resources.withCpuWeight(weight));
    }

    /**
     * Sets the processors that the job can have at all: unlike {@link #cpuAffinity} it cannot change that.
     *
     * @param cpus their numbers
     * @return this
     */
    public B cpusetCpus(List<Integer> cpus) {
        return resources(fields.resources.withCpusetCpus(cpus));
    }

    /**
     * Sets the memory nodes that the job can have.
     *
     * @param nodes their numbers
     * @return this
     */
    public B cpusetMems(List<Integer> nodes) {
        return resources(fields.resources.withCpusetMems(nodes));
    }

    /**
     * Sets the job's share of the disks.
     *
     * @param weight 1 to 10,000; others have 100
     * @return this
     */
    public B ioWeight(int weight) {
        return resources(fields.resources.withIoWeight(weight));
    }

    /**
     * Limits how fast the job uses a disk. Adds to the disks limited before.
     *
     * @param limit of one disk
     * @return this
     */
    public B io(IoLimit limit) {
        List<IoLimit> all = new ArrayList<>(fields.resources.io());
        all.add(Objects.requireNonNull(limit, "limit"));
        return resources(fields.resources.withIo(all));
    }

    /**
     * Refuses the job where one of these limits, said here or by the profile, cannot be enforced for all its processes together.
     *
     * @param strict whether; by default what is not enforced is reported
     * @return this
     */
    public B strictLimits(boolean strict) {
        return resources(fields.resources.withStrict(strict));
    }
}
