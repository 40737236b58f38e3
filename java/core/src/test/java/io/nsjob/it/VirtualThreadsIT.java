package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.TestJobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Whoever waits for a job may be a virtual thread, and hold up no other one. */
@JobTest
class VirtualThreadsIT {
    private static final long MOST_SECONDS = 60;

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void oneCarrierIsEnough() throws Exception {
        Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1", "--enable-native-access=ALL-UNNAMED",
            "-Dnsjob.helper=" + System.getProperty("nsjob.helper", ""), "-cp", Jobs.classPath(), OneCarrier.class.getName(),
            Jobs.small("echo-both").command(TestJobs.program("echo-both")).build().toJson())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            assertTrue(jvm.waitFor(MOST_SECONDS, TimeUnit.SECONDS), "the carrier is held");
            assertEquals("done 16\n", new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            jvm.destroyForcibly();
        }
    }
}
