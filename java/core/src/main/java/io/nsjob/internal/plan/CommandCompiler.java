package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compiles a command for a sandbox whose supervisor starts it: what is not said of it is the sandbox's already. */
public final class CommandCompiler {
    private CommandCompiler() {
    }

    /**
     * A command made ready.
     *
     * @param plan what is said of it, without its strings
     * @param words the plan as it travels
     * @param strings its arguments, the directories to look for it, its variables, and its directory, each with a NUL behind it
     */
    public record Compiled(CompiledPlan plan, byte[] words, byte[] strings) {

        /**
         * The same command once more.
         *
         * @param job the name of this start
         * @return with that name
         */
        public Compiled named(String job) {
            return new Compiled(new CompiledPlan(job, plan.profile(), plan.plan(), plan.weakened(), plan.limits(), plan.cgroups()), words,
                strings);
        }
    }

    /**
     * Compiles.
     *
     * @param spec the command, of profile bare
     * @param facts about the caller and the machine
     * @param start what belongs to this start
     * @param world the process in the plan of the sandbox
     * @param brief whether nobody waits for the news of its start
     * @return the plan, and what travels beside it
     * @throws InvalidSpecException when this command cannot be
     */
    public static Compiled compile(JobSpec spec, HostFacts facts, PlanCompiler.Start start, Map<?, ?> world,
            boolean brief) {
        List<String> violations = new ArrayList<>();
        LimitPlan limits = new LimitPlan(spec, facts, IdPlan.unchanged(), start.limitsOutput(), false, violations);
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        Map<String, String> environment = environment(world, spec.environment());
        List<String> path = EnvironmentPlan.searchPath(environment);
        List<String> variables = EnvironmentPlan.entries(environment);
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("argv", spec.command().size());
        counts.put("searchPath", path.size());
        counts.put("env", variables.size());
        counts.put("cwd", spec.cwd().isPresent());
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("protocol", PlanCompiler.PROTOCOL);
        tree.put("strings", counts);
        if (!start.ownedStdio().isEmpty()) {
            tree.put("ownedStdio", start.ownedStdio());
        }
        limits.addTo(tree);
        tree.put("limits", limits.tree());
        if (brief) {
            tree.put("brief", true);
        }
        CompiledPlan plan = new CompiledPlan(start.defaultName(), spec.profile(), tree, List.of(), limits.limits(), List.of());
        return new Compiled(plan, plan.wireBytes(), strings(spec, path, variables));
    }

    private static Map<String, String> environment(Map<?, ?> world, Map<String, String> more) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (Object entry : (List<?>) world.get("env")) {
            String variable = (String) entry;
            int equals = variable.indexOf('=', 1);
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        environment.putAll(more);
        return environment;
    }

    private static byte[] strings(JobSpec spec, List<String> path, List<String> variables) {
        StringBuilder text = new StringBuilder();
        for (List<String> list : List.of(spec.command(), path, variables)) {
            list.forEach(string -> text.append(string).append('\0'));
        }
        spec.cwd().ifPresent(directory -> text.append(directory).append('\0'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
