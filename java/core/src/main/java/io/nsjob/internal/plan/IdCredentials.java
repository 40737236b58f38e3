package io.nsjob.internal.plan;

import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.Identity.Caller;
import io.nsjob.internal.plan.MapChoice.How;
import io.nsjob.internal.wire.SpecJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Given the maps of a new user namespace: which ids init and the job take, and what becomes of supplementary groups. */
final class IdCredentials {
    private static final long ISOLATED_ID = 1000;

    private final JobSpec spec;
    private final HostFacts facts;
    private final MapChoice maps;
    private final List<String> violations;
    private final Identity self;
    private final Caller caller;
    private final List<Long> wantedGroups;

    IdCredentials(JobSpec spec, HostFacts facts, MapChoice maps, List<String> violations) {
        this.spec = spec;
        this.facts = facts;
        this.maps = maps;
        this.violations = violations;
        self = facts.identity();
        caller = self.caller();
        wantedGroups = spec.user().isPresent() ? spec.user().get().groups() : List.of();
    }

    IdPlan plan() {
        boolean dropGroups = caller != Caller.USER && self.mayDropGroups();
        boolean setgroups = setgroups();
        checkUser();
        Optional<List<Long>> groups = groups(setgroups);
        boolean kept = !dropGroups && groups.isEmpty();
        List<String> keptGroups = new ArrayList<>();
        for (Long group : kept ? self.otherGroups() : List.<Long>of()) {
            keptGroups.add(facts.groupName(group));
        }
        boolean keepsHostRoot = caller == Caller.HOST_ROOT && maps.how() == How.UNMAPPED;
        IdPlan.Pair process = process();
        return new IdPlan(Optional.of(tree(setgroups)), dropGroups, Optional.ofNullable(init()),
            process == null ? OptionalLong.empty() : OptionalLong.of(process.uid()),
            process == null ? OptionalLong.empty() : OptionalLong.of(process.gid()),
            groups, keptGroups, keepsHostRoot);
    }

    /** Whether setgroups is to stay allowed inside. */
    private boolean setgroups() {
        Optional<IdMaps.Setgroups> wanted = spec.idMaps().isPresent() ? spec.idMaps().get().setgroups() : Optional.empty();
        boolean possible = maps.how() == How.UNMAPPED || caller != Caller.USER && self.mayDropGroups() || maps.setgroupsStays();
        if (wanted.isPresent() && wanted.get() == IdMaps.Setgroups.ALLOW && !possible) {
            violations.add("$.idMap.setgroups: the kernel demands \"deny\" here; allowing it takes root, "
                + "or a range of /etc/subgid");
        }
        if (wanted.isPresent()) {
            return wanted.get() == IdMaps.Setgroups.ALLOW;
        }
        // Without maps nothing is written at all, as unshare -U does. Root drops groups outside and needs it only to set some.
        return maps.how() == How.UNMAPPED || maps.setgroupsStays() || possible && !wantedGroups.isEmpty();
    }

    private Optional<List<Long>> groups(boolean setgroups) {
        if (maps.how() == How.UNMAPPED) {
            return Optional.empty();
        }
        if (!wantedGroups.isEmpty() && !setgroups) {
            violations.add("$.user.groups: setgroups is denied in this user namespace");
        }
        for (Long group : wantedGroups) {
            if (inside(maps.groups(), group).isEmpty()) {
                violations.add("$.user.groups: " + group + " is not in the gid map");
            }
        }
        boolean dropInside = maps.setgroupsStays() && setgroups;
        return !wantedGroups.isEmpty() || dropInside ? Optional.of(wantedGroups) : Optional.empty();
    }

    private void checkUser() {
        if (spec.user().isEmpty()) {
            return;
        }
        JobUser user = spec.user().get();
        if (maps.how() == How.UNMAPPED) {
            violations.add("$.user: needs an id map");
            return;
        }
        if (inside(maps.users(), user.uid()).isEmpty()) {
            violations.add("$.user.uid: " + user.uid() + " is not in the uid map");
        }
        if (inside(maps.groups(), user.gid()).isEmpty()) {
            violations.add("$.user.gid: " + user.gid() + " is not in the gid map");
        }
    }

    private static Optional<IdRange> inside(List<IdRange> map, long id) {
        for (IdRange range : map) {
            if (range.containsInside(id)) {
                return Optional.of(range);
            }
        }
        return Optional.empty();
    }

    /** The ids of init: 0 where there is one. Null leaves it what it is, which is right where the caller's own id is mapped. */
    private IdPlan.Pair init() {
        if (maps.users().isEmpty() || maps.groups().isEmpty() || ownIdsAreMapped()) {
            return null;
        }
        return new IdPlan.Pair(lowest(maps.users()), lowest(maps.groups()));
    }

    private IdPlan.Pair process() {
        if (spec.user().isPresent()) {
            return new IdPlan.Pair(spec.user().get().uid(), spec.user().get().gid());
        }
        if (maps.users().isEmpty() || maps.groups().isEmpty()) {
            return null;
        }
        boolean isolatedDefault = spec.profile() != Profile.BARE && inside(maps.users(), ISOLATED_ID).isPresent()
            && inside(maps.groups(), ISOLATED_ID).isPresent();
        if (isolatedDefault) {
            return new IdPlan.Pair(ISOLATED_ID, ISOLATED_ID);
        }
        return init();
    }

    private boolean ownIdsAreMapped() {
        return maps.how() != How.BLOCK && outside(maps.users(), self.uid()) && outside(maps.groups(), self.gid());
    }

    private static boolean outside(List<IdRange> map, long id) {
        for (IdRange range : map) {
            if (range.containsOutside(id)) {
                return true;
            }
        }
        return false;
    }

    /** Id 0 where it is mapped, else the first id of the first line. */
    private static long lowest(List<IdRange> map) {
        return inside(map, 0).isPresent() ? 0 : map.get(0).inside();
    }

    private Map<String, Object> tree(boolean setgroups) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("uid", SpecJson.ranges(maps.users()));
        tree.put("gid", SpecJson.ranges(maps.groups()));
        tree.put("setgroups", setgroups ? "allow" : "deny");
        if (maps.how() == How.BLOCK) {
            Map<String, Object> block = new LinkedHashMap<>();
            block.put("directory", maps.directory());
            block.put("bases", maps.bases());
            tree.put("block", block);
        } else if (maps.how() == How.TOOLS) {
            tree.put("newuidmap", maps.newuidmap());
            tree.put("newgidmap", maps.newgidmap());
        }
        return tree;
    }
}
