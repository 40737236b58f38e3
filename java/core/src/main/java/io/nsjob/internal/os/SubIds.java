package io.nsjob.internal.os;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ranges of ids that newuidmap(1) or newgidmap(1) may map, see subuid(5).
 *
 * @param entries the lines of the file
 */
public record SubIds(List<Entry> entries) {
    /** Copies the list. */
    public SubIds {
        entries = List.copyOf(entries);
    }

    /**
     * One range.
     *
     * @param owner a user's name or uid
     * @param start its first id
     * @param count how many
     */
    public record Entry(String owner, long start, long count) {
    }

    static SubIds read(Path file) {
        List<Entry> entries = new ArrayList<>();
        for (String line : ProcText.lines(file)) {
            String[] parts = line.trim().split(":", -1);
            if (parts.length == 3) {
                Optional<Long> start = ProcText.number(parts[1]);
                Optional<Long> count = ProcText.number(parts[2]);
                if (start.isPresent() && count.isPresent() && count.get() > 0) {
                    entries.add(new Entry(parts[0], start.get(), count.get()));
                }
            }
        }
        return new SubIds(entries);
    }

    /**
     * The ranges of one user.
     *
     * @param uid the user's id
     * @param name the user's name, where there is one
     * @return in the order of the file
     */
    public List<Entry> of(long uid, Optional<String> name) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.owner().equals(Long.toString(uid)) || entry.owner().equals(name.orElse(null))) {
                found.add(entry);
            }
        }
        return found;
    }

    boolean overlaps(long base, long size) {
        for (Entry entry : entries) {
            if (entry.start() < base + size && base < entry.start() + entry.count()) {
                return true;
            }
        }
        return false;
    }
}
