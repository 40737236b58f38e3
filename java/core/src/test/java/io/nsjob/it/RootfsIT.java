package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.IdMaps;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Rootfs;
import io.nsjob.SandboxException;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unpacked image as a job's root: a busybox one, as a user can make it too. */
@JobTest
@RequiresFeature(Feature.BUSYBOX)
class RootfsIT extends WithLauncher {
    @TempDir
    Path host;
    Path image;
    /** Outside of the image: whatever is a link in there, this stays as it is. */
    Path canary;

    @BeforeEach
    void unpack() throws Exception {
        image = Trees.busybox(host);
        canary = Files.createDirectory(host.resolve("canary"));
        Files.writeString(canary.resolve("file"), "canary");
    }

    private static JobSpec.Builder job(Rootfs rootfs, String script) {
        return JobSpec.isolated().rootfs(rootfs).umask(022).command("/bin/sh", "-c", script);
    }

    @Test
    void twentyRunsLeaveItAsItWas() throws Exception {
        Map<String, String> before = Trees.snapshot(image);
        for (int i = 0; i < 10; i++) {
            assertEquals("busybox\n", output(job(Rootfs.readOnly(image.toString()), "cat /etc/image-release; ! touch /etc/x 2>/dev/null"
                + " && touch /tmp/x /run/x && [ -e /proc/self/stat ] && [ -c /dev/null ]")));
            assertEquals("new\n", output(job(Rootfs.overlay(image.toString()), "rm /etc/image-release /bin/ls && echo new >/etc/passwd"
                + " && mkdir -p /var/lib/x && [ ! -e /etc/image-release ] && cat /etc/passwd")
                .idMaps(IdMaps.of(IdMaps.Preset.ROOT))));
        }
        assertEquals(before, Trees.snapshot(image));
    }

    @Test
    void whatIsKeptIsThereNextTime() throws Exception {
        Path state = Files.createDirectory(host.resolve("state"));
        Map<String, String> before = Trees.snapshot(image);
        Rootfs kept = Rootfs.overlayKept(image.toString(), state.toString());
        JobSpec.Builder root = JobSpec.isolated().idMaps(IdMaps.of(IdMaps.Preset.ROOT)).rootfs(kept).umask(022);
        output(root.command("/bin/sh", "-c", "rm /etc/image-release && echo kept >/var/kept"));
        assertEquals("kept\n", output(root.command("/bin/sh", "-c", "cat /var/kept && [ ! -e /etc/image-release ]")));
        assertEquals(before, Trees.snapshot(image));
        assertEquals("kept\n", Files.readString(state.resolve("upper/var/kept")));
        assertEquals(Files.getAttribute(state, "unix:uid"), Files.getAttribute(state.resolve("upper/var/kept"), "unix:uid"));
    }

