package io.nsjob.cli.explain;

import io.nsjob.NamespaceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The stages about ids of init. */
final class IdStages {
    private static final int MOST_LINES = 4;

    private IdStages() {}

    static Stages.Stage idMap(Work work) {
        if (!work.isNew(NamespaceKind.USER)) {
            return null;
        }
        Map<String, Object> maps = Tree.map(work.plan(), "idMaps");
        List<String> calls = new ArrayList<>();
        String tool = Tree.text(maps, "newuidmap");
        if (Tree.text(maps, "setgroups").equals("deny")) {
            calls.add("write(\"/proc/PID/setgroups\", \"deny\")");
        }
        for (String kind : List.of("gid", "uid")) {
            List<Map<String, Object>> lines = Tree.maps(maps, kind);
            for (Map<String, Object> line : lines.subList(0, Math.min(MOST_LINES, lines.size()))) {
                calls.add(tool.isEmpty() ? "write(\"/proc/PID/" + kind + "_map\", \"" + line(line, work.hasBlock()) + "\")"
                    : "execve(\"" + Tree.text(maps, "new" + kind + "map") + "\", PID " + line(line, false) + ")");
            }
            if (lines.size() > MOST_LINES) {
                calls.add("and " + (lines.size() - MOST_LINES) + " lines more");
            }
        }
        return new Stages.Stage("id-map", "supervisor", calls, calls.isEmpty() ? "nothing is mapped: the job is nobody inside"
            : "inside, outside, count; root of the host is never among them" + (tool.isEmpty() ? ""
            : "; the set-user-id tools look into /etc/subuid"));
    }

    private static String line(Map<String, Object> line, boolean block) {
        long outside = Tree.number(line, "outside");
        return Tree.number(line, "inside") + " " + (block ? outside == 0 ? "BASE" : "BASE+" + outside : Long.toString(outside))
            + " "
            + Tree.number(line, "count");
    }

    static Stages.Stage initIds(Work work) {
        Map<String, Object> init = Tree.map(work.plan(), "init");
        if (init.isEmpty()) {
            return new Stages.Stage("init-ids", "init", List.of("prctl(PR_SET_PDEATHSIG, SIGKILL)"),
                "it dies with its supervisor");
        }
        return new Stages.Stage("init-ids", "init", List.of("setresgid(" + Tree.number(init, "gid") + ")", "setresuid("
            + Tree.number(init, "uid") + ")", "prctl(PR_SET_PDEATHSIG, SIGKILL)"),
            "before anything of the user's is touched, init stops being root of the host; it dies with its supervisor");
    }
}
