package io.nsjob.internal.os;

import io.nsjob.JobRecord;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMap;
import io.nsjob.NamespaceReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes the map of this machine's namespaces. */
public final class NamespaceReader {
    private static final Path PROC = Path.of("/proc");

    private NamespaceReader() {
    }

    /**
     * Looks at everything.
     *
     * @param records of the jobs that have names
     * @return the map
     */
    public static NamespaceMap read(List<JobRecord> records) {
        NamespaceLinks links = new NamespaceLinks(PROC);
        links.scan();
        Map<Long, NamespaceDraft> found = links.found;
        records.forEach(record -> made(record).forEach(entry -> found.computeIfAbsent(entry.inode(), inode -> told(record, entry))));
        int unrelated;
        try {
            unrelated = new NamespaceRelations(found).read();
        } catch (LinkageError e) {
            // JNA unpacks its library into a directory, and there may be none that it can be run from.
            Log.warning(NamespaceReader.class, "owners and parents of namespaces cannot be asked for: " + e);
            unrelated = found.size();
        }
        List<NamespaceMap.MappedJob> jobs = new ArrayList<>();
        for (JobRecord record : records) {
            jobs.add(job(record, found));
        }
        return new NamespaceMap(found.values().stream().map(NamespaceDraft::info).toList(), self(), jobs,
            new NamespaceMap.Unread(links.unreadProcesses(), links.unreadDescriptors(), unrelated));
    }

    private static List<NamespaceReport.Entry> made(JobRecord record) {
        return record.namespaces().all().stream().filter(entry -> entry.mode() == NamespaceReport.Mode.NEW).toList();
    }

    /** What /proc does not show: before its exec a user's job is not for that user to look at. */
    private static NamespaceDraft told(JobRecord record, NamespaceReport.Entry entry) {
        NamespaceDraft draft = new NamespaceDraft(entry.kind(), entry.inode());
        draft.member(record.main().pid());
        draft.command = String.join(" ", record.command());
        return draft;
    }

    private static NamespaceMap.MappedJob job(JobRecord record, Map<Long, NamespaceDraft> found) {
        List<Long> made = made(record).stream().map(NamespaceReport.Entry::inode).toList();
        made.stream().filter(found::containsKey).forEach(inode -> found.get(inode).names.add(record.name()));
        return new NamespaceMap.MappedJob(record.name(), record.main().pid(), record.profile().jsonName(), record.command(), made,
            record.limits());
    }

    private static Map<NamespaceKind, Long> self() {
        try {
            return of("self");
        } catch (IOException e) {
            return Map.of();
        }
    }

    /**
     * The namespaces of one process.
     *
     * @param process its directory in /proc
     * @return inodes
     * @throws IOException when they cannot be read
     */
    public static Map<NamespaceKind, Long> of(String process) throws IOException {
        return NamespaceLinks.of(PROC.resolve(process));
    }
}
