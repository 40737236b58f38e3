package io.nsjob.internal.plan;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceMode;
import io.nsjob.RootKind;
import io.nsjob.internal.os.CgroupPlaces;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.wire.JsonTemplate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A plan that was compiled, written once as JSON, with holes for what differs from start to start: the job's name, wherever it is,
 * the blocks of ids that are offered, and the names of its cgroups.
 */
final class PlanTemplate {
    private static final int NANOS_IN_MILLI = 1_000_000;

    private final CompiledPlan first;
    private final HostFacts facts;
    private final Map<String, Object> tree;
    private final JsonTemplate json;

    /** Which value belongs into a hole; the text is what else there is to know. */
    private record Hole(What what, String text) implements JsonTemplate.Hole {
        enum What { JOB, HOSTS, BASES, CGROUP }
    }

    private PlanTemplate(CompiledPlan first, HostFacts facts, Map<String, Object> tree) {
        this.first = first;
        this.facts = facts;
        this.tree = tree;
        json = JsonTemplate.of(tree);
    }

    /**
     * Whether another start may have the same plan some seconds later. Not where more of the machine is in it than ids, limits and
     * the shape of its file tree: processes, sockets, owners of directories, devices.
     */
    static boolean isLasting(JobSpec spec) {
        for (NamespaceMode mode : spec.namespaces().values()) {
            if (!(mode instanceof NamespaceMode.Inherit) && !(mode instanceof NamespaceMode.New fresh && fresh.copyOf().isEmpty())) {
                return false;
            }
        }
        for (Bind bind : spec.binds()) {
            if (bind.idMapping() != IdMapping.NONE) {
                return false;
            }
        }
        // Two that differ by less than is written down would be taken for the same.
        if (isFine(spec.monotonicOffset()) || isFine(spec.boottimeOffset()) || isFine(spec.wallTime()) || isFine(spec.killGrace())
            || isFine(spec.setupTime()) || isFine(spec.cpuTime())) {
            return false;
        }
        boolean root = spec.rootKind() == RootKind.HOST || spec.rootKind() == RootKind.MINIMAL;
        return root && spec.chroot().isEmpty() && spec.workspace().isEmpty() && spec.overlays().isEmpty() && spec.pins().isEmpty()
            && spec.resources().io().isEmpty() && spec.resources().cpusetCpus().isEmpty() && spec.resources().cpusetMems().isEmpty();
    }

    private static boolean isFine(Optional<Duration> duration) {
        return duration.isPresent() && duration.get().getNano() % NANOS_IN_MILLI != 0;
    }

    /**
     * Makes a template.
     *
     * @param spec for which {@link #isLasting} holds
     * @param facts with which it was compiled
     * @param compiled for a start with a name that is nowhere else
     * @return empty when the name is somewhere unexpected
     */
    static Optional<PlanTemplate> of(JobSpec spec, HostFacts facts, CompiledPlan compiled) {
        Map<String, Object> tree = new LinkedHashMap<>(compiled.plan());
        Hole job = new Hole(Hole.What.JOB, "");
        tree.put("job", job);
        if (spec.hostname().isEmpty()) {
            tree.computeIfPresent("hostname", (field, value) -> job);
            tree.computeIfPresent("mounts", (field, steps) -> mounts((List<?>) steps, compiled.job()));
        }
        tree.computeIfPresent("idMaps", (field, maps) -> idMaps((Map<?, ?>) maps));
        tree.computeIfPresent("cgroups", (field, list) -> cgroups((List<?>) list, compiled.cgroups()));
        PlanTemplate template = new PlanTemplate(compiled, facts, tree);
        return spec.name().isEmpty() && template.json.contains(compiled.job()) ? Optional.empty() : Optional.of(template);
    }

    private static Map<String, Object> with(Map<?, ?> map, String field, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((name, old) -> copy.put((String) name, name.equals(field) ? value : old));
        return copy;
    }

    private static Object mounts(List<?> steps, String job) {
        List<Object> copy = new ArrayList<>(steps);
        for (int i = 0; i < copy.size(); i++) {
            Map<?, ?> step = (Map<?, ?>) copy.get(i);
            if ("file".equals(step.get("op")) && EtcFiles.HOSTS.equals(step.get("target"))) {
                String text = new String(Base64.getDecoder().decode((String) step.get("base64")), StandardCharsets.ISO_8859_1);
                String ours = EtcFiles.hosts(job, "");
                if (text.startsWith(ours)) {
                    copy.set(i, with(step, "base64", new Hole(Hole.What.HOSTS, text.substring(ours.length()))));
                }
            }
        }
        return copy;
    }

    private static Object idMaps(Map<?, ?> maps) {
        return maps.get("block") instanceof Map<?, ?> block
            ? with(maps, "block", with(block, "bases", new Hole(Hole.What.BASES, ""))) : maps;
    }

    private static Object cgroups(List<?> list, List<Path> directories) {
        List<Object> copy = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            copy.add(with((Map<?, ?>) list.get(i), "directory", new Hole(Hole.What.CGROUP, directories.get(i).getParent().toString())));
        }
        return copy;
    }

    /** The plan for another start. */
    CompiledPlan fill(String name) {
        String cgroup = CgroupPlaces.newName();
        List<Path> directories = new ArrayList<>(first.cgroups().size());
        for (Path directory : first.cgroups()) {
            directories.add(directory.resolveSibling(cgroup));
        }
        List<Object> values = new ArrayList<>(json.holes().size());
        for (JsonTemplate.Hole hole : json.holes()) {
            values.add(value((Hole) hole, name, cgroup));
        }
        return new CompiledPlan(first, this, name, directories, values);
    }

    private Object value(Hole hole, String job, String cgroup) {
        return switch (hole.what()) {
            case JOB -> job;
            case HOSTS -> Base64.getEncoder().encodeToString(EtcFiles.hosts(job, hole.text()).getBytes(StandardCharsets.ISO_8859_1));
            case BASES -> IdBlocks.offered(facts, job);
            case CGROUP -> hole.text() + (hole.text().endsWith("/") ? "" : "/") + cgroup;
        };
    }

    /** How many bytes it has without what goes into the holes. */
    int size() {
        return json.size();
    }

    boolean has(String field) {
        return tree.containsKey(field);
    }

    byte[] bytes(List<?> values) {
        return json.fill(values);
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> tree(List<?> values) {
        return (Map<String, Object>) filled(tree, new ArrayList<>(values));
    }

    /** Takes the values one after the other, as their holes are met. */
    private static Object filled(Object value, List<?> left) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((name, field) -> copy.put((String) name, filled(field, left)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            list.forEach(element -> copy.add(filled(element, left)));
            return copy;
        }
        return value instanceof Hole ? left.remove(0) : value;
    }
}
