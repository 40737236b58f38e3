package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The environment of a job. */
final class EnvironmentPlan {
    /** Where the C library's execvp would look without a PATH, and what a clean environment has. */
    static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    /** Where the host's tools are, and how the caller reads: of a job that sees them. */
    private static final List<String> BUILD_NAMES = List.of("PATH", "LANG", "TERM");

    /** Set by bin/nsjob, which runs Java in a UTF-8 locale: "=" and the caller's LC_ALL, or "-" where there was none. */
    private static final String CALLERS_LC_ALL = "NSJOB_LC_ALL";
    private static final Set<String> OURS = Set.of(CALLERS_LC_ALL, "NSJOB_SOCKET", "NSJOB_SECRET");

    private final JobSpec spec;
    private final HostTree host;
    private final HostFacts facts;

    EnvironmentPlan(JobSpec spec, HostTree host, HostFacts facts) {
        this.spec = spec;
        this.host = host;
        this.facts = facts;
    }

    Map<String, String> variables() {
        boolean isolated = spec.profile() != Profile.BARE;
        Map<String, String> variables = new LinkedHashMap<>();
        if (!spec.clearEnvironment().orElse(isolated)) {
            variables.putAll(callers());
        } else if (isolated) {
            variables.put("PATH", DEFAULT_PATH);
            variables.put("HOME", RootPlan.home(spec, host, facts));
            variables.put("LANG", "C.UTF-8");
            variables.put("TMPDIR", "/tmp");
            if (spec.profile() == Profile.BUILD) {
                pass(BUILD_NAMES, variables);
            }
        }
        if (!spec.passEnvironment().isEmpty()) {
            pass(spec.passEnvironment(), variables);
        }
        if (spec.terminal().orElse(false)) {
            // The terminal behind the job's is the caller's; "dumb" promises nothing.
            variables.put("TERM", facts.environment().getOrDefault("TERM", "dumb"));
        }
        variables.putAll(spec.environment());
        return variables;
    }

    void pass(List<String> names, Map<String, String> variables) {
        Map<String, String> callers = callers();
        for (String name : names) {
            if (callers.containsKey(name)) {
                variables.put(name, callers.get(name));
            }
        }
    }

    Map<String, String> callers() {
        Map<String, String> callers = new LinkedHashMap<>(facts.environment());
        String lcAll = callers.get(CALLERS_LC_ALL);
        if (lcAll != null) {
            callers.remove("LC_ALL");
            if (lcAll.startsWith("=")) {
                callers.put("LC_ALL", lcAll.substring(1));
            }
        }
        callers.keySet().removeAll(OURS);
        return callers;
    }

    /** Absolute directories only: what the current directory holds is never a command by its bare name. */
    static List<String> searchPath(Map<String, String> environment) {
        Set<String> directories = new LinkedHashSet<>();
        for (String directory : environment.getOrDefault("PATH", DEFAULT_PATH).split(":")) {
            if (directory.startsWith("/")) {
                directories.add(directory);
            }
        }
        return List.copyOf(directories);
    }

    /** As in environ(7). */
    static List<String> entries(Map<String, String> environment) {
        List<String> entries = new ArrayList<>(environment.size());
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            entries.add(variable.getKey() + "=" + variable.getValue());
        }
        return entries;
    }
}
