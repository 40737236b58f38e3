package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options of limits, from the command line to what the job sees. */
@Tag("integration")
class LimitsRunIT {
    private static Map<String, Object> object(Object tree, String... path) {
        Map<String, Object> object = Redaction.cast(tree);
        for (String name : path) {
            object = Redaction.cast(object.get(name));
        }
        return object;
    }

    @Test
    void theJobSeesWhatWasAskedFor() throws Exception {
        var result = CliProcess.run("run", CliProcess.bindTestJobs(), "--rlimit", "nofile=64:128", "--rlimit", "core=0", "--rlimit", "fsize=64k",
            "--nice", "12", "--ionice", "best-effort:6", "--cpu-affinity", "0", "--oom-score-adj", "700", "--",
            CliProcess.testJob("print-limits").toString());
        Map<String, Object> printed = Redaction.cast(JsonTree.parse(result.expect(0).outText()));
        assertEquals("64 128", object(printed, "rlimits", "nofile").get("soft") + " " + object(printed, "rlimits", "nofile").get("hard"));
        assertEquals("65536", object(printed, "rlimits", "fsize").get("hard").toString());
        assertEquals("12 6 700 [0]", printed.get("nice") + " " + printed.get("ioLevel") + " " + printed.get("oomScoreAdj") + " "
            + printed.get("cpus"));
    }

    @Test
    void softAboveHardIsOneLine() throws Exception {
        var result = CliProcess.run("run", "--rlimit", "nofile=2:1", "--", "id");
        result.expect(125).expectOneLine("nsjob: spec: ");
        assertTrue(result.errText().contains("$.rlimits.nofile: the soft limit, 2, is above the hard one, 1"), result.errText());
    }

    @Test
    void moreThanTheCallerHasIsOneLineWithAHint() throws Exception {
        var result = CliProcess.run("run", "--rlimit", "nofile=1099511627776", "--", "id");
        assertTrue(result.expect(125).errText().contains("nsjob: limits: "), result.errText());
        assertTrue(result.errText().contains("CAP_SYS_RESOURCE"), result.errText());
    }

    @Test
    void processorTimeIs124() throws Exception {
        var result = CliProcess.run("run", CliProcess.bindTestJobs(), "--cpu-time", "300ms", "--report", "-", "--",
            CliProcess.testJob("burn-cpu").toString(), "tree", "2");
        Map<String, Object> report = Redaction.cast(JsonTree.parse(result.expect(124).expectOneLine("nsjob: job ").outText()));
        assertEquals("timed-out cpu", object(report, "outcome").get("kind") + " " + object(report, "outcome").get("clock"));
        assertEquals("300", object(report, "limits").get("cpuMillis").toString());
        assertEquals("supervisor", object(report, "limits", "enforcement").get("cpuTime"));
        assertTrue(result.errText().contains("timed out (cpu clock)"), result.errText());
    }

    @Test
    void tooMuchOutputEndsTheJob() throws Exception {
        var result = CliProcess.run("run", "--output-limit", "1000", "--output-action", "kill", "--timeout", "30", "--", "yes");
        assertEquals(1000, result.expect(137).outText().length());
        assertTrue(result.errText().contains("wrote more than its output limit"), result.errText());
        assertEquals(1000, CliProcess.run("run", "--output-limit", "1000", "--output-action", "kill", "--", "head", "-c", "1000", "/dev/zero")
            .expect(0).outText().length(), "exactly as much is not too much");
    }

    @Test
    void cutOutputIsCutToTheByteAndSaid(@TempDir Path directory) throws Exception {
        var result = CliProcess.run("run", "--output-limit", "70000", "--report",
            directory.resolve("report").toString(), "--", "head", "-c", "200000", "/dev/zero");
        assertEquals(70000, result.expect(0).outText().length());
        assertEquals("nsjob: standard output was cut after 70000 bytes\n", result.errText());
        assertTrue(Files.readString(directory.resolve("report")).contains("\"output\": \"jvm\""));
        assertTrue(CliProcess.run("run", "--report", "-", "--", "true").expect(0).outText().contains("\"output\": \"none\""));
    }

    /** Without an amount the profile's holds. */
    @Test
    void anActionAloneIsEnforcedAlsoFromASpecFile(@TempDir Path directory) throws Exception {
        for (String action : List.of("kill", "truncate")) {
            Path spec = Files.writeString(directory.resolve(action), "{\"nsjob\":1,\"command\":[\"head\",\"-c\",\"20m\",\"/dev/zero\"],"
                + "\"limits\":{\"outputAction\":\"" + action + "\"}}");
            var result = CliProcess.run("run", "-f", spec.toString());
            assertEquals(8 << 20, result.expect(action.equals("kill") ? 137 : 0).out().length);
            assertEquals(8 << 20, CliProcess.run("run", "--output-action", action, "--", "head", "-c", "20m", "/dev/zero").out().length);
        }
    }
}
