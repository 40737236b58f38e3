package io.nsjob.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.internal.run.EditedLauncher;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A directory above a mount point is exchanged with a symlink, as fast as the kernel can, while jobs are being set up: runc's
 * CVE-2021-30465 and its successors. The tree belongs to the attacker, who may be a job that runs already.
 */
@Tag("integration")
@Timeout(900)
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class RaceIT {
    private static final int LAUNCHES = 120;
    private static final int LANES = 2;
    /** How many launches the attacker gets against a helper without the defence. Measured: the first few are enough. */
    private static final int TRIES_OF_CONTROL = 200;

    @TempDir
    Path directory;

    private Path tree;
    private Path outside;

    private Process startSwapping() throws IOException {
        Canaries.open(directory);
        outside = Canaries.open(Files.createDirectory(directory.resolve("outside")));
        Canaries.open(Files.createDirectory(outside.resolve("inside")));
        tree = Canaries.open(Files.createDirectory(directory.resolve("tree")));
        Path real = Canaries.open(Files.createDirectory(tree.resolve("swapped")));
        Canaries.open(Files.createDirectory(real.resolve("inside")));
        Path link = Files.createSymbolicLink(tree.resolve("other"), outside);
        return new ProcessBuilder(TestJobs.path("outside").resolve("swap").toString(), real.toString(), link.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static long stop(Process swapping) throws IOException {
        swapping.getOutputStream().close();
        return Long.parseLong(new String(swapping.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private JobSpec.Builder spec(String script) {
        return JobSpec.isolated().command("/bin/sh", "-c", script).bind(new Bind(tree.toString(), "/data", false, false));
    }

    /** Whether the tree outside is as it was: names, and nothing in them. */
    private void assertUntouched() throws IOException {
        try (Stream<Path> files = Files.walk(outside)) {
            assertEquals("[, inside]", files.map(path -> outside.relativize(path).toString()).sorted().toList().toString());
        }
    }

    @Test
    void aMountNeverLandsOutside() throws Exception {
        String before = Files.readString(Path.of("/proc/self/mountinfo"));
        Process swapping = startSwapping();
        TreeMap<String, Integer> ends = new TreeMap<>();
        long swaps;
        try (Launcher launcher = Launcher.open()) {
            JobSpec spec = spec("cut -d' ' -f5 /proc/self/mountinfo | grep inside; echo x >/data/swapped/inside/x")
                .tmpfs("/data/swapped/inside", 1 << 20).build();
            for (String end : Lanes.map(LANES, IntStream.range(0, LAUNCHES).boxed().toList(), i -> end(launcher, spec))) {
                ends.merge(end, 1, Integer::sum);
            }
        } finally {
            swaps = stop(swapping);
        }
        System.out.println("RACE " + swaps + " swaps, " + LAUNCHES + " launches: " + ends);
        assertTrue(swaps > LAUNCHES, "swapped " + swaps + " times");
        assertTrue(ends.keySet().stream().allMatch(end -> end.matches("mounted in its root|refused: mount .*")), ends::toString);
        assertTrue(ends.size() > 1 && ends.containsKey("mounted in its root"), () -> "no race: " + ends);
        assertUntouched();
        assertEquals(before, Files.readString(Path.of("/proc/self/mountinfo")));
    }

    private static String end(Launcher launcher, JobSpec spec) throws Exception {
        try {
            JobResult result = launcher.run(spec);
            String mounted = result.stdoutText().strip();
            // Where it shows depends on which of the names the directory has when the job looks.
            return mounted.matches("/data/(swapped|other)/inside") ? "mounted in its root" : result + ": " + mounted;
        } catch (SandboxException e) {
            return "refused: " + e.stage() + " " + e.errno();
        }
    }

    @Test
    void aFileIsNeverMadeOutsideUnlessNothingStopsIt() throws Exception {
        Process swapping = startSwapping();
        Path planted = outside.resolve("planted");
        JobSpec spec = spec("true").file("/data/swapped/planted", "x").build();
        int tries = 0;
        try (Launcher launcher = Launcher.open(); EditedLauncher edited = new EditedLauncher()) {
            Lanes.map(LANES, IntStream.range(0, LAUNCHES / 2).boxed().toList(), i -> end(launcher, spec));
            assertUntouched();
            assertFalse(Files.exists(planted, LinkOption.NOFOLLOW_LINKS));
            Path helper = Canaries.open(Files.writeString(directory.resolve("helper"),
                "#!/bin/sh\nexport NSJOB_FAULT='off=ours,resolve'\nexec '" + System.getProperty("nsjob.faultHelper") + "'\n"));
            tryOnce(edited, spec, helper);
            while (!Files.exists(planted, LinkOption.NOFOLLOW_LINKS)) {
                assertTrue(++tries <= TRIES_OF_CONTROL, "without its defences the helper never made the file");
                // Made in the directory and not behind the link: away with it for the next try.
                Files.deleteIfExists(tree.resolve("swapped/planted"));
                Files.deleteIfExists(tree.resolve("other/planted"));
                tryOnce(edited, spec, helper);
            }
        } finally {
            stop(swapping);
        }
    }

    private static void tryOnce(EditedLauncher edited, JobSpec spec, Path helper) throws IOException, InterruptedException {
        try {
            edited.run(spec, StartOptions.defaults(), helper, plan -> { });
        } catch (SandboxException e) {
            // Lost the race, or the file was there already.
            assertEquals("mount", e.stage(), e::toJson);
        }
    }
}
