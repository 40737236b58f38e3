package io.nsjob.internal.plan;

import io.nsjob.InvalidSpecException;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.UnshareOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes of a compiled plan one for a process that becomes the command itself, or says what of it needs a supervisor. */
public final class InPlacePlan {
    private static final String NOBODY = " needs a supervisor, and in place none stays";

    private InPlacePlan() {
    }

    /**
     * The plan of a process in place.
     *
     * @param spec what it was compiled from
     * @param compiled the plan of a job
     * @param options of this process
     * @return another plan
     * @throws InvalidSpecException listing everything that cannot be had in place
     */
    public static CompiledPlan of(JobSpec spec, CompiledPlan compiled, UnshareOptions options) {
        Map<String, Object> plan = new LinkedHashMap<>(compiled.plan());
        List<String> violations = violations(spec, plan);
        if (!options.fork()) {
            freshProc(spec, plan, violations);
        }
        if (!violations.isEmpty()) {
            throw new InvalidSpecException(violations);
        }
        Map<String, Object> inPlace = new LinkedHashMap<>();
        inPlace.put("fork", options.fork());
        options.killSignal().ifPresent(signal -> inPlace.put("killSignal", signal));
        plan.put("inPlace", inPlace);
        return new CompiledPlan(compiled.job(), compiled.profile(), plan, compiled.weakened(), compiled.limits(), List.of());
    }

    private static List<String> violations(JobSpec spec, Map<String, Object> plan) {
        List<String> violations = new ArrayList<>();
        Map<?, ?> limits = (Map<?, ?>) plan.get("limits");
        Map<?, ?> process = (Map<?, ?>) plan.get("process");
        require(!limits.containsKey("wallMillis"), "$.limits.wallTime: a limit of time" + NOBODY, violations);
        require(!limits.containsKey("cpuMillis"), "$.limits.cpuTime: a limit of time" + NOBODY, violations);
        require(spec.outputLimit().isEmpty() && spec.outputAction().isEmpty(), "$.limits.output: a limit of output" + NOBODY, violations);
        require(!plan.containsKey("cgroups"), "$.limits: memory, pids and processors are limited by cgroups, whose removal" + NOBODY, violations);
        require(!plan.containsKey("collect"), "$.collect: the collection of results" + NOBODY, violations);
        require(!process.containsKey("terminal"), "$.terminal: a terminal" + NOBODY, violations);
        require(!spec.asPid1(), "$.asPid1: there is no init in place; with fork the command is pid 1", violations);
        require(!(spec.namespace(NamespaceKind.PID) instanceof NamespaceMode.JoinPath
            || spec.namespace(NamespaceKind.PID) instanceof NamespaceMode.JoinPid), "$.namespaces.pid: is joined by a job only", violations);
        return violations;
    }

    private static void require(boolean holds, String violation, List<String> violations) {
        if (!holds) {
            violations.add(violation);
        }
    }

    /** The proc of a pid namespace can be mounted only by a process in it, and in place there is none yet. */
    private static void freshProc(JobSpec spec, Map<String, Object> plan, List<String> violations) {
        List<Object> mounts = new ArrayList<>((List<?>) plan.get("mounts"));
        boolean there = mounts.removeIf(step -> "proc".equals(((Map<?, ?>) step).get("op")));
        boolean asked = spec.freshProc().orElse(false) || there && mounts.size() > 1;
        require(!there || !asked, "$.filesystem.proc: a fresh proc is of the pid namespace of who mounts it: it needs fork", violations);
        plan.put("mounts", mounts);
    }
}
