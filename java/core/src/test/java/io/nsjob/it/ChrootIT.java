package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Capabilities;
import io.nsjob.IdMaps;
import io.nsjob.InvalidSpecException;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.RootKind;
import io.nsjob.Rootfs;
import io.nsjob.SandboxException;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** chroot(2) as a view of a busybox image, and the way out of it that a root of the job's own does not have. */
@JobTest
@RequiresFeature({Feature.BUSYBOX, Feature.TEST_JOBS})
class ChrootIT extends WithLauncher {
    @TempDir
    Path host;
    Path image;
    /** Outside of the image. */
    Path secret;

    @BeforeEach
    void unpack() throws Exception {
        image = Trees.busybox(host);
        // Jobs with other ids make directories in it: what is to stop them is not the modes of files.
        Trees.mode(image, "rwxrwxrwx");
        Trees.mode(image.resolve("tmp"), "rwxrwxrwx");
        secret = Files.writeString(host.resolve("secret"), "secret");
        TestJobs.copy("leave-chroot", image.resolve("bin"));
    }

    /** In a user namespace, so that any caller may. */
    private JobSpec.Builder user() {
        return JobSpec.bare().namespace(NamespaceKind.USER, NamespaceMode.fresh()).idMaps(IdMaps.of(IdMaps.Preset.ROOT)).env("PATH", "/bin");
    }

    private JobSpec.Builder chroot() {
        return user().chroot(image.toString());
    }

    private static JobSpec.Builder withMounts(JobSpec.Builder spec) {
        return spec.namespace(NamespaceKind.MNT, NamespaceMode.fresh()).namespace(NamespaceKind.PID, NamespaceMode.fresh());
    }

    /** The same directory as a root of the job's own. */
    private JobSpec.Builder rooted() {
        return withMounts(user()).root(RootKind.DIRECTORY).rootfs(Rootfs.readOnly(image.toString()));
    }

    private static JobResult run(JobSpec.Builder spec) throws Exception {
        return launcher.run(spec.build());
    }

    @Test
    void theJobSeesThatRootOnly() throws Exception {
        String look = "pwd; cat /etc/image-release; [ -e " + secret + " ] || echo gone; [ -e /../.." + secret + " ] || echo gone";
        assertEquals("/\nbusybox\ngone\ngone\n", output(chroot().command("sh", "-c", look)));
        assertEquals("/etc\n", output(chroot().cwd("/etc").command("pwd")));
        // The control: without it the file is there.
        assertEquals("secret", output(user().command("cat", secret.toString()).env("PATH", "/usr/bin:/bin")));
    }

    @Test
    void withMountsOfItsOwnItComesAfterThem() throws Exception {
        for (boolean asPid1 : new boolean[] {false, true}) {
            assertEquals("secret1\n", output(withMounts(chroot()).bind(secret.getParent() + "/secret", image + "/etc/image-release").asPid1(asPid1)
                .command("sh", "-c", "cat /etc/image-release; [ $$ = 1 ] && echo 1 || { [ -d /proc/1 ] && echo 1; }")));
        }
        assertEquals("busybox\n", Files.readString(image.resolve("etc/image-release")));
    }

    /** The pair that says what chroot(2) is: who may do it again is out, but not out of a root that pivot_root(2) has changed. */
    @Test
    void whoMayChrootWalksOutOfAChrootAndNotOutOfARoot() throws Exception {
        String file = secret.toString();
        assertEquals("secret", output(chroot().command("leave-chroot", "/tmp/a", file)));

        JobResult without = run(chroot().capabilities(Capabilities.change(List.of(), List.of("SYS_CHROOT"))).command("leave-chroot", "/tmp/b", file));
        assertEquals("chroot: Operation not permitted\n", without.stderrText());

        JobResult rooted = run(rooted().command("leave-chroot", "/tmp/c", file));
        assertEquals("open: No such file or directory\n", rooted.stderrText(), "it may chroot, and the top is the image's");
        assertFalse(rooted.stdoutText().contains("secret"));
    }

    @Test
    void theReportSaysWhatItIsNot() throws Exception {
        List<String> weakened = run(chroot().command("ls")).report().weakened();
        assertTrue(weakened.stream().anyMatch(line -> line.contains(image + " is no boundary")), weakened::toString);
        assertTrue(weakened.stream().noneMatch(line -> line.contains("the host's root")), weakened::toString);
    }

    @Test
    void withoutAUserNamespaceItIsForRoot() throws Exception {
        JobSpec.Builder bare = JobSpec.bare().env("PATH", "/bin").chroot(image.toString());
        if (!Jobs.isHostRoot()) {
            InvalidSpecException refused = assertThrows(InvalidSpecException.class, () -> run(bare.command("ls")));
            assertTrue(refused.getMessage().contains("$.filesystem.chroot: needs CAP_SYS_CHROOT"), refused.getMessage());
            return;
        }
        JobResult result = run(bare.command("leave-chroot", "/tmp/a", secret.toString()));
        assertEquals("secret", result.stdoutText(), result::stderrText);
        assertTrue(result.report().weakened().stream().anyMatch(line -> line.contains("is the host's root")), result.report().weakened()::toString);
        JobResult lesser = run(bare.user(1000, 1000).command("leave-chroot", "/tmp/b", secret.toString()));
        assertEquals("chroot: Operation not permitted\n", lesser.stderrText());
        assertTrue(lesser.report().weakened().stream().noneMatch(line -> line.contains("is the host's root")));
    }

    @Test
    void whatCannotBeEnteredIsNamed() throws Exception {
        for (String place : List.of("/no/such", secret.toString())) {
            SandboxException failure = assertThrows(SandboxException.class, () -> run(user().chroot(place).command("/bin/sh")));
            assertEquals("chroot", failure.stage(), failure::toJson);
            assertTrue(failure.toJson().contains("\"" + place + "\""), failure::toJson);
        }
        SandboxException cwd = assertThrows(SandboxException.class, () -> run(chroot().cwd(host.toString()).command("ls")));
        assertEquals("cwd", cwd.stage(), cwd::toJson);
        SandboxException program = assertThrows(SandboxException.class, () -> run(chroot().command("/usr/bin/env")));
        assertEquals("exec", program.stage(), program::toJson);
        assertTrue(program.toJson().contains("--chroot"), program::toJson);
    }

    /** The kernel's rule behind the refusal of `allowNestedUserNamespaces`. */
    @Test
    void thereAreNoUserNamespacesInOne() throws Exception {
        assertFalse(run(chroot().command("unshare", "-U", "ls")).outcome().success());
        // The control: the same directory as a root, where they may be made.
        assertTrue(output(rooted().command("unshare", "-U", "ls", "/")).contains("etc"));
    }
}
