package io.nsjob.cli.demo;

import io.nsjob.NamespaceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A demo as its file describes it.
 *
 * @param name in lower case
 * @param needs what the machine must have
 * @param sessions all but the host's, by name
 * @param steps in their order
 * @param texts those that the file holds itself: by key, then by language; the key "" stands for every language
 */
record Demo(String name, List<Need> needs, Map<String, Place> sessions, List<Step> steps, Map<String, Map<String, String>> texts) {
    /** The session that has nothing of its own. */
    static final String HOST = "host";

    /** Whether to leave this out takes a machine to spoil: all but limits does, and the view that a cgroup namespace is. */
    boolean dangerous(String isolation) {
        if (isolation.equals(NamespaceKind.CGROUP.kernelName())) {
            return false;
        }
        List<Place> places = new ArrayList<>(sessions.values());
        steps.forEach(step -> {
            if (step.act() instanceof Single single) {
                places.add(single.place());
            }
        });
        return NamespaceKind.ofKernelName(isolation).isPresent() || places.stream().map(place -> place.without().get(isolation))
            .anyMatch(patch -> patch != null && !patch.keySet().equals(Set.of("limits")));
    }

    /** All kinds and other isolations that a check of this demo proves. */
    Set<String> proven() {
        Set<String> proven = new TreeSet<>();
        steps.forEach(step -> step.checks().forEach(check -> proven.addAll(check.proves())));
        return proven;
    }

    /**
     * Something that not every machine has.
     *
     * @param kind program or feature
     * @param name of the program or feature
     * @param packageName where the program comes from
     */
    record Need(Kind kind, String name, String packageName) {
        /** What can be needed. */
        enum Kind { PROGRAM, FEATURE }
    }

    /**
     * Where commands run: what a session, or a step with a job of its own, has that the host has not.
     *
     * @param job a partial job spec
     * @param joins by kind, the session whose namespace is joined
     * @param without by isolation, what is merged over the spec to take it away
     */
    record Place(Map<String, Object> job, Map<String, String> joins, Map<String, Map<String, Object>> without) {
        /** A place with nothing of its own. */
        static final Place NOTHING_NEW = new Place(Map.of(), Map.of(), Map.of());
    }

    /**
     * One step.
     *
     * @param id unique in the demo
     * @param session where
     * @param act what is done
     * @param show what is shown for it, where that is not the command itself
     * @param status the exit status expected: a number, any, failure
     * @param timeout of the command
     * @param captures parts of the output, by name
     * @param beside whether it is drawn beside the step before it
     * @param when the callers for whom it is run
     * @param checks what must hold afterwards
     */
    record Step(String id, String session, Act act, Optional<String> show, String status, Duration timeout,
            Map<String, String> captures, boolean beside, When when, List<Check> checks) {}

    /** What a step does. */
    sealed interface Act permits Run, Single, Do {}

    /**
     * A command for the session's shell.
     *
     * @param command in sh
     */
    record Run(String command) implements Act {}

    /**
     * A job of its own, run to its end.
     *
     * @param place what it has of its own
     * @param of the session all of whose namespaces it joins
     * @param command with its arguments
     */
    record Single(Place place, Optional<String> of, List<String> command) implements Act {}

    /**
     * What no command does, or none that every machine has.
     *
     * @param action its name
     * @param arguments by name
     */
    record Do(String action, Map<String, String> arguments) implements Act {}

    /** For whom a step or check is. */
    enum When {
        /** Everybody. */
        ALWAYS,
        /** Who has uid 0. */
        ROOT,
        /** Who has not. */
        USER,
        /** Who gets a control group of its own for a job with a limit of memory. */
        CGROUP,
        /** Who does not. */
        NO_CGROUP
    }
}
