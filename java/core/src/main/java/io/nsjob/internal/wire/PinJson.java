package io.nsjob.internal.wire;

import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespacePin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a job spec says about pinned namespaces, from and to JSON. */
final class PinJson {
    private PinJson() {
    }

    static void read(Fields root, JobSpec.Builder spec) {
        for (Fields entry : root.objects("pins")) {
            Optional<NamespaceKind> kind = entry.choice("kind", NamespaceKind.values(), NamespaceKind::kernelName);
            String path = entry.text("path");
            Boolean inside = entry.bool("inside");
            if (!entry.has("kind")) {
                entry.problem("kind", "is required");
            }
            entry.refuseOthers();
            if (kind.isPresent() && path != null) {
                spec.pin(new NamespacePin(kind.get(), path, Boolean.TRUE.equals(inside)));
            }
        }
    }

    static void write(JobSpec spec, Map<String, Object> tree) {
        List<Map<String, Object>> list = spec.pins().stream().map(PinJson::tree).toList();
        if (!list.isEmpty()) {
            tree.put("pins", list);
        }
    }

    private static Map<String, Object> tree(NamespacePin pin) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("kind", pin.kind().kernelName());
        tree.put("path", pin.path());
        if (pin.inside()) {
            tree.put("inside", true);
        }
        return tree;
    }
}
