package io.nsjob;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The eight namespaces of a job, beside those of the process that started it. */
public final class NamespaceReport {
    private final Map<NamespaceKind, Entry> entries = new EnumMap<>(NamespaceKind.class);

    /**
     * Makes a report.
     *
     * @param entries one of each kind
     */
    public NamespaceReport(List<Entry> entries) {
        for (Entry entry : entries) {
            this.entries.put(entry.kind(), entry);
        }
        if (entries.size() != NamespaceKind.values().length || this.entries.size() != entries.size()) {
            throw new IllegalArgumentException("not one entry of each kind");
        }
    }

    /**
     * One kind.
     *
     * @param kind which
     * @return its entry
     */
    public Entry get(NamespaceKind kind) {
        return entries.get(Objects.requireNonNull(kind, "kind"));
    }

    /**
     * All kinds.
     *
     * @return eight, in the order of {@link NamespaceKind}
     */
    public List<Entry> all() {
        return List.copyOf(new ArrayList<>(entries.values()));
    }

    @Override
    public String toString() {
        return entries.values().toString();
    }

    /** How the job came by a namespace. */
    public enum Mode {
        /** It is the caller's. */
        INHERIT,
        /** It was made for the job. */
        NEW,
        /** It existed and was entered. */
        JOIN;

        /**
         * The name in reports.
         *
         * @return such as {@code new}
         */
        public String jsonName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One namespace of the job.
     *
     * @param kind which kind
     * @param inode the inode of the job's
     * @param device the device of that inode
     * @param hostInode the inode of the caller's
     * @param hostDevice the device of that inode
     * @param mode how the job came by it
     * @param isolated whether the two differ
     */
    public record Entry(NamespaceKind kind, long inode, long device, long hostInode, long hostDevice, Mode mode,
            boolean isolated) {
        /** Checks that nothing is missing. */
        public Entry {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(mode, "mode");
        }
    }
}
