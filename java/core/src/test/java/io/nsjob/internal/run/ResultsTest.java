package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Collect;
import io.nsjob.Collected;
import io.nsjob.SandboxException;
import io.nsjob.internal.wire.Event;
import io.nsjob.internal.wire.ProtocolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from the helper, and where it ends up: names and places are an attacker's. */
@Timeout(120)
class ResultsTest {
    @TempDir
    Path directory;
    private Path canary;

    @BeforeEach
    void canary() throws IOException {
        canary = Files.writeString(Files.createDirectory(directory.resolve("outside")).resolve("canary"), "canary");
    }

    private Results open(Collect... asked) throws SandboxException {
        return Results.open(List.of(asked));
    }

    private static void file(Results results, String path, String content) throws ProtocolException {
        file(results, path, content, 0644);
    }

    private static void file(Results results, String path, String content, int mode) throws ProtocolException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        results.take(new Event.FileBegins(0, path, bytes.length, mode));
        for (byte one : bytes) {
            results.take(new Event.Content(new byte[] {one}));
        }
    }

    private static List<String> skipped(Results results) {
        return results.collected().orElseThrow().skipped().stream().map(one -> one.path() + " " + one.reason()).toList();
    }

    private Path to() {
        return directory.resolve("made/here");
    }

    private void assertOutsideIsUntouched() throws IOException {
        assertEquals("canary", Files.readString(canary));
        try (Stream<Path> there = Files.list(canary.getParent())) {
            assertEquals(List.of(canary), there.toList());
        }
    }

    @Test
    void inMemory() throws Exception {
        Results results = open(Collect.inMemory("/out"));
        file(results, "a", "one");
        file(results, "sub/b", "");
        assertArrayEquals("one".getBytes(StandardCharsets.UTF_8), results.inMemory().get("/out/a"));
        assertEquals(List.of("/out/a", "/out/sub/b"), new ArrayList<>(results.inMemory().keySet()));
        assertEquals(new Collected(2, 3, List.of()), results.collected().orElseThrow());
    }

    @Test
    void directoriesLandInTheDestination() throws Exception {
        Results results = open(Collect.to("/out", to()));
        file(results, "a", "one", 06755);
        file(results, "sub/deeper/b", "two", 0600);
        results.close();
        assertEquals("one", Files.readString(to().resolve("a")));
        assertEquals("two", Files.readString(to().resolve("sub/deeper/b")));
        assertEquals(0755 & ~umask(), (int) Files.getAttribute(to().resolve("a"), "unix:mode", java.nio.file.LinkOption.NOFOLLOW_LINKS) & 07777);
        try (Stream<Path> all = Files.walk(to())) {
            assertEquals(5, all.count(), "a temporary file is left");
        }
    }

    private int umask() throws IOException {
        Path probe = Files.createDirectory(directory.resolve("probe"));
        return 0777 & ~((int) Files.getAttribute(probe, "unix:mode") & 0777);
    }

    @Test
    void aFileBecomesTheFileOrGoesIntoTheDirectory() throws Exception {
        Results results = open(Collect.to("/out/name", to()));
        file(results, "", "one");
        assertEquals("one", Files.readString(to()));
        file(results, "", "two");
        assertEquals("two", Files.readString(to()), "a file that is there is replaced");
        Files.delete(to());
        Files.createDirectory(to());
        file(results, "", "three");
        assertEquals("three", Files.readString(to().resolve("name")));
        results.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../outside/canary", "a/../../outside/canary", "/outside/canary", "a//b", ".", "a/.", "a/",
        "new\nline", "esc\033[2J", "del\177", "c1\u0085", "bidi\u202e", "line\u2028"})
    void namesThatAreNone(String name) throws Exception {
        for (Collect asked : List.of(Collect.to("/out", to()), Collect.inMemory("/out"))) {
            Results results = open(asked);
            file(results, name, "attack");
            file(results, "good", "good");
            assertEquals(List.of("/out/" + name + " name"), skipped(results));
            assertEquals(1, results.collected().orElseThrow().files());
            results.close();
        }
        assertOutsideIsUntouched();
    }

    @Test
    void linksInTheDestinationAreNotFollowed() throws Exception {
        Files.createDirectories(to());
        Files.createSymbolicLink(to().resolve("dir"), canary.getParent());
        Files.createSymbolicLink(to().resolve("file"), canary);
        Files.createSymbolicLink(directory.resolve("made/link"), canary.getParent());
        Results results = open(Collect.to("/out", to()));
        file(results, "dir/canary", "attack");
        file(results, "dir/new", "attack");
        file(results, "file", "replaces the link");
        assertEquals(2, skipped(results).stream().filter(line -> line.startsWith("/out/dir/") && line.contains(" destination: ")).count());
        assertFalse(Files.isSymbolicLink(to().resolve("file")));
        results.close();
        Results link = open(Collect.to("/out", directory.resolve("made/link")));
        file(link, "canary", "attack");
        assertEquals(1, skipped(link).size());
        link.close();
        assertOutsideIsUntouched();
        // The control: an ordinary write does follow them.
        Files.writeString(to().resolve("dir/new"), "x");
        assertTrue(Files.exists(canary.resolveSibling("new")));
    }

    @Test
    void theDirectoryIsTheOneThatWasThereAtTheBeginning() throws Exception {
        Results results = open(Collect.to("/out/file", to()));
        Files.move(directory.resolve("made"), directory.resolve("moved"));
        Files.createSymbolicLink(directory.resolve("made"), canary.getParent());
        file(results, "", "one");
        assertEquals("one", Files.readString(directory.resolve("moved/here")));
        results.close();
        assertOutsideIsUntouched();
    }

    @Test
    void directoriesAreMadeInTheOneThatWasThereAtTheBeginning() throws Exception {
        Results results = open(Collect.to("/out", to()));
        Files.move(directory.resolve("made"), directory.resolve("moved"));
        Files.createSymbolicLink(directory.resolve("made"), canary.getParent());
        file(results, "sub/deeper/a", "one");
        assertEquals(List.of(), skipped(results));
        results.close();
        assertEquals("one", Files.readString(directory.resolve("moved/here/sub/deeper/a")));
        assertOutsideIsUntouched();
    }

    /** In a JVM of another locale that is every name beyond ASCII; half a surrogate pair is one in all. */
    @Test
    void aNameThatThisLocaleCannotWriteIsLeftOut() throws Exception {
        Results results = open(Collect.to("/out", to()));
        file(results, "half\ud800", "one");
        file(results, "half\ud800/a", "one");
        file(results, "good", "good");
        assertEquals(2, skipped(results).stream().filter(line -> line.contains(" destination: this locale")).count(),
            skipped(results).toString());
        assertEquals("good", Files.readString(to().resolve("good")));
        results.close();
    }

    @Test
    void aFifoInTheDestinationDoesNotBlock() throws Exception {
        Files.createDirectories(to());
        for (String name : List.of("dir", "file")) {
            assertEquals(0, new ProcessBuilder("mkfifo", to().resolve(name).toString()).start().waitFor());
        }
        Results results = open(Collect.to("/out", to()));
        file(results, "dir/a", "one");
        file(results, "file", "two");
        assertEquals(1, skipped(results).size(), skipped(results).toString());
        assertEquals("two", Files.readString(to().resolve("file")));
        results.close();
    }

    @Test
    void aDirectoryInTheWayOfAFileStays() throws Exception {
        Files.createDirectories(to().resolve("name"));
        Results results = open(Collect.to("/out", to()));
        file(results, "name", "one");
        assertTrue(skipped(results).get(0).startsWith("/out/name destination: "), skipped(results).toString());
        results.close();
        try (Stream<Path> all = Files.list(to())) {
            assertEquals(List.of(to().resolve("name")), all.toList());
        }
    }

    @Test
    void whatIsCutOffIsNotKept() throws Exception {
        Results results = open(Collect.to("/out", to()), Collect.inMemory("/other"));
        results.take(new Event.FileBegins(0, "a", 10, 0644));
        results.take(new Event.Content(new byte[5]));
        results.take(new Event.Skipped(OptionalLong.of(0), "a", "changed"));
        results.take(new Event.FileBegins(1, "b", 10, 0644));
        results.take(new Event.Skipped(OptionalLong.empty(), "", "time"));
        results.take(new Event.FileBegins(1, "c", 10, 0644));
        assertEquals(List.of("/out/a changed", "/other/b incomplete", "/ time", "/other/c incomplete"), skipped(results));
        results.close();
        assertEquals(0, results.inMemory().size());
        assertFalse(Files.exists(to().resolve("a")));
    }

    @Test
    void nothingThereIsAllRightWhereItIsOptional() throws Exception {
        Results results = open(new Collect("/a", java.util.Optional.empty(), 1, 1, true), Collect.inMemory("/b"));
        results.take(new Event.Skipped(OptionalLong.of(0), "", "missing"));
        results.take(new Event.Skipped(OptionalLong.of(1), "", "missing"));
        assertEquals(List.of("/b missing"), skipped(results));
        Results link = open(new Collect("/a", java.util.Optional.empty(), 1, 1, true));
        link.take(new Event.Skipped(OptionalLong.of(0), "", "symlink"));
        assertEquals(List.of("/a symlink"), skipped(link));
    }

    @Test
    void aHelperThatSendsMoreThanItMayIsNotBelieved() throws Exception {
        Collect small = Collect.inMemory("/out").within(3, 2);
        assertThrows(ProtocolException.class, () -> file(open(small), "a", "four"));
        assertThrows(ProtocolException.class, () -> open(small).take(new Event.FileBegins(0, "a", Long.MAX_VALUE, 0)));
        assertThrows(ProtocolException.class, () -> open(small).take(new Event.FileBegins(1, "a", 0, 0)));
        assertThrows(ProtocolException.class, () -> open(small).take(new Event.Content(new byte[1])));
        assertThrows(ProtocolException.class, () -> open().take(new Event.Skipped(OptionalLong.of(0), "", "missing")));
        Results results = open(small);
        results.take(new Event.FileBegins(0, "a", 1, 0));
        assertThrows(ProtocolException.class, () -> results.take(new Event.Content(new byte[2])));
        Results many = open(small);
        file(many, "a", "");
        file(many, "b", "");
        assertThrows(ProtocolException.class, () -> file(many, "c", ""));
    }

    @Test
    void aDestinationThatCannotBeIsSaidBeforeTheJobRuns() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        SandboxException e = assertThrows(SandboxException.class, () -> open(Collect.to("/out", file.resolve("below"))));
        assertEquals("collect", e.stage());
        assertTrue(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).startsWith("rw"));
    }
}
