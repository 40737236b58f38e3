package io.nsjob;

import java.util.function.BiConsumer;

/** The rules of what is collected. The bounds are the helper's. */
final class CollectRules {
    private static final int MAX_ENTRIES = 64;
    private static final long MAX_FILES = 1_000_000;
    private static final long MAX_BYTES = 1L << 60;
    /** The largest byte array that the JDK allocates. */
    private static final long MAX_IN_MEMORY = Integer.MAX_VALUE - 8L;

    private CollectRules() {
    }

    static void check(SpecFields spec, BiConsumer<String, String> violation) {
        if (spec.collect.size() > MAX_ENTRIES) {
            violation.accept("$.collect", "has more than " + MAX_ENTRIES + " entries");
        }
        for (int i = 0; i < spec.collect.size(); i++) {
            check(spec.collect.get(i), "$.collect[" + i + "]", violation);
        }
    }

    private static void check(Collect one, String field, BiConsumer<String, String> violation) {
        TextRules.place(field + ".from", one.from(), violation);
        long most = one.to().isPresent() ? MAX_BYTES : MAX_IN_MEMORY;
        if (one.maxBytes() < 0 || one.maxBytes() > most) {
            violation.accept(field + ".maxBytes", "must be 0 to " + most);
        }
        if (one.maxFiles() < 1 || one.maxFiles() > MAX_FILES) {
            violation.accept(field + ".maxFiles", "must be 1 to " + MAX_FILES);
        }
        if (one.to().isPresent() && one.to().get().toAbsolutePath().normalize().getFileName() == null) {
            violation.accept(field + ".to", "must not be /");
        }
    }
}
