package io.nsjob.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The options about user and group ids, written into a job spec. */
final class IdMapOptions {
    private static final String AUTO = "auto";

    private IdMapOptions() {}

    /** Effective ids of whoever runs nsjob. */
    record Caller(long uid, long gid) {
        static Caller current() throws IOException {
            long uid = -1;
            long gid = -1;
            for (String line : Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1).split("\n")) {
                if (line.startsWith("Uid:")) {
                    uid = Long.parseLong(line.split("\t")[2]);
                } else if (line.startsWith("Gid:")) {
                    gid = Long.parseLong(line.split("\t")[2]);
                }
            }
            return new Caller(uid, gid);
        }
    }

    static void apply(RunLine line, Caller caller, Map<String, Object> spec) throws UsageException {
        Map<String, Object> idMap = new LinkedHashMap<>();
        List<Object> users = ranges(line, RunOption.MAP_USERS);
        List<Object> groups = ranges(line, RunOption.MAP_GROUPS);
        boolean auto = line.has(RunOption.MAP_AUTO) || asksForAuto(line);
        exclude(line, auto);
        if (auto) {
            idMap.put("preset", AUTO);
        } else if (users.isEmpty() && groups.isEmpty() && line.has(RunOption.MAP_ROOT)) {
            idMap.put("preset", "root");
        } else if (users.isEmpty() && groups.isEmpty() && line.has(RunOption.MAP_CURRENT)) {
            idMap.put("preset", "current");
        } else {
            addCaller(line, caller, users, groups);
        }
        putUnlessEmpty(idMap, "users", users);
        putUnlessEmpty(idMap, "groups", groups);
        boolean mapped = !idMap.isEmpty();
        if (line.has(RunOption.SETGROUPS)) {
            String word = Values.word(RunOption.SETGROUPS, line.value(RunOption.SETGROUPS).orElseThrow(), List.of("allow", "deny"));
            idMap.put("setgroups", word);
        }
        if (!idMap.isEmpty()) {
            SpecAssembler.object(spec, "idMap").putAll(idMap);
        }
        if (mapped) {
            implyUserNamespace(spec);
        }
        runAs(line, spec);
    }

    private static void implyUserNamespace(Map<String, Object> spec) throws UsageException {
        Object before = SpecAssembler.object(spec, "namespaces").put("user", "new");
        if (before instanceof Map) {
            throw new UsageException("run: ids can be mapped in a new user namespace only, not in a joined one");
        }
    }

    private static boolean asksForAuto(RunLine line) {
        return line.values(RunOption.MAP_USERS).contains(AUTO) || line.values(RunOption.MAP_GROUPS).contains(AUTO);
    }

    private static List<Object> ranges(RunLine line, RunOption option) throws UsageException {
        List<Object> ranges = new ArrayList<>();
        for (String typed : line.values(option)) {
            if (!typed.equals(AUTO)) {
                ranges.add(Values.range(option, typed));
            }
        }
        return ranges;
    }

    private static void exclude(RunLine line, boolean auto) throws UsageException {
        boolean single = line.has(RunOption.MAP_USER) || line.has(RunOption.MAP_GROUP);
        if (line.has(RunOption.MAP_ROOT) && (line.has(RunOption.MAP_CURRENT) || single)) {
            throw new UsageException("run: --map-root-user excludes --map-current-user, --map-user and --map-group");
        }
        if (line.has(RunOption.MAP_CURRENT) && single) {
            throw new UsageException("run: --map-current-user excludes --map-user and --map-group");
        }
        if (auto && (line.has(RunOption.MAP_CURRENT) || single)) {
            throw new UsageException("run: an automatic map has the caller at inside 0; it excludes --map-current-user,"
                + " --map-user and --map-group");
        }
    }

    /** Beside explicit ranges, or by number, the caller's own id is one more line of the map, as in unshare(1). */
    private static void addCaller(RunLine line, Caller caller, List<Object> users, List<Object> groups) throws UsageException {
        if (line.has(RunOption.MAP_ROOT)) {
            users.add(0, Values.range(0, caller.uid(), 1));
            groups.add(0, Values.range(0, caller.gid(), 1));
        } else if (line.has(RunOption.MAP_CURRENT)) {
            users.add(0, Values.range(caller.uid(), caller.uid(), 1));
            groups.add(0, Values.range(caller.gid(), caller.gid(), 1));
        }
        if (line.has(RunOption.MAP_USER)) {
            long inside = Values.id(RunOption.MAP_USER, line.value(RunOption.MAP_USER).orElseThrow());
            users.add(0, Values.range(inside, caller.uid(), 1));
        }
        if (line.has(RunOption.MAP_GROUP)) {
            long inside = Values.id(RunOption.MAP_GROUP, line.value(RunOption.MAP_GROUP).orElseThrow());
            groups.add(0, Values.range(inside, caller.gid(), 1));
        }
    }

    private static void runAs(RunLine line, Map<String, Object> spec) throws UsageException {
        Map<String, Object> user = new LinkedHashMap<>();
        if (line.has(RunOption.RUN_AS)) {
            String[] ids = line.value(RunOption.RUN_AS).orElseThrow().split(":");
            user.put("uid", Values.id(RunOption.RUN_AS, ids[0]));
            user.put("gid", Values.id(RunOption.RUN_AS, ids[ids.length - 1]));
        }
        if (line.has(RunOption.SET_UID)) {
            long uid = Values.id(RunOption.SET_UID, line.value(RunOption.SET_UID).orElseThrow());
            user.put("uid", uid);
            user.putIfAbsent("gid", uid);
        }
        if (line.has(RunOption.SET_GID)) {
            user.put("gid", Values.id(RunOption.SET_GID, line.value(RunOption.SET_GID).orElseThrow()));
        }
        if (user.isEmpty()) {
            return;
        }
        Map<String, Object> inSpec = SpecAssembler.object(spec, "user");
        inSpec.putAll(user);
        if (!inSpec.containsKey("uid")) {
            throw new UsageException("run: --setgid needs --setuid beside it");
        }
    }

    private static void putUnlessEmpty(Map<String, Object> idMap, String field, List<Object> ranges) {
        if (!ranges.isEmpty()) {
            idMap.put(field, ranges);
        }
    }
}
