package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --collect}. */
@Tag("integration")
class CollectRunIT {
    @TempDir
    Path directory;

    @Test
    void resultsAreHereAndTheStatusIsTheJobs() throws Exception {
        String script = "mkdir -p out/sub && echo one >out/a && echo two >out/sub/b && echo log >log && exit 3";
        var result = CliProcess.run("run", "--report", directory.resolve("report").toString(),
            "--collect", "/work/out:" + directory.resolve("target/out"), "--collect", "/work/log:" + directory.resolve("target/job.log"),
            "--cwd", "/work", "--", "sh", "-c", script).expect(3);
        assertEquals("", result.errText());
        assertEquals("one\n", Files.readString(directory.resolve("target/out/a")));
        assertEquals("two\n", Files.readString(directory.resolve("target/out/sub/b")));
        assertEquals("log\n", Files.readString(directory.resolve("target/job.log")));
        Map<String, Object> report = Redaction.cast(JsonTree.parse(Files.readString(directory.resolve("report"))));
        Map<String, Object> collected = Redaction.cast(report.get("collected"));
        assertEquals("3 12 []", collected.get("files") + " " + collected.get("bytes") + " " + collected.get("skipped"));
    }

    @Test
    void withoutADestinationItIsTheSameNameHere() throws Exception {
        var result = CliProcess.shell(Map.of(), "cd '" + directory + "' && exec \"$0\" \"$@\"", "run", "--cwd", "/work", "--collect",
            "/work/name", "--", "sh", "-c", "echo x >name");
        assertEquals("", result.expect(0).errText());
        assertEquals("x\n", Files.readString(directory.resolve("name")));
    }

    @Test
    void whatIsLeftOutIsSaidInALineEachWithoutControlCharacters() throws Exception {
        var result = CliProcess.run("run", "--cwd", "/work", "--collect", "/work:" + directory.resolve("out"), "--collect",
            "/nothing:" + directory.resolve("nothing"), "--", "sh", "-c",
            "ln -s /etc/passwd link; touch \"$(printf 'a\\033[2Jb')\"; for i in 0 1 2 3 4 5 6 7 8 9; do mkfifo f$i; done").expect(0);
        List<String> lines = result.errText().lines().toList();
        assertEquals(11, lines.size(), result.errText());
        assertTrue(lines.stream().limit(10).allMatch(line -> line.startsWith("nsjob: not collected: /work/")), result.errText());
        assertEquals("nsjob: not collected: 3 more; --report lists them", lines.get(10));
        assertFalse(result.errText().contains("\033"), result.errText());
    }

    @Test
    void aPlaceThatCannotBeWrittenToIsOneLineAndTheJobDoesNotRun() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        var result = CliProcess.run("run", "--collect", "/work/a:" + file + "/below", "--", "sh", "-c", "echo ran");
        assertEquals("", result.expect(125).expectOneLine("nsjob: collect: ").outText());
    }
}
