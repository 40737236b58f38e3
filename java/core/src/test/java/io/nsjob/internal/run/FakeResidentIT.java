package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.it.JobTest;
import io.nsjob.testing.TestJobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A helper that stays and does what a real one never does: see {@code fake-resident.c}. */
@JobTest
class FakeResidentIT {
    private static final JobSpec SPEC = JobSpec.bare().command("true").setupTime(Duration.ofMinutes(1)).build();
    /** Nothing comes of it anyway. */
    private static final JobSpec BRIEF = SPEC.toBuilder().setupTime(Duration.ofMillis(200)).build();

    @TempDir
    Path directory;

    private Path fake(String how) throws Exception {
        return Files.createSymbolicLink(directory.resolve(how), TestJobs.path("fake-resident"));
    }

    @ParameterizedTest
    @CsvSource({"wrong-secret,protocol,secret", "garbage-hello,protocol,JSON", "garbage-frames,protocol,frame", "half-frame,protocol,within a frame"})
    void isToldAsWhatItIs(String how, String stage, String word) throws Exception {
        try (Launcher launcher = ResidentLauncher.open(fake(how), HostFacts.real())) {
            SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(SPEC));
            assertEquals(stage, e.stage(), e::toString);
            assertTrue(e.getMessage().contains(word), e::getMessage);
        }
        assertFalse(ProcessHandle.current().children().anyMatch(child -> child.info().command().orElse("").endsWith("fake-resident")));
    }

    @Test
    void oneThatNeverAnswersIsGivenUp() throws Exception {
        try (Launcher launcher = ResidentLauncher.open(fake("silent"), HostFacts.real())) {
            SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(BRIEF));
            assertEquals("setup", e.stage());
        }
    }

    /** The first dies with the job in its hands; the job is begun once more, by the next. */
    @Test
    void whatNobodyTookUpIsBegunAgain() throws Exception {
        Files.createSymbolicLink(directory.resolve("real"), Path.of(System.getProperty("nsjob.helper")));
        try (Launcher launcher = ResidentLauncher.open(fake("dies-once"), HostFacts.real())) {
            assertEquals(0, launcher.run(SPEC).exitStatus());
            Files.delete(directory.resolve("died"));
            List<ProcessHandle> helpers = ProcessHandle.current().children()
                .filter(child -> child.info().command().orElse("").endsWith("nsjob-helper")).toList();
            for (ProcessHandle helper : helpers) {
                helper.destroyForcibly();
                helper.onExit().get();
            }
            assertEquals(0, launcher.runAsync(SPEC).get().exitStatus());
        }
    }
}
