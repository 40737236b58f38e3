package io.nsjob.internal.plan;

import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** The capabilities that a job has in the end, by name. */
final class CapabilityPlan {
    /** With these a job leaves files that raise the privileges of others outside: file capabilities, devices, set-group-id. */
    private static final Set<String> LEAVE_PRIVILEGES = Set.of("SETFCAP", "MKNOD", "FSETID");

    private CapabilityPlan() {
    }

    static Capabilities choice(JobSpec spec) {
        return spec.capabilities().orElse(spec.profile() == Profile.BARE ? Capabilities.KEEP : Capabilities.NONE);
    }

    /** What was named of them; nobody knows here what exec leaves of those that are kept as they are. */
    static Set<String> named(JobSpec spec) {
        Capabilities choice = choice(spec);
        Set<String> kept = new TreeSet<>();
        if (!choice.jsonName().isEmpty()) {
            return kept;
        }
        boolean all = choice.added().contains(Capabilities.ALL)
            || spec.profile() == Profile.BARE && !choice.dropped().contains(Capabilities.ALL);
        kept.addAll(all ? Capabilities.names() : choice.added());
        kept.removeAll(choice.dropped());
        kept.remove(Capabilities.ALL);
        return kept;
    }

    /** Whether it may have this one. */
    static boolean mayHave(JobSpec spec, String name) {
        return choice(spec) == Capabilities.KEEP || named(spec).contains(name);
    }

    /** Whether there is a mount on which the job's ids are others on the disk, perhaps those of the host's root. */
    static boolean writesMappedIds(JobSpec spec, List<Map<String, Object>> mounts) {
        boolean writes = SuidRules.hold(spec);
        for (Map<String, Object> step : mounts) {
            writes |= !spec.allowSuidInWorkspace() && step.containsKey("idMap") && !"lower".equals(step.get("op"))
                && !Boolean.TRUE.equals(step.get("readOnly"));
        }
        return writes;
    }

    /**
     * Numbers for all five sets.
     *
     * @param spec what to run
     * @param facts about the machine
     * @param uid the job's, inside
     * @param mounts the steps that make its file tree
     * @param violations receives what cannot be given
     * @return the plan's field; empty leaves them to exec
     */
    static Optional<List<Integer>> numbers(JobSpec spec, HostFacts facts, OptionalLong uid, List<Map<String, Object>> mounts,
            List<String> violations) {
        boolean mapped = writesMappedIds(spec, mounts);
        Set<String> kept = named(spec);
        if (choice(spec) == Capabilities.KEEP) {
            if (!mapped) {
                return Optional.empty();
            }
            // What exec would leave, as numbers.
            kept = new TreeSet<>(uid.orElse(0) == 0 ? Capabilities.names() : List.of());
        }
        for (String name : mapped ? LEAVE_PRIVILEGES : Set.<String>of()) {
            if (choice(spec).added().contains(name)) {
                violations.add("$.capabilities.add: " + name + " cannot go with a writable bind whose ids are mapped: what the job "
                    + "leaves there would give others the rights of its owner on the disk");
            }
            kept.remove(name);
        }
        boolean everything = choice(spec).added().contains(Capabilities.ALL) || choice(spec).added().isEmpty();
        boolean own = spec.namespace(NamespaceKind.USER) instanceof NamespaceMode.New;
        // "All" is what there is to have: of the kernel's in a namespace of its own, of the caller's otherwise.
        long possible = own ? facts.kernelCapabilities() : facts.permittedCapabilities();
        Set<Integer> numbers = new TreeSet<>();
        for (String name : kept) {
            int number = Capabilities.names().indexOf(name);
            if (!everything || (possible >>> number & 1) != 0) {
                numbers.add(number);
            }
        }
        return Optional.of(List.copyOf(numbers));
    }
}
