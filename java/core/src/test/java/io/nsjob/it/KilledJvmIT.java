package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Housekeeping;
import io.nsjob.JobSpec;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.StateBase;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** kill -9 of a JVM leaves no process, and no file after the next clean-up. */
@JobTest
class KilledJvmIT {

    @ParameterizedTest
    @CsvSource({"true,per-job", "false,per-job", "true,resident", "false,resident"})
    void nothingIsLeftOfAKilledJvm(boolean pidNamespace, String driver, @TempDir Path directory) throws Exception {
        Path storm = TestJobs.copy("orphan-storm", directory);
        JobSpec.Builder spec = (pidNamespace ? JobSpec.isolated().bindReadOnly(directory.toString()) : JobSpec.bare())
            .command(storm.toString(), "30", "sleep");
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dnsjob.helper=" + System.getProperty("nsjob.helper", ""), "-Dnsjob.driver=" + driver, "-cp", Jobs.classPath(), KilledJvm.class.getName(),
            spec.build().toJson());
        Process jvm = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String pids = new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertTrue(pids != null, "the JVM said nothing");
        List<Path> runs = runDirectories(jvm.pid());
        assertEquals(1, runs.size());
        Housekeeping.gc();
        assertTrue(Files.exists(runs.get(0)), "in use, and left alone");
        assertEquals(31, Jobs.count(storm));

        jvm.destroyForcibly().waitFor();
        for (String pid : pids.split(" ")) {
            assertTrue(Jobs.isGone(Long.parseLong(pid)), "process " + pid);
        }
        assertTrue(Jobs.noneLeft(storm), "orphans");
        // Another JVM's sweeper may hold the lock for a moment, and then it is the one that removes the directory.
        Await.until("its directory is gone", () -> {
            Housekeeping.gc();
            return !Files.exists(runs.get(0));
        });
        assertEquals(List.of(), runDirectories(jvm.pid()));
    }

    private static List<Path> runDirectories(long pid) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path base : StateBase.existing(HostFacts.real().identity())) {
            if (Files.isDirectory(base.resolve("run"))) {
                try (Stream<Path> runs = Files.list(base.resolve("run"))) {
                    runs.filter(run -> run.getFileName().toString().startsWith(pid + "-")).forEach(found::add);
                }
            }
        }
        return found;
    }
}
