package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notes of pins that are being made, and what becomes of them when their makers are gone. */
class PinFilesTest {
    @TempDir
    Path base;
    private long uid;

    @BeforeEach
    void privately() throws Exception {
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
        uid = HostFacts.real().identity().uid();
    }

    /** The same note, as if another process had made it, which has ended. */
    private Path abandoned(Path file) throws IOException {
        Path note = PinFiles.note(base, uid, file.toString());
        String text = Files.readString(note);
        // A start time that no process has.
        Files.writeString(note, text.replaceFirst("^(\\d+) \\d+", "$1 1"));
        return note;
    }

    @Test
    void anEmptyFileOfAKilledLaunchGoes() throws Exception {
        Path made = base.resolve("made with a space");
        Path note = abandoned(made);
        Files.createFile(made);
        assertEquals(List.of(made.toString()), PinFiles.sweep(List.of(base)));
        assertFalse(Files.exists(made) || Files.exists(note));
        assertEquals(List.of(), PinFiles.sweep(List.of(base)));
    }

    @Test
    void whatWasThereBeforeOrIsNotEmptyStays() throws Exception {
        Path before = Files.createFile(base.resolve("before"));
        abandoned(before);
        Path written = base.resolve("written");
        abandoned(written);
        Files.writeString(written, "text");
        PinFiles.sweep(List.of(base));
        assertTrue(Files.exists(before) && Files.exists(written));
        assertEquals(List.of(), PinFiles.sweep(List.of(base)));
    }

    @Test
    void aLaunchThatIsAliveIsLeftAlone() throws Exception {
        Path file = base.resolve("file");
        Path note = PinFiles.note(base, uid, file.toString());
        Files.createFile(file);
        assertEquals(List.of(), PinFiles.sweep(List.of(base)));
        assertTrue(Files.exists(file));
        // Its own launcher knows better.
        PinFiles.undo(note);
        assertFalse(Files.exists(file) || Files.exists(note));
        PinFiles.undo(note);
    }

    /** Two at once: the note of the first one stays its own, and what a killed one left is in nobody's way. */
    @Test
    void oneFileIsPinnedByOneLaunchAtATime() throws Exception {
        Path file = base.resolve("file");
        Path note = PinFiles.note(base, uid, file.toString());
        String text = Files.readString(note);
        Files.createFile(file);
        assertThrows(IOException.class, () -> PinFiles.note(base, uid, file.toString()));
        assertEquals(text, Files.readString(note));
        Files.delete(note);
        Files.delete(file);
        abandoned(file);
        Files.createFile(file);
        assertEquals(note, PinFiles.note(base, uid, file.toString()));
        assertEquals(text, Files.readString(note), "the file was made by the one that was killed, and taken back");
        try (var notes = Files.list(note.getParent())) {
            assertEquals(1, notes.count());
        }
    }

    @Test
    void whatPinsNothingIsNotRemoved() throws Exception {
        Path file = Files.createFile(base.resolve("file"));
        Path link = Files.createSymbolicLink(base.resolve("link"), Path.of("/proc/self/ns/net"));
        for (Path path : List.of(file, link, base, base.resolve("missing"), Path.of("/"))) {
            assertThrows(IOException.class, () -> PinFiles.remove(path), path::toString);
        }
        assertTrue(Files.exists(file) && Files.isSymbolicLink(link));
    }
}
