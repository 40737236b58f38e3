package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.os.HostTree.Owner;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.Identity.Caller;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** From whom to whom the ids of a bind are mapped: from its source's owner to the job. */
final class DiskMaps {
    private final Identity caller;
    private final OptionalLong uid;
    private final OptionalLong gid;
    private final HostTree host;

    /**
     * For a job with these ids.
     *
     * @param caller who starts it
     * @param uid the job's user id inside
     * @param gid the job's group id inside
     * @param host where the sources are
     */
    DiskMaps(Identity caller, OptionalLong uid, OptionalLong gid, HostTree host) {
        this.caller = caller;
        this.uid = uid;
        this.gid = gid;
        this.host = host;
    }

    /** The field {@code idMap} of a step; empty where ids stay as they are. */
    Optional<Map<String, Object>> of(Bind bind) {
        return of(bind.source(), bind.idMapping());
    }

    /** The same for a directory. */
    Optional<Map<String, Object>> of(String source, IdMapping mapping) {
        Optional<Owner> owner = host.owner(source);
        // Only root can map ids; a user's own files are the job's anyway.
        if (mapping == IdMapping.NONE || caller.caller() == Caller.USER || owner.isEmpty() || uid.isEmpty()
                || gid.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("required", mapping == IdMapping.REQUIRED);
        map.put("uid", range(owner.get().uid(), uid.getAsLong(), 1));
        map.put("gid", range(owner.get().gid(), gid.getAsLong(), 1));
        return Optional.of(map);
    }

    /** All ids of an image, as they are in it; empty where they cannot be mapped or there is no map from 0. */
    Optional<Map<String, Object>> image(IdPlan ids) {
        OptionalLong users = width(ids, "uid");
        OptionalLong groups = width(ids, "gid");
        if (caller.caller() == Caller.USER || users.isEmpty() || groups.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("required", true);
        map.put("uid", range(0, 0, users.getAsLong()));
        map.put("gid", range(0, 0, groups.getAsLong()));
        return Optional.of(map);
    }

    private static OptionalLong width(IdPlan ids, String kind) {
        Object lines = ids.idMaps().isPresent() && ids.idMaps().get().containsKey(kind) ? ids.idMaps().get().get(kind) : List.of();
        for (Object line : (List<?>) lines) {
            Map<?, ?> range = (Map<?, ?>) line;
            if (((Number) range.get("inside")).longValue() == 0) {
                return OptionalLong.of(((Number) range.get("count")).longValue());
            }
        }
        return OptionalLong.empty();
    }

    /** What of an image a job with these ids does not get. */
    Optional<String> foreign(JobSpec spec, IdPlan ids) {
        Optional<Owner> owner = spec.rootfs().isPresent() ? host.owner(spec.rootfs().get().directory()) : Optional.empty();
        boolean whole = width(ids, "uid").orElse(0) > 1;
        if (owner.isEmpty() || caller.caller() != Caller.USER || whole || owner.get().uid() == caller.uid()) {
            return Optional.empty();
        }
        return Optional.of("ids: the files of " + spec.rootfs().get().directory() + " belong to others than this user, who are nobody in the"
            + " job: it can change none of them; an image takes root, or a range of /etc/subuid in which it was unpacked");
    }

    private static Map<String, Object> range(long disk, long inside, long count) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("disk", disk);
        range.put("inside", inside);
        range.put("count", count);
        return range;
    }

    /** Why the ids of a bind cannot be mapped, as far as that is known before it is tried. */
    private Optional<String> obstacle(Bind bind) {
        Optional<Owner> owner = host.owner(bind.source());
        if (bind.idMapping() == IdMapping.NONE || owner.isEmpty()) {
            return Optional.empty();
        }
        if (caller.caller() != Caller.USER) {
            return uid.isPresent() && gid.isPresent() ? Optional.empty() : Optional.of("needs an id map of the job");
        }
        return owner.get().uid() == caller.uid() ? Optional.empty()
            : Optional.of(bind.source() + " belongs to uid " + owner.get().uid() + ", and only root can map its ids to the job");
    }

    /** Notes what is required and cannot be. */
    void check(JobSpec spec, List<String> violations) {
        for (int i = 0; i < spec.binds().size(); i++) {
            String field = "$.filesystem.binds[" + i + "].idMap: ";
            if (spec.binds().get(i).idMapping() == IdMapping.REQUIRED) {
                obstacle(spec.binds().get(i)).ifPresent(why -> violations.add(field + why + "; \"try\" goes on without"));
            }
        }
    }

    /** What was tried in vain before it was tried. */
    List<String> weakened(JobSpec spec) {
        List<String> lines = new ArrayList<>();
        for (Bind bind : spec.binds()) {
            Optional<String> why = obstacle(bind);
            if (why.isPresent()) {
                lines.add("ids: those of " + bind.target() + " are as on disk: " + why.get());
            }
        }
        return lines;
    }
}
