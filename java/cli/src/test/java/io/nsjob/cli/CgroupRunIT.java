package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.internal.os.HostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Limits of whole jobs, from the command line. */
@Tag("integration")
class CgroupRunIT {
    private static final String USER = "12345";

    private static Map<String, Object> object(Object tree, String... path) {
        Map<String, Object> object = Redaction.cast(tree);
        for (String name : path) {
            object = Redaction.cast(object.get(name));
        }
        return object;
    }

    private static boolean canMake(String controller) {
        return HostFacts.real().cgroups().of(controller).isPresent();
    }

    @Test
    void theReportNamesWhoEnforcesWhat() throws Exception {
        var result = CliProcess.run("run", "--memory", "64m", "--swap", "0", "--pids", "9", "--cpu-weight", "20", "--report", "-", "--", "true");
        Map<String, Object> limits = object(JsonTree.parse(result.expect(0).outText()), "limits");
        assertEquals("67108864 0 9 20", limits.get("memoryBytes") + " " + limits.get("swapBytes") + " " + limits.get("pids") + " "
            + limits.get("cpuWeight"));
        String by = object(limits, "enforcement").get("memory") + " " + object(limits, "enforcement").get("cpuWeight");
        assertTrue(by.matches(canMake("memory") ? "cgroup[12] cgroup[12]" : "rlimit none"), by);
    }

    @Test
    void outOfMemoryIsOneLine() throws Exception {
        var result = CliProcess.run("run", CliProcess.bindTestJobs(), "--memory", "32m", "--", CliProcess.testJob("bomb").toString(), "memory",
            "100");
        if (canMake("memory")) {
            result.expect(137).expectOneLine("nsjob: job ");
            assertTrue(result.errText().contains("out of memory"), result.errText());
        } else {
            assertTrue(result.expect(3).outText().startsWith("refused at"), result.outText());
        }
    }

    @Test
    void strictIsOneLineWithAHint() throws Exception {
        var result = CliProcess.run("run", "--strict", "--", "true");
        if (canMake("memory")) {
            result.expect(0);
        } else {
            assertTrue(result.expect(125).errText().contains("$.limits.memory: cannot be enforced here"), result.errText());
            assertTrue(result.errText().contains("systemd-run --user --scope -p Delegate=yes"), result.errText());
        }
    }

    @Test
    void badSizesAreOneLine() throws Exception {
        CliProcess.run("run", "--memory", "1m", "--", "true").expect(125).expectOneLine("nsjob: spec: $.limits.memory: must be at least 4m");
        CliProcess.run("run", "--io", "/dev/null,read-bps=1", "--strict", "--", "true").expect(125).expectOneLine("nsjob: spec: ");
    }

    private static Map<String, Path> givenAway(String name) throws Exception {
        Map<String, Path> given = new LinkedHashMap<>();
        for (String controller : List.of("memory", "pids", "cpu", "cpuacct")) {
            Path directory = Files.createDirectory(HostFacts.real().cgroups().of(controller).orElseThrow().parent().resolve(name));
            given.put(controller, directory);
            int status = new ProcessBuilder("chown", USER + ":" + USER, directory.toString(), directory + "/tasks", directory + "/cgroup.procs")
                .inheritIO().start().waitFor();
            assertEquals(0, status);
        }
        return given;
    }

    /** What systemd does for a user: cgroups that belong to it, in which it starts. */
    @Test
    void aUserWithCgroupsOfItsOwnHasAllLimits() throws Exception {
        boolean old = canMake("memory") && HostFacts.real().cgroups().of("memory").orElseThrow().version() == 1;
        if (HostFacts.real().identity().uid() != 0 || !old || !canMake("cpuacct")) {
            return; // it takes root to give some away, and version 1 to need no division: CgroupPlacesTest has the rest
        }
        Map<String, Path> given = givenAway("nsjob-test-" + ProcessHandle.current().pid());
        try {
            StringBuilder enter = new StringBuilder();
            given.values().forEach(directory -> enter.append("echo 0 >").append(directory).append("/tasks && "));
            List<String> words = new ArrayList<>(List.of("run", CliProcess.bindTestJobs(), "--strict", "--memory", "32m", "--pids", "5",
                "--report", "-", "--", CliProcess.testJob("bomb").toString(), "memory", "100"));
            var result = CliProcess.shell(Map.of(), enter + "exec setpriv --reuid " + USER + " --regid " + USER + " --clear-groups \"$0\" \"$@\"",
                words.toArray(new String[0]));
            Map<String, Object> report = Redaction.cast(JsonTree.parse(result.expect(137).outText()));
            assertEquals("out-of-memory", object(report, "outcome").get("kind"));
            for (String limit : List.of("memory", "swap", "pids", "cpuWeight")) {
                assertEquals("cgroup1", object(report, "limits", "enforcement").get(limit), limit);
            }
            assertEquals("1", object(report, "usage", "cgroup").get("oomKills").toString());
        } finally {
            // Empty, or this fails: what the job had has been removed by its supervisor.
            for (Path directory : given.values()) {
                Files.delete(directory);
            }
        }
    }
}
