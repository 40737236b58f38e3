package io.nsjob.internal.plan;

import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Seccomp;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.TargetProcess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Capabilities, no_new_privs, filter and Landlock of a command that joins a process: never more than that has. */
final class JoinPrivileges {
    private static final int CAP_SETPCAP = 8;
    private static final int CAP_SYS_ADMIN = 21;
    /** So many are there to be named. */
    private static final int ALL_CAPABILITIES = 64;

    private final JobSpec spec;
    private final HostFacts facts;
    private final JoinPlace place;
    private final boolean joinsUser;
    private final List<String> violations;
    private final List<String> weakened;

    JoinPrivileges(JobSpec spec, HostFacts facts, JoinPlace place, boolean joinsUser, List<String> violations, List<String> weakened) {
        this.spec = spec;
        this.facts = facts;
        this.place = place;
        this.joinsUser = joinsUser;
        this.violations = violations;
        this.weakened = weakened;
    }

    /** Puts the fields of the plan's process. */
    void addTo(Map<String, Object> process, OptionalLong uid) {
        Optional<List<Integer>> capabilities = capabilities(uid);
        process.put("dropCapabilities", capabilities.isPresent());
        capabilities.filter(numbers -> !numbers.isEmpty()).ifPresent(numbers -> process.put("capabilities", numbers));
        Optional<Map<String, Object>> filter = filter();
        boolean mayFilter = capabilities.isEmpty() || capabilities.get().contains(CAP_SYS_ADMIN);
        boolean there = place.process().map(target -> target.number("NoNewPrivs") == 1).orElse(false);
        boolean on = spec.noNewPrivileges().orElse(there || filter.isPresent() && !mayFilter);
        if (there && !on) {
            weakened.add("no_new_privs: off");
        }
        process.put("noNewPrivs", on);
        filter.ifPresent(tree -> process.put("seccomp", tree));
        landlock(on).ifPresent(tree -> process.put("landlock", tree));
        if (!place.target().callersCredentials()) {
            // What others do with the caller's keys from in there is none of the target's business.
            process.put("keyring", filter.isPresent() ? "try" : "new");
        }
    }

    private Optional<List<Integer>> capabilities(OptionalLong uid) {
        boolean may = joinsUser || (facts.permittedCapabilities() >>> CAP_SETPCAP & 1) != 0;
        long possible = joinsUser ? facts.kernelCapabilities() : facts.permittedCapabilities();
        if (spec.capabilities().isPresent()) {
            Capabilities choice = spec.capabilities().get();
            if (choice == Capabilities.KEEP) {
                weakened.add("capabilities: what exec leaves, not the target's");
                return Optional.empty();
            }
            return Optional.of(CapabilityPlan.named(spec).stream().map(Capabilities.names()::indexOf)
                .filter(number -> (possible >>> number & 1) != 0).sorted().toList());
        }
        if (place.target().callersCredentials() || place.process().isEmpty() || !may) {
            return Optional.empty();
        }
        TargetProcess target = place.process().get();
        long permitted = target.capabilities("CapPrm") & target.capabilities("CapEff");
        boolean asExecLeavesThem = uid.orElse(1) == 0 && target.capabilities("CapAmb") == 0
            && permitted == target.capabilities("CapPrm") && (possible & ~permitted) == 0;
        return asExecLeavesThem ? Optional.empty() : Optional.of(IntStream.range(0, ALL_CAPABILITIES)
            .filter(number -> (permitted & possible & 1L << number) != 0).boxed().toList());
    }

    private Optional<Map<String, Object>> filter() {
        boolean filtered = place.process().map(target -> target.number("Seccomp") != 0).orElse(false);
        if (spec.seccomp().isPresent()) {
            if (filtered) {
                weakened.add(spec.seccomp().get() == Seccomp.NONE ? "system calls: no seccomp filter"
                    : "system calls: another filter than the target's");
            }
            return SeccompPlan.of(spec, false, violations);
        }
        if (!filtered) {
            return Optional.empty();
        }
        if (place.filter().isPresent()) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("filter", place.filter().get());
            tree.put("log", spec.seccompLog().orElse(false));
            return Optional.of(tree);
        }
        weakened.add("system calls: the target's own filter is not known; the list of profile isolated instead");
        return SeccompPlan.of(JobSpec.isolated().build(), false, violations);
    }

    /** Nobody can be asked what Landlock holds a process to; of a job on record it is known, for the tree that it sees. */
    private Optional<Map<String, Object>> landlock(boolean noNewPrivileges) {
        boolean sameTree = place.process().map(target -> !target.differs(NamespaceKind.MNT)).orElse(false)
            || place.takes(NamespaceKind.MNT);
        if (place.landlock().isPresent() && noNewPrivileges && sameTree) {
            return place.landlock();
        }
        boolean possible = place.process().map(target -> target.number("NoNewPrivs") == 1).orElse(false);
        if (possible && !(place.onRecord() && place.landlock().isEmpty())) {
            weakened.add("landlock: what the target may be held to cannot be seen, and does not hold the command");
        }
        return Optional.empty();
    }

    /** What else the target has and the command has not. */
    List<String> others() {
        List<String> lines = new ArrayList<>();
        place.process().ifPresent(target -> {
            if (!target.label().equals(TargetProcess.ownLabel())) {
                lines.add("label: the caller's security label, not the target's " + target.label());
            }
        });
        return lines;
    }
}
