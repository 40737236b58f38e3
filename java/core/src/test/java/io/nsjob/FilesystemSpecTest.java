package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FilesystemSpecTest {
    private static final byte[] BYTES = {0, (byte) 0xff, 10};

    private static JobSpec.Builder minimal() {
        return JobSpec.isolated().command("true").rootMinimal();
    }

    @Test
    void whatTheBuilderTakesTheSpecGives() {
        JobSpec spec = minimal().bindReadOnly("/a", "/b").bind("/c", "/d").tmpfs("/t", 4096).tmpfs(new Tmpfs("/u", 1, 2))
            .file("/f", BYTES).file("/g", "\ud55c").directory("/x", "/y").symlink("/l", "f").build();
        assertEquals(Optional.of(RootKind.MINIMAL), spec.root());
        assertEquals(List.of(Bind.readOnly("/a"), Bind.readOnly("/b"), Bind.writable("/c", "/d")), spec.binds());
        assertEquals(List.of(new Tmpfs("/t", 4096, Tmpfs.DEFAULT_INODES), new Tmpfs("/u", 1, 2)), spec.tmpfs());
        assertEquals(List.of(new JobFile("/f", BYTES), new JobFile("/g", "\ud55c")), spec.files());
        assertEquals(List.of("/x", "/y"), spec.directories());
        assertEquals(Map.of("/l", "f"), spec.symlinks());
        JobSpec again = JobSpec.fromJson(spec.toJson());
        assertEquals(spec, again);
        assertArrayEquals(BYTES, again.files().get(0).content());
        assertEquals(spec, spec.toBuilder().build());
        assertNotEquals(spec, spec.toBuilder().directory("/z").build());
    }

    @Test
    void aChrootIsForBareAndSaysWhatElseThereIs() {
        JobSpec spec = JobSpec.bare().command("true").chroot("/srv/image").build();
        assertEquals(Optional.of("/srv/image"), spec.chroot());
        assertEquals(spec, JobSpec.fromJson(spec.toJson()));
        assertEquals(spec, spec.toBuilder().build());
        assertNotEquals(spec, spec.toBuilder().chroot("/srv").build());
        InvalidSpecException e = assertThrows(InvalidSpecException.class, () -> minimal().chroot("/srv/image").build());
        assertNotEquals(-1, e.getMessage().indexOf("--rootfs DIR"), e.getMessage());
    }

    @Test
    void specsAndFilesAreImmutable() {
        byte[] content = BYTES.clone();
        JobSpec.Builder builder = minimal().file("/f", content);
        JobSpec spec = builder.build();
        content[0] = 1;
        spec.files().get(0).content()[1] = 1;
        builder.directory("/later").symlink("/s", "t").bindReadOnly("/usr");
        assertArrayEquals(BYTES, spec.files().get(0).content());
        assertEquals(List.of(), spec.directories());
        assertThrows(UnsupportedOperationException.class, () -> spec.binds().add(Bind.readOnly("/x")));
    }

    @Test
    void contentsAreNotShown() {
        String shown = minimal().file("/f", "s3cret").build().toString();
        assertEquals(-1, shown.indexOf("s3cret"), shown);
        assertNotEquals(-1, shown.indexOf("\"bytes\":6"), shown);
    }

    @Test
    void filesHaveALimitTogether() {
        minimal().file("/a", new byte[256 << 10]).file("/b", new byte[256 << 10]).build();
        InvalidSpecException e = assertThrows(InvalidSpecException.class,
            () -> minimal().file("/a", new byte[256 << 10]).file("/b", new byte[(256 << 10) + 1]).build());
        assertEquals("$.filesystem.files: hold more than 524288 bytes together; bind a file instead", e.violations().get(0));
    }
}
