package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.Identity.Caller;
import io.nsjob.internal.os.TargetProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The ids of a command that joins namespaces: those of who is there, as they are called where the command will be. */
final class JoinIds {
    private final JobSpec spec;
    private final HostFacts facts;
    private final JoinPlace place;
    private final boolean joinsUser;
    private final List<String> violations;
    private final List<String> weakened;

    /**
     * @param joinsUser whether a user namespace is joined that is not the caller's
     * @param violations receives what cannot be
     * @param weakened receives what is less than the target has
     */
    JoinIds(JobSpec spec, HostFacts facts, JoinPlace place, boolean joinsUser, List<String> violations, List<String> weakened) {
        this.spec = spec;
        this.facts = facts;
        this.place = place;
        this.joinsUser = joinsUser;
        this.violations = violations;
        this.weakened = weakened;
    }

    IdPlan plan() {
        if (place.target().callersCredentials()) {
            weakened.add("credentials: the caller's ids, groups and capabilities");
            return IdPlan.unchanged();
        }
        return place.process().isPresent() ? ofProcess(place.process().get()) : ofFiles();
    }

    /** As nsenter(1): nobody knows who is there, so the ids are 0. */
    private IdPlan ofFiles() {
        Optional<JobUser> user = spec.user();
        if (!joinsUser && user.isEmpty()) {
            return IdPlan.unchanged();
        }
        boolean drops = facts.identity().caller() != Caller.USER && facts.identity().mayDropGroups();
        IdPlan.Pair init = joinsUser ? new IdPlan.Pair(0, 0) : null;
        return new IdPlan(Optional.empty(), drops, Optional.ofNullable(init), OptionalLong.of(user.map(JobUser::uid).orElse(0L)),
            OptionalLong.of(user.map(JobUser::gid).orElse(0L)), user.map(JobUser::groups).filter(groups -> !groups.isEmpty()), List.of(), false);
    }

    private IdPlan ofProcess(TargetProcess process) {
        Identity there = process.identity();
        OptionalLong uid = joinsUser ? TargetProcess.inside(there.uidMap(), there.uid()) : OptionalLong.of(there.uid());
        OptionalLong gid = joinsUser ? TargetProcess.inside(there.gidMap(), there.gid()) : OptionalLong.of(there.gid());
        boolean switches = joinsUser || facts.identity().caller() != Caller.USER;
        if (!switches && (there.uid() != facts.identity().uid() || there.gid() != facts.identity().gid())) {
            violations.add("$.target: process " + process.pid() + " has other ids (" + there.uid() + ":" + there.gid()
                + "), which only root can take; see the caller's credentials");
        }
        if (uid.isEmpty() || gid.isEmpty()) {
            return unmapped(process);
        }
        if (!switches) {
            return IdPlan.unchanged();
        }
        IdPlan.Pair wanted = spec.user().map(user -> new IdPlan.Pair(user.uid(), user.gid()))
            .orElse(new IdPlan.Pair(uid.getAsLong(), gid.getAsLong()));
        boolean drops = facts.identity().caller() != Caller.USER && facts.identity().mayDropGroups();
        Optional<List<Long>> groups = groups(there);
        return new IdPlan(Optional.empty(), drops, init(there, wanted), OptionalLong.of(wanted.uid()), OptionalLong.of(wanted.gid()),
            groups, List.of(), false);
    }

    /** In a namespace without maps everybody is nobody, and nobody can become somebody. */
    private IdPlan unmapped(TargetProcess process) {
        boolean same = process.identity().uid() == facts.identity().uid() && process.identity().gid() == facts.identity().gid();
        if (!same) {
            violations.add("$.target: the ids of process " + process.pid() + " are not mapped in its user namespace, so that none can be "
                + "taken there; see the caller's credentials");
        }
        return IdPlan.unchanged();
    }

    /**
     * The ids of init. As long as it is the caller it is the host's root inside, perhaps: it takes the 0 of the namespace, which is
     * out of reach of a job with another id, or else the job's.
     */
    private Optional<IdPlan.Pair> init(Identity there, IdPlan.Pair wanted) {
        Identity self = facts.identity();
        boolean isMapped = TargetProcess.inside(there.uidMap(), self.uid()).isPresent()
            && TargetProcess.inside(there.gidMap(), self.gid()).isPresent();
        if (!joinsUser || isMapped) {
            return Optional.empty();
        }
        boolean zero = there.uidMap().stream().anyMatch(line -> line.containsInside(0))
            && there.gidMap().stream().anyMatch(line -> line.containsInside(0));
        return Optional.of(zero ? new IdPlan.Pair(0, 0) : wanted);
    }

    private Optional<List<Long>> groups(Identity there) {
        Identity self = facts.identity();
        List<Long> wanted = new ArrayList<>();
        if (spec.user().isPresent()) {
            wanted.addAll(spec.user().get().groups());
        } else {
            for (long group : there.groups()) {
                OptionalLong inside = joinsUser ? TargetProcess.inside(there.gidMap(), group) : OptionalLong.of(group);
                inside.ifPresent(wanted::add);
            }
        }
        boolean maySet = joinsUser ? there.mayDropGroups() && !there.gidMap().isEmpty() : self.caller() != Caller.USER && self.mayDropGroups();
        if (maySet) {
            return Optional.of(wanted);
        }
        List<Long> kept = self.caller() == Caller.USER ? self.otherGroups().stream().filter(group -> !there.groups().contains(group)).toList()
            : List.of();
        if (!kept.isEmpty()) {
            weakened.add("supplementary-groups: " + String.join(", ", kept.stream().map(facts::groupName).toList()));
        }
        return Optional.empty();
    }
}
