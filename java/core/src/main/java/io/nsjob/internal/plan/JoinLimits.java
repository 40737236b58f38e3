package io.nsjob.internal.plan;

import io.nsjob.CommandSpec;
import io.nsjob.JobSpec;

/** The limits of one command, of those of the world in which it runs: what is not the world's as a whole. */
public final class JoinLimits {
    private JoinLimits() {
    }

    /**
     * Adds them.
     *
     * @param world the spec of the world
     * @param command with what it says of them itself
     * @param spec receives them
     */
    public static void add(JobSpec world, CommandSpec command, JobSpec.Builder spec) {
        command.wallTime().or(() -> LimitPlan.wallTime(world)).ifPresent(spec::wallTime);
        command.cpuTime().or(() -> LimitPlan.cpuTime(world)).ifPresent(spec::cpuTime);
        world.killGrace().ifPresent(spec::killGrace);
        world.setupTime().ifPresent(spec::setupTime);
        (command.outputLimit().isPresent() ? command.outputLimit() : world.outputLimit()).ifPresent(spec::outputLimit);
        command.outputAction().or(world::outputAction).ifPresent(spec::outputAction);
        command.rlimits().forEach(spec::rlimit);
    }
}
