package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose the files are that a job writes in a bind. */
@JobTest
class IdMappedIT extends WithLauncher {
    private static final int OTHER = 12346;
    @TempDir
    Path work;

    private static JobSpec.Builder job(String script) {
        return JobSpec.isolated().umask(022).command("/bin/sh", "-c", script);
    }

    private static Object owner(Path file) throws Exception {
        return Files.readAttributes(file, "unix:uid,gid");
    }

    /** Nobody else may even enter it, as below /root; what is written there is the caller's. */
    @Test
    void whatTheJobWritesBelongsToTheCaller() throws Exception {
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(work.resolve("old"), "text");
        Bind bind = Bind.writable(work.toString(), "/src").idMapped();
        JobResult result = success(job("mkdir /src/d && echo x >/src/d/new && stat -c %u:%U /src /src/old /src/d/new").bind(bind));
        assertEquals(3, result.stdoutText().lines().filter(line -> line.endsWith(":job")).count(),
            result.stdoutText());
        assertEquals(owner(work), owner(work.resolve("d/new")));
        assertEquals(owner(work), owner(work.resolve("d")));
        assertTrue(result.report().weakened().stream().noneMatch(line -> line.startsWith("ids:")), result.report().weakened()::toString);
    }

    /** The control: with ids as on disk a root caller's job gets in nowhere. */
    @Test
    void withoutTheMapRootsJobMayNot() throws Exception {
        if (!Jobs.isHostRoot()) {
            return; // a user's job has the user's id
        }
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(work.resolve("old"), "text");
        success(job("! cat /src/old && ! touch /src/new").bind(Bind.writable(work.toString(), "/src")));
    }

    /** As under sudo: the workspace is the user's, and so is what is written there. Others' files are nobody's. */
    @Test
    void theOwnerOnDiskCounts() throws Exception {
        if (!Jobs.isHostRoot()) {
            return; // only root can give files away
        }
        Path inner = Files.createDirectory(work.resolve("theirs"));
        Files.writeString(work.resolve("roots"), "x");
        Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setAttribute(work, "unix:uid", OTHER);
        Files.setAttribute(work, "unix:gid", OTHER + 1);
        success(job("touch /src/new && [ $(stat -c %u /src/roots) = 65534 ] && ! touch /src/theirs/x")
            .bind(Bind.writable(work.toString(), "/src").idMapped()));
        assertEquals(owner(work), owner(work.resolve("new")));
        assertEquals(OTHER, Files.getAttribute(work.resolve("new"), "unix:uid"));
    }

    @Test
    void whereItCannotBeItIsAnErrorOrReported() throws Exception {
        Bind proc = Bind.readOnly("/proc/sys/kernel");
        JobSpec.Builder required = job("true").bind(new Bind(proc.source(), "/mnt", true, false).idMapped());
        if (Jobs.isHostRoot()) {
            SandboxException refused = assertThrows(SandboxException.class, () -> launcher.run(required.build()));
            assertEquals("mount", refused.stage());
            assertTrue(refused.hint().orElse("").contains("cannot be id-mapped"), refused::getMessage);
        } else {
            assertThrows(InvalidSpecException.class, () -> launcher.run(required.build()));
        }
        JobResult tried = success(job("[ -e /mnt/osrelease ]").bind(new Bind(proc.source(), "/mnt", true, false).idMapped(IdMapping.TRY)));
        assertEquals(1, tried.report().weakened().stream().filter(line -> line.startsWith("ids: those of /mnt are as on disk")).count(),
            tried.report().weakened()::toString);
    }

    @Test
    void aLinkInABindWithoutSymlinksIsNotFollowed() throws Exception {
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(work.resolve("a"), "text");
        Files.createSymbolicLink(work.resolve("b"), Path.of("a"));
        success(job("cat /one/b && ! cat /two/b").bind(new Bind(work.toString(), "/one", true, false))
            .bind(new Bind(work.toString(), "/two", true, false).withoutSymlinks()));
    }
}