    @Test
    void aWritableOneIsWrittenByItsOwner() throws Exception {
        JobResult result = launcher.run(job(Rootfs.writable(image.toString()), "echo x >/etc/written")
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).build());
        assertTrue(result.outcome().success(), result::stderrText);
        assertEquals("x\n", Files.readString(image.resolve("etc/written")));
        assertEquals(Files.getAttribute(image, "unix:uid"), Files.getAttribute(image.resolve("etc/written"), "unix:uid"));
        assertTrue(result.report().weakened().stream().anyMatch(line -> line.contains("is written to as /")));
    }

    @Test
    void settingsAreTheJobsOverPlainFilesOnly() throws Exception {
        Files.delete(image.resolve("etc/hosts"));
        Files.createSymbolicLink(image.resolve("etc/hosts"), canary.resolve("file"));
        Files.writeString(image.resolve("etc/resolv.conf"), "nameserver 192.0.2.1\n");
        for (Rootfs rootfs : List.of(Rootfs.readOnly(image.toString()), Rootfs.overlay(image.toString()))) {
            assertFalse(output(job(rootfs, "cat /etc/resolv.conf; [ ! -e /etc/hosts ]")).contains("192.0.2.1"));
        }
        assertEquals("canary", Files.readString(canary.resolve("file")));
        assertEquals("nameserver 192.0.2.1\n", Files.readString(image.resolve("etc/resolv.conf")));
    }

    /** Links as an image from somewhere may have them: each lands in the root or is refused, and nothing outside changes. */
    @ParameterizedTest
    @ValueSource(strings = {"absolute", "relative", "climbing", "magic", "dangling"})
    void linksInItStayInIt(String kind) throws Exception {
        for (String directory : List.of("dev", "tmp", "proc", "run")) {
            Path link = image.resolve(directory);
            Files.createDirectories(image.resolve("var").resolve(directory));
            Files.createDirectories(Path.of(image + canary.toString()));
            Path aside = Files.move(link, image.resolve("aside"));
            Files.createSymbolicLink(link, Path.of(switch (kind) {
                case "absolute" -> canary.toString();
                case "relative" -> "var/" + directory;
                case "climbing" -> "../../../../../../../.." + canary;
                case "magic" -> "/proc/self/root" + canary;
                default -> "/nowhere";
            }));
            try {
                JobResult result = launcher.run(job(Rootfs.readOnly(image.toString()), "echo ran").build());
                assertEquals("ran\n", result.stdoutText(), result::stderrText);
                assertNotEquals("dangling", kind);
            } catch (SandboxException refused) {
                assertTrue(refused.stage().equals("mount"), refused::getMessage);
                // The canary lies below /tmp: a link from there to it goes round in circles, and later a tmpfs is on top of it.
                boolean below = List.of("tmp", "run").contains(directory) && !kind.equals("relative");
                assertTrue(kind.equals("dangling") || kind.equals("magic") || below, refused::getMessage);
            }
            try (Stream<Path> files = Files.list(canary)) {
                assertEquals(List.of(canary.resolve("file")), files.toList(), kind + " " + directory);
            }
            Files.delete(link);
            Files.move(aside, link);
        }
        assertEquals("canary", Files.readString(canary.resolve("file")));
    }

    /** Nobody of ours opens what is in the image: a FIFO would stop us. */
    @Test
    void aFifoForPasswdStopsNobody() throws Exception {
        for (String file : List.of("passwd", "group", "hosts", "resolv.conf")) {
            Files.deleteIfExists(image.resolve("etc").resolve(file));
            assertEquals(0, new ProcessBuilder("mkfifo", image.resolve("etc").resolve(file).toString()).start().waitFor());
        }
        long begun = System.nanoTime();
        assertEquals("ran\n", output(job(Rootfs.readOnly(image.toString()), "echo ran")));
        assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) < 100);
    }

    @Test
    void nothingOfTheHostIsLeft() throws Exception {
        String seen = output(job(Rootfs.readOnly(image.toString()), "ls / /..; [ ! -e " + canary + " ] && cat /proc/self/mountinfo"));
        assertFalse(seen.contains("canary"), seen);
        assertFalse(seen.contains("usr"), seen);
        List<String> points = seen.lines().filter(line -> line.contains(" - ")).map(line -> line.split(" ")[4]).toList();
        assertTrue(points.containsAll(List.of("/", "/proc", "/dev", "/tmp", "/run")), seen);
        assertTrue(points.stream().allMatch(point -> point.matches("/|/(etc|proc|dev)(/.+)?|/tmp|/run|/var/tmp|/sys|/home|/work")), seen);
    }

    @Test
    void anImageOfOthersIsReadAndSaidToBeTheirs() throws Exception {
        if (Jobs.isHostRoot()) {
            assertEquals("0:0", output(job(Rootfs.readOnly(image.toString()), "stat -c %u:%g /etc/passwd")).strip());
            return;
        }
        JobResult result = launcher.run(job(Rootfs.readOnly(image.toString()), "id -u").build());
        assertEquals("1000\n", result.stdoutText());
        assertTrue(result.report().weakened().stream().noneMatch(line -> line.startsWith("ids:")), result.report().weakened()::toString);
    }

    @Test
    void aMissingImageIsSaidInALine() {
        Exception refused = assertThrows(Exception.class, () -> launcher.run(job(Rootfs.readOnly("/no/such"), "true").build()));
        assertTrue(refused.getMessage().contains("$.filesystem.rootfs.directory"), refused.getMessage());
    }
}
