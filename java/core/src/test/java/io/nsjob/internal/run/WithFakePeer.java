package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.FakePeer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One launcher for each test, with a helper that does what the test says. */
@Timeout(120)
abstract class WithFakePeer {
    static final JobSpec SPEC = JobSpec.bare().name("fake").command("x").env("TOKEN", "s3cr3t").build();

    @TempDir
    Path directory;
    FakePeer peer;
    Launcher launcher;

    @BeforeEach
    void open() throws Exception {
        peer = new FakePeer(directory);
        launcher = PerJobLauncher.open(peer.helper(), HostFacts.real());
    }

    @AfterEach
    void close() {
        launcher.close();
    }

    JobResult run(FakePeer.Script script) throws Exception {
        peer.play(script);
        JobResult result = launcher.run(SPEC);
        peer.check();
        return result;
    }

    SandboxException fails(FakePeer.Script script) {
        peer.play(script);
        SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(SPEC));
        assertEquals("fake", e.job());
        assertFalse(e.toString().contains("s3cr3t"));
        return e;
    }
}
