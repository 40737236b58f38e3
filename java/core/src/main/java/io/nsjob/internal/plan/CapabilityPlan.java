package io.nsjob.internal.plan;

import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The capabilities that a job has in the end, by name. */
final class CapabilityPlan {
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
        choice.dropped().forEach(kept::remove);
        kept.remove(Capabilities.ALL);
        return kept;
    }

    /** Whether it may have this one. */
    static boolean mayHave(JobSpec spec, String name) {
        return choice(spec) == Capabilities.KEEP || named(spec).contains(name);
    }

    /** Numbers for all five sets; empty leaves them to exec. */
    static Optional<List<Integer>> numbers(JobSpec spec, HostFacts facts) {
        if (choice(spec) == Capabilities.KEEP) {
            return Optional.empty();
        }
        Set<String> kept = named(spec);
        boolean everything = choice(spec).added().contains(Capabilities.ALL) || choice(spec).added().isEmpty();
        boolean own = spec.namespace(NamespaceKind.USER) instanceof NamespaceMode.New;
        // "All" is what there is to have: of the kernel's in a namespace of its own, of the caller's otherwise.
        long possible = own ? facts.kernelCapabilities() : facts.permittedCapabilities();
        return Optional.of(kept.stream().map(Capabilities.names()::indexOf)
            .filter(number -> !everything || (possible >>> number & 1) != 0).sorted().toList());
    }
}
