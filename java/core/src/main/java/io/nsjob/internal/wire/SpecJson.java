package io.nsjob.internal.wire;

import io.nsjob.JobSpec;
import java.util.Map;

/** Skeleton. */
public final class SpecJson {
    private SpecJson() {
    }

    public static JobSpec read(String json) {
        throw new UnsupportedOperationException();
    }

    public static String schema() {
        throw new UnsupportedOperationException();
    }

    public static String write(JobSpec spec) {
        throw new UnsupportedOperationException();
    }

    public static Map<String, Object> tree(JobSpec spec, boolean values) {
        throw new UnsupportedOperationException();
    }

    public static String describe(JobSpec spec) {
        throw new UnsupportedOperationException();
    }
}
