package io.nsjob.internal.run;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.plan.CommandCompiler;
import io.nsjob.internal.plan.PlanCompiler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One command of a world, compiled once for each way in which it is started: most of what runs there runs again and again. Thread-safe. */
final class WorldCommand {
    private final JobSpec spec;
    private final Map<Way, CommandCompiler.Compiled> compiled = new HashMap<>();
    private HostFacts known;
    private Object environment;

    /** What a plan depends on beside the spec and the facts. */
    private record Way(List<Integer> owned, boolean limitsOutput, boolean brief) {
    }

    WorldCommand(JobSpec spec) {
        this.spec = spec;
    }

    JobSpec spec() {
        return spec;
    }

    /** The command as it travels, and its plan with the name of this start. */
    synchronized CommandCompiler.Compiled compile(HostFacts facts, PlanCompiler.Start start, Map<?, ?> world, boolean brief)
            throws InvalidSpecException {
        // Worlds of one spec differ in nothing else that a command has of them.
        Object variables = world.get("env");
        if (facts != known || !variables.equals(environment)) {
            compiled.clear();
            known = facts;
            environment = variables;
        }
        Way way = new Way(start.ownedStdio(), start.limitsOutput(), brief);
        CommandCompiler.Compiled once = compiled.get(way);
        if (once == null) {
            once = CommandCompiler.compile(spec, facts, start, world, brief);
            compiled.put(way, once);
            return once;
        }
        return once.named(start.defaultName());
    }
}
