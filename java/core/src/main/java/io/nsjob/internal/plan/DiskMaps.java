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
        Optional<Owner> owner = host.owner(bind.source());
        // Only root can map ids; a user's own files are the job's anyway.
        if (bind.idMapping() == IdMapping.NONE || caller.caller() == Caller.USER || owner.isEmpty() || uid.isEmpty()
                || gid.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("required", bind.idMapping() == IdMapping.REQUIRED);
        map.put("uid", range(owner.get().uid(), uid.getAsLong()));
        map.put("gid", range(owner.get().gid(), gid.getAsLong()));
        return Optional.of(map);
    }

    private static Map<String, Object> range(long disk, long inside) {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("disk", disk);
        range.put("inside", inside);
        range.put("count", 1L);
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
            obstacle(bind).ifPresent(why -> lines.add("ids: those of " + bind.target() + " are as on disk: " + why));
        }
        return lines;
    }
}
