package io.nsjob;

import io.nsjob.internal.os.NamespaceReader;
import io.nsjob.internal.run.JobRecords;
import java.io.IOException;
import java.util.Map;

/**
 * Looks at the namespaces of this machine. Reads /proc alone, needs no privilege, and says how much it could not see; see
 * namespaces(7), proc_pid_ns(5), ioctl_nsfs(2). The first call loads JNA, which takes a tenth of a second. May be called from any
 * thread, best not from a virtual one: it reads thousands of small files.
 */
public final class Namespaces {
    private Namespaces() {
    }

    /**
     * Every namespace that can be seen: those of processes, those held by their descriptors or for their children, those pinned by
     * bind mounts, and their ancestors and owners. What changes meanwhile may be half in it.
     *
     * @return the map
     */
    public static NamespaceMap read() {
        return NamespaceReader.read(JobRecords.list());
    }

    /**
     * The namespaces of one process.
     *
     * @param pid as this caller sees it
     * @return the inode of each kind that this kernel has
     * @throws IOException when there is no such process, or this caller may not look at it
     */
    public static Map<NamespaceKind, Long> of(long pid) throws IOException {
        return NamespaceReader.of(Long.toString(pid));
    }
}
