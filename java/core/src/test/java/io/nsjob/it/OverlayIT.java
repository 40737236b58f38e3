package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Overlay;
import io.nsjob.RootKind;
import io.nsjob.Rootfs;
import io.nsjob.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Directories of the host that a job changes for itself. */
@JobTest
class OverlayIT extends WithLauncher {
    @TempDir
    Path host;
    Path top;
    Path bottom;

    @BeforeEach
    void fill() throws Exception {
        top = Files.createDirectory(host.resolve("top"));
        bottom = Files.createDirectory(host.resolve("bottom"));
        Files.createDirectory(bottom.resolve("directory"));
        Files.writeString(bottom.resolve("directory/file"), "bottom");
        Files.writeString(bottom.resolve("both"), "bottom");
        Files.writeString(top.resolve("both"), "top");
        // As what a root caller or a user has for itself alone.
        Files.writeString(top.resolve("closed"), "mine");
        Trees.mode(top.resolve("closed"), "rw-------");
    }

    private Overlay overlay() {
        return Overlay.of("/box", top.toString(), bottom.toString());
    }

    private static JobSpec.Builder job(String script) {
        return JobSpec.isolated().umask(022).command("/bin/sh", "-c", script);
    }

    private static final String CHANGE = "cd /box && cat both closed directory/file && echo new >directory/file && rm both && mkdir made"
        + " && echo x >made/x && chmod 600 directory/file && mv closed made/ && [ ! -e both ] && cat directory/file";

    @ParameterizedTest
    @EnumSource(value = RootKind.class, names = {"MINIMAL", "READONLY_HOST", "HOST"})
    void theJobChangesItAndItStaysAsItWas(RootKind root) throws Exception {
        Map<String, String> before = Trees.snapshot(top, bottom);
        Overlay overlay = root == RootKind.MINIMAL ? overlay() : new Overlay("/mnt", overlay().lower(), 1 << 20, 64, overlay().upper());
        for (int i = 0; i < 2; i++) {
            assertEquals("topminebottomnew\n", success(job(CHANGE.replace("/box", overlay.target())).root(root).overlay(overlay)).stdoutText());
            assertEquals(before, Trees.snapshot(top, bottom));
        }
    }

    @Test
    void whatIsKeptIsTheCallersAndThereNextTime() throws Exception {
        Path state = Files.createDirectory(host.resolve("state"));
        Map<String, String> before = Trees.snapshot(top, bottom);
        Overlay kept = overlay().keptIn(state.toString());
        JobResult result = success(job(CHANGE).overlay(kept));
        assertTrue(result.report().weakened().contains("filesystem: the host's " + state + " is written to as /box"),
            result.report().weakened()::toString);
        assertEquals("new\nx\nmine", success(job("cd /box && [ ! -e both ] && [ ! -e closed ] && cat directory/file made/x made/closed")
            .overlay(kept)).stdoutText());
        assertEquals(before, Trees.snapshot(top, bottom));
        for (String made : List.of("made", "made/x", "made/closed", "directory/file")) {
            Path file = state.resolve("upper").resolve(made);
            assertEquals(Files.readAttributes(state, "unix:uid,gid"), Files.readAttributes(file, "unix:uid,gid"), made);
        }
        assertEquals("x\n", Files.readString(state.resolve("upper/made/x")));
    }

    /** What lies in the kept directory runs as its owner on the host; with nothing kept there is nothing to run. */
    @Test
    void noSetUserIdProgramIsKept() throws Exception {
        Path state = Files.createDirectory(host.resolve("state"));
        String script = "cp /bin/true /box/x && chmod 4755 /box/x";
        JobResult refused = launcher.run(job(script).overlay(overlay().keptIn(state.toString())).build());
        assertFalse(refused.outcome().success());
        assertEquals(0, (Integer) Files.getAttribute(state.resolve("upper/x"), "unix:mode") & 06000);
        success(job(script).overlay(overlay()));
    }

    @Test
    void memoryIsBounded() throws Exception {
        success(job("! head -c 2m /dev/zero >/box/large 2>/tmp/said && grep -q space /tmp/said").overlay(overlay().withSize(1 << 20, 64)));
        success(job("i=0; while touch /box/$i 2>/dev/null; do i=$((i+1)); [ $i -lt 1000 ] || exit 1; done; [ $i -gt 3 ]")
            .overlay(overlay().withSize(1 << 20, 16)));
    }

    @Test
    void itLiesInAnImageToo() throws Exception {
        Path image = Files.createDirectory(host.resolve("image"));
        for (String directory : List.of("usr", "bin", "lib", "lib64", "proc", "dev", "tmp", "run", "box")) {
            Files.createDirectory(image.resolve(directory));
        }
        JobSpec.Builder spec = job(CHANGE).rootfs(Rootfs.readOnly(image.toString())).overlay(overlay()).bindReadOnly("/usr");
        for (String path : List.of("/bin", "/lib", "/lib64")) {
            if (Files.isDirectory(Path.of(path))) {
                spec.bindReadOnly(path);
            }
        }
        assertEquals("topminebottomnew\n", success(spec).stdoutText());
    }

    @Test
    void layersInEachOtherAreSaidToBe() {
        Overlay nested = Overlay.of("/box", bottom.resolve("directory").toString(), bottom.toString());
        SandboxException refused = assertThrows(SandboxException.class, () -> launcher.run(job("true").overlay(nested).build()));
        assertTrue(refused.hint().orElse("").contains("lies in another"), refused::toString);
    }
}
