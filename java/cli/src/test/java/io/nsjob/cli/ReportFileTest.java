package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFileTest {
    @TempDir
    Path dir;

    private List<String> names() throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesAndLeavesNothingElse() throws IOException {
        Path file = dir.resolve("r.json");
        ReportFile.write(file, "{}");
        ReportFile.write(file, "{\"a\":1}");
        assertEquals("{\"a\":1}\n", Files.readString(file));
        assertEquals(List.of("r.json"), names());
    }

    @Test
    void followsALink() throws IOException {
        Path file = Files.createFile(dir.resolve("r.json"));
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("r.json"));
        ReportFile.write(link, "{}");
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("{}\n", Files.readString(file));
    }

    @Test
    void writesIntoDevices() throws IOException {
        ReportFile.write(Path.of("/dev/null"), "{}");
        assertTrue(Files.exists(Path.of("/dev/null")) && !Files.isRegularFile(Path.of("/dev/null")));
    }

    @Test
    void failsForAMissingDirectory() {
        assertThrows(IOException.class, () -> ReportFile.write(dir.resolve("no/r.json"), "{}"));
    }

    @Test
    void failsForADirectoryAndLeavesNothing() throws IOException {
        assertThrows(IOException.class, () -> ReportFile.write(dir, "{}"));
        assertEquals(List.of(), names());
    }
}
