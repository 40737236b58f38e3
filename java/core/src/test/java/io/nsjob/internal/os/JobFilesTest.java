package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFilesTest {
    private static final long UID = HostFacts.real().identity().uid();
    private static final long PID = ProcessHandle.current().pid();
    private static final long START = ProcStat.startTime(Path.of("/proc/self/stat")).orElseThrow();

    @TempDir
    Path base;

    @BeforeEach
    void privately() throws IOException {
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
    }

    private static String text(long pidNamespace) {
        return "{\n  \"pidNamespace\": " + pidNamespace + "\n}";
    }

    private Path write(String name, long pid, long start, long pidNamespace) throws IOException {
        Path path = JobFiles.path(base, name, pid, start);
        JobFiles.write(path, UID, text(pidNamespace));
        return path;
    }

    private List<String> names() {
        return JobFiles.list(List.of(base)).stream().map(JobFiles.Entry::name).sorted().toList();
    }

    @Test
    void onlyThoseOfRunningSupervisorsAreListedAndTheOthersSwept() throws IOException {
        long here = JobFiles.pidNamespace();
        assertTrue(here > 0);
        write("alive", PID, START, here);
        write("a.1-2", PID, START, here);
        Path reused = write("reused", PID, START + 1, here);
        Path gone = write("gone", 4_000_001, 5, here);
        Path elsewhere = write("elsewhere", 4_000_001, 5, here + 1);
        write("alive-elsewhere", PID, START, here + 1);
        Path notes = Files.writeString(base.resolve("jobs/notes.txt"), text(here));
        assertEquals(List.of("a.1-2", "alive"), names());
        assertEquals(List.of(gone.toString(), reused.toString()), new Sweeper(List.of(base)).gc().stream().sorted().toList());
        assertTrue(Files.exists(elsewhere) && Files.exists(notes));
        assertEquals(List.of("a.1-2", "alive"), names());
    }

    @Test
    void whatAWriterLeftUnfinishedIsNeverReadAndSweptWhenItIsOld() throws IOException {
        Path whole = write("job", 4_000_001, 5, JobFiles.pidNamespace());
        Path half = Files.writeString(whole.resolveSibling("job." + PID + "-" + START + ".tmp"), "{\n  \"pid");
        Path old = Files.writeString(whole.resolveSibling("old.4000001-5.tmp"), "{");
        Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() - 120_000));
        Path young = Files.writeString(whole.resolveSibling("young.4000001-5.tmp"), "{");
        assertEquals(List.of(), names());
        assertEquals(List.of(whole.toString(), old.toString()), JobFiles.sweep(List.of(base)).stream().sorted().toList());
        assertTrue(Files.exists(half) && Files.exists(young));
    }

    @Test
    void aReaderSeesAllOrNothingAndNobodyElseReads() throws Exception {
        long here = JobFiles.pidNamespace();
        Path path = write("job", PID, START, here);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())));
        String longText = text(here) + " ".repeat(100_000);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < 200; i++) {
                    JobFiles.write(path, UID, longText);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        do {
            String seen = JobFiles.list(List.of(base)).get(0).text();
            assertTrue(seen.equals(longText) || seen.equals(text(here)), () -> seen.length() + " bytes");
        } while (!writer.isDone());
        writer.join();
    }

    @Test
    void aDirectoryThatOthersMayWriteIsNotWrittenTo() throws IOException {
        Path jobs = Files.createDirectory(base.resolve("jobs"));
        Files.setPosixFilePermissions(jobs, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(IOException.class, () -> write("job", PID, START, 1));
    }
}
