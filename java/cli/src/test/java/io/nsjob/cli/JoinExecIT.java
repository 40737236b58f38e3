package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Sandbox;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code nsjob exec}: its targets, its report, its exit status. */
@Tag("integration")
class JoinExecIT {
    @Test
    void aJobIsJoinedByItsName() throws Exception {
        String name = "exec-" + UUID.randomUUID();
        try (CliProcess job = CliProcess.nsjob("run", "--name", name, "--", "sh", "-c", "echo here >/work/file; exec sleep 300")) {
            CliProcess.awaitTrue(() -> CliProcess.run("exec", name, "--", "cat", "/work/file").outText().equals("here\n"), "no file of the job's");
            CliProcess.Result result = CliProcess.run("exec", "--report", "-", "--timeout", "100ms", name, "sleep", "300");
            assertEquals(124, result.status());
            JsonObject report = new Gson().fromJson(result.outText(), JsonObject.class);
            assertEquals("timed-out", report.getAsJsonObject("outcome").get("kind").getAsString());
            assertEquals("join", report.getAsJsonObject("namespaces").getAsJsonObject("net").get("mode").getAsString());
            assertEquals("[]", report.get("weakened").toString());
            assertTrue(job.process().isAlive());
            assertEquals(7, CliProcess.run("exec", "-E", "CODE=7", name, "--", "sh", "-c", "exit $CODE").status());
        }
    }

    @Test
    void aSandboxIsJoinedByItsName() throws Exception {
        String name = "exec-" + UUID.randomUUID();
        try (Launcher launcher = Launcher.open(); Sandbox sandbox = launcher.open(JobSpec.isolated().name(name).build())) {
            sandbox.run("sh", "-c", "echo here >/work/file");
            CliProcess.Result result = CliProcess.run("exec", "--output-limit", "1k", name, "--", "sh", "-c",
                "cat /work/file >/dev/stdout");
            assertEquals("here\n", result.outText(), result::errText);
            String listed = CliProcess.run("ps").outText().lines().filter(line -> line.startsWith(name)).findFirst().orElse("");
            assertTrue(listed.endsWith("(sandbox)"), listed);
            String shown = CliProcess.run("inspect", name).outText();
            assertTrue(shown.contains("main " + sandbox.report().hostPid()), shown);
            assertEquals(0, CliProcess.run("inspect", "--json", name).status());
        }
    }

    @Test
    void whatIsWrongIsOneLine() throws Exception {
        CliProcess.Result nobody = CliProcess.run("exec", "no-such-job", "true");
        assertEquals(125, nobody.status());
        assertTrue(nobody.errText().startsWith("nsjob: open-namespaces: no job no-such-job"), nobody::errText);
        assertEquals(1, nobody.errText().lines().count());
        assertEquals("nsjob: exec: unknown option --hostname\n", CliProcess.run("exec", "--hostname", "x", "1", "true").errText());
    }
}
