package io.nsjob.internal.wire;

import io.nsjob.Collect;
import io.nsjob.JobSpec;
import io.nsjob.Sizes;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a job spec says about results, from and to JSON. */
final class CollectJson {
    private CollectJson() {
    }

    static void read(Fields root, JobSpec.Builder spec) {
        for (Fields entry : root.objects("collect")) {
            Optional<Collect> one = read(entry);
            if (one.isPresent()) {
                spec.collect(one.get());
            }
        }
    }

    private static Optional<Collect> read(Fields entry) {
        String from = entry.text("from");
        Optional<Path> to = to(entry);
        Long bytes = entry.size("maxBytes");
        Long files = entry.integer("maxFiles");
        Boolean optional = entry.bool("optional");
        entry.refuseOthers();
        return from == null ? Optional.empty() : Optional.of(new Collect(from, to, bytes == null ? Collect.DEFAULT_BYTES : bytes,
            files == null ? Collect.DEFAULT_FILES : files, Boolean.TRUE.equals(optional)));
    }

    private static Optional<Path> to(Fields entry) {
        String to = entry.string("to");
        if (to == null) {
            return Optional.empty();
        }
        try {
            if (!to.isEmpty()) {
                return Optional.of(Path.of(to));
            }
            entry.problem("to", "must not be empty");
        } catch (InvalidPathException e) {
            entry.problem("to", "is not a path in this locale");
        }
        return Optional.empty();
    }

    static void write(JobSpec spec, Map<String, Object> tree) {
        List<Map<String, Object>> list = spec.collect().stream().map(CollectJson::tree).toList();
        if (!list.isEmpty()) {
            tree.put("collect", list);
        }
    }

    private static Map<String, Object> tree(Collect one) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("from", one.from());
        one.to().ifPresent(to -> tree.put("to", to.toString()));
        tree.put("maxBytes", Sizes.format(one.maxBytes()));
        tree.put("maxFiles", one.maxFiles());
        if (one.optional()) {
            tree.put("optional", true);
        }
        return tree;
    }
}
