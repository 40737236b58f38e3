package io.nsjob.internal.plan;

import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.Identity.Caller;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides the id maps and the ids of a job. One rule stands above all: host uid 0 is never mapped into a new user
 * namespace, because its owner may write the kernel's knobs under /proc/sys without any capability.
 */
final class IdPlanner {
    private static final long ISOLATED_ID = 1000;
    /** What the kernel shows for an id that is not mapped, see /proc/sys/kernel/overflowuid. */
    private static final long OVERFLOW_ID = 65534;

    private final JobSpec spec;
    private final HostFacts facts;
    private final String idDirectory;
    private final String job;
    private final List<String> violations;
    private final Identity self;
    private final Caller caller;
    private final Optional<JobUser> user;

    IdPlanner(JobSpec spec, HostFacts facts, String idDirectory, String job, List<String> violations) {
        this.spec = spec;
        this.facts = facts;
        this.idDirectory = idDirectory;
        this.job = job;
        this.violations = violations;
        self = facts.identity();
        caller = self.caller();
        user = spec.user();
    }

    IdPlan plan() {
        NamespaceMode mode = spec.namespace(NamespaceKind.USER);
        if (!(mode instanceof NamespaceMode.New)) {
            return withoutNewNamespace(mode);
        }
        IdMaps wanted = spec.idMaps().orElse(IdMaps.of(IdMaps.Preset.DEFAULT));
        MapChoice maps = wanted.users().isEmpty() && wanted.groups().isEmpty()
            ? preset(wanted.preset()) : ranges(wanted.users(), wanted.groups());
        return new IdCredentials(spec, facts, maps, violations).plan();
    }

    private IdPlan withoutNewNamespace(NamespaceMode mode) {
        if (user.isEmpty()) {
            return IdPlan.unchanged();
        }
        JobUser ids = user.get();
        boolean own = ids.uid() == self.uid() && ids.gid() == self.gid() && ids.groups().isEmpty();
        if (caller == Caller.USER && mode instanceof NamespaceMode.Inherit) {
            if (!own) {
                violations.add("$.user: only root can change ids without a new user namespace");
            }
            return IdPlan.unchanged();
        }
        // Root hands over exactly the groups named: its own are not the job's business.
        Optional<List<Long>> groups = caller == Caller.USER && ids.groups().isEmpty()
            ? Optional.empty() : Optional.of(ids.groups());
        return new IdPlan(Optional.empty(), false, Optional.empty(), OptionalLong.of(ids.uid()), OptionalLong.of(ids.gid()),
            groups, List.of(), false);
    }

    private MapChoice preset(IdMaps.Preset preset) {
        switch (preset) {
            case ROOT:
                return caller == Caller.HOST_ROOT ? block(0, 1) : own(0, 0);
            case CURRENT:
                if (caller == Caller.HOST_ROOT) {
                    violations.add("$.idMap.preset: \"current\" would map host uid 0 into the job, which is never done; "
                        + "use \"root\" to be root inside on an unprivileged id outside");
                }
                return own(self.uid(), self.gid());
            case AUTO:
                return auto();
            case NONE:
                return MapChoice.unmapped();
            default:
                return spec.profile() == Profile.BARE ? nobody() : isolated();
        }
    }

    /**
     * As unshare -U: the job sees itself as the overflow id. Unmapped, a job of the host's root would stay uid 0 to the host
     * and to the files under /proc/sys; so its overflow id stands for one of a block instead.
     */
    private MapChoice nobody() {
        return caller == Caller.HOST_ROOT ? block(OVERFLOW_ID, 1) : MapChoice.unmapped();
    }

    private MapChoice isolated() {
        boolean roomForBlock = caller == Caller.HOST_ROOT
            || caller == Caller.NESTED_ROOT && !IdBlocks.candidates(facts, 0).isEmpty();
        if (roomForBlock) {
            return block(0, IdBlocks.SIZE);
        }
        if (spec.profile() == Profile.BUILD && caller == Caller.USER && user.isEmpty()) {
            return own(self.uid(), self.gid());
        }
        return own(user.isPresent() ? user.get().uid() : ISOLATED_ID, user.isPresent() ? user.get().gid() : ISOLATED_ID);
    }

    /** The caller's own two ids, and no other. */
    private MapChoice own(long insideUid, long insideGid) {
        return MapChoice.direct(List.of(new IdRange(insideUid, self.uid(), 1)), List.of(new IdRange(insideGid, self.gid(), 1)));
    }

    private MapChoice block(long first, long size) {
        List<Long> bases = IdBlocks.offered(facts, job);
        if (bases.isEmpty()) {
            violations.add("$.idMap: this user namespace has no free block of 65536 ids from 524288 on; "
                + "give \"users\" and \"groups\", or run as an unprivileged user");
        }
        List<IdRange> range = List.of(new IdRange(first, first, size));
        return MapChoice.block(range, idDirectory, bases);
    }

