package io.nsjob.internal.plan;

import io.nsjob.JobSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What of the results the helper is to send. */
final class CollectPlan {
    /** Enough for gigabytes from a disk; what takes longer hangs. */
    private static final Duration TIME = Duration.ofSeconds(30);
    /** No build goes deeper; a job that means harm does. */
    private static final int DEPTH = 64;

    private CollectPlan() {
    }

    static Optional<Map<String, Object>> of(JobSpec spec) {
        if (spec.collect().isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("millis", TIME.toMillis());
        tree.put("depth", DEPTH);
        tree.put("sources", spec.collect().stream().map(one -> {
            Map<String, Object> source = new LinkedHashMap<>();
            source.put("path", one.from());
            source.put("files", one.maxFiles());
            source.put("bytes", one.maxBytes());
            return source;
        }).toList());
        return Optional.of(tree);
    }
}
