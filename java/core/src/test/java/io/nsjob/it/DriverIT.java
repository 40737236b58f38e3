package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which driver a launcher takes: what the property says, else the resident one where JNA is there. */
@JobTest
class DriverIT {

    @ParameterizedTest
    @CsvSource({"true,'',RESIDENT,RESIDENT", "true,per-job,PER_JOB,RESIDENT", "true,resident,RESIDENT,RESIDENT",
        "false,'',PER_JOB,take Driver.PER_JOB", "true,both,'nsjob.driver must be resident or per-job, and not both',RESIDENT"})
    void theOneThatFits(boolean jna, String property, String unasked, String resident) throws Exception {
        String classPath = Arrays.stream(Jobs.classPath().split(":")).filter(entry -> jna || !entry.endsWith("jna.jar"))
            .collect(Collectors.joining(":"));
        Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dnsjob.helper=" + System.getProperty("nsjob.helper", ""), "-Dnsjob.driver=" + property, "-cp", classPath,
            DriverMain.class.getName()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        assertEquals(unasked + "\n" + resident + "\n", new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, jvm.waitFor());
    }
}
