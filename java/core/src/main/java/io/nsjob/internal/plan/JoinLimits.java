package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import java.time.Duration;
import java.util.Optional;

/** The limits of one command, of those of the world in which it runs: what is not the world's as a whole. */
public final class JoinLimits {
    private JoinLimits() {
    }

    /**
     * Adds them.
     *
     * @param world the spec of the world
     * @param wallTime the command's own
     * @param command receives them
     */
    public static void add(JobSpec world, Optional<Duration> wallTime, JobSpec.Builder command) {
        wallTime.or(() -> LimitPlan.wallTime(world)).ifPresent(command::wallTime);
        LimitPlan.cpuTime(world).ifPresent(command::cpuTime);
        world.killGrace().ifPresent(command::killGrace);
        world.setupTime().ifPresent(command::setupTime);
        world.outputLimit().ifPresent(command::outputLimit);
        world.outputAction().ifPresent(command::outputAction);
    }
}
