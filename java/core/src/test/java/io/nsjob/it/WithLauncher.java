package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Housekeeping;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.testing.Cgroups;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A launcher for all tests of a class, of whose jobs none leaves anything behind. */
abstract class WithLauncher {
    static Launcher launcher;

    @BeforeAll
    static void open() throws Exception {
        launcher = Launcher.open();
    }

    @AfterEach
    void noCgroupIsLeft() throws Exception {
        Cgroups.assertNoneLeft();
    }

    @AfterAll
    static void close() throws Exception {
        launcher.close();
        // A killed supervisor leaves the lock of its ids to whoever sweeps next.
        Housekeeping.gc();
    }

    /** Runs a job that must end well. */
    static JobResult success(JobSpec.Builder spec) throws Exception {
        JobResult result = launcher.run(spec.build());
        assertTrue(result.outcome().success(), () -> result + ": " + result.stdoutText() + result.stderrText());
        return result;
    }

    /** The same, and what it wrote to standard output. */
    static String output(JobSpec.Builder spec) throws Exception {
        return success(spec).stdoutText();
    }
}