    private MapChoice auto() {
        if (caller == Caller.HOST_ROOT) {
            return block(0, IdBlocks.SIZE);
        }
        if (caller == Caller.NESTED_ROOT) {
            return MapChoice.direct(identity(self.uidMap()), identity(self.gidMap()));
        }
        var uids = facts.subUids().of(self.uid(), facts.userName());
        var gids = facts.subGids().of(self.uid(), facts.userName());
        if (uids.isEmpty() || gids.isEmpty()) {
            violations.add("$.idMap.preset: \"auto\" needs a range in /etc/subuid and in /etc/subgid for this user; "
                + "root can add them with: usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST USER");
            return MapChoice.unmapped();
        }
        return throughTools(
            List.of(new IdRange(0, self.uid(), 1), new IdRange(1, uids.get(0).start(), uids.get(0).count())),
            List.of(new IdRange(0, self.gid(), 1), new IdRange(1, gids.get(0).start(), gids.get(0).count())));
    }

    private static List<IdRange> identity(List<IdRange> map) {
        return map.stream().map(line -> new IdRange(line.inside(), line.inside(), line.count())).toList();
    }

    private MapChoice ranges(List<IdRange> users, List<IdRange> groups) {
        if (caller == Caller.USER) {
            boolean simple = isOwn(users, self.uid()) && isOwn(groups, self.gid());
            return simple ? MapChoice.direct(users, groups) : throughTools(users, groups);
        }
        check("$.idMap.users", users, self.uidMap(), "uid");
        check("$.idMap.groups", groups, self.gidMap(), "gid");
        if (caller == Caller.HOST_ROOT && (users.isEmpty() || groups.isEmpty())) {
            violations.add("$.idMap." + (users.isEmpty() ? "users" : "groups")
                + ": is required beside the other, as a job of root would keep the host's id");
        }
        return MapChoice.direct(users, groups);
    }

    private static boolean isOwn(List<IdRange> ranges, long id) {
        return ranges.isEmpty() || ranges.size() == 1 && ranges.get(0).count() == 1 && ranges.get(0).outside() == id;
    }

    private void check(String path, List<IdRange> ranges, List<IdRange> map, String what) {
        for (int i = 0; i < ranges.size(); i++) {
            IdRange range = ranges.get(i);
            if (caller == Caller.HOST_ROOT && range.containsOutside(0)) {
                violations.add(path + "[" + i + "].outside: host " + what + " 0 is never mapped into a job; "
                    + "use an id that nobody has, or the preset \"root\"");
            } else if (!Identity.covers(map, range.outside(), range.count())) {
                violations.add(path + "[" + i + "].outside: not all of these ids exist in this user namespace");
            }
        }
    }

    /** Several ranges of an unprivileged caller: only the setuid programs of the package uidmap may write them. */
    private MapChoice throughTools(List<IdRange> users, List<IdRange> groups) {
        Optional<String> newuidmap = facts.program("newuidmap");
        Optional<String> newgidmap = facts.program("newgidmap");
        if (newuidmap.isEmpty() || newgidmap.isEmpty()) {
            violations.add("$.idMap: mapping more than your own id needs newuidmap and newgidmap; install the package uidmap");
        }
        Optional<String> name = facts.userName();
        if (name.isEmpty()) {
            violations.add("$.idMap: newuidmap needs an entry in /etc/passwd for uid " + self.uid());
        }
        subordinate("$.idMap.users", users, facts.subUids().of(self.uid(), name), self.uid(), "/etc/subuid");
        boolean anySubGid = subordinate("$.idMap.groups", groups, facts.subGids().of(self.uid(), name), self.gid(), "/etc/subgid");
        return MapChoice.tools(users, groups, newuidmap.orElse(""), newgidmap.orElse(""), anySubGid);
    }

    /** Whether any of the ranges is subordinate: then newgidmap leaves setgroups allowed. */
    private boolean subordinate(String path, List<IdRange> ranges, List<io.nsjob.internal.os.SubIds.Entry> allowed, long own,
            String file) {
        boolean any = false;
        for (int i = 0; i < ranges.size(); i++) {
            IdRange range = ranges.get(i);
            boolean listed = allowed.stream().anyMatch(entry -> range.outside() >= entry.start()
                && range.outside() + range.count() <= entry.start() + entry.count());
            any |= listed;
            if (!listed && !(range.count() == 1 && range.outside() == own)) {
                violations.add(path + "[" + i + "].outside: not in your ranges of " + file + "; root can add one with: usermod "
                    + (file.endsWith("uid") ? "--add-subuids" : "--add-subgids") + " FIRST-LAST USER");
            }
        }
        return any;
    }
}
