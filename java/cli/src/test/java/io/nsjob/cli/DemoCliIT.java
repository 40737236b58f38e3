package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Feature;
import io.nsjob.testing.Fixtures;
import io.nsjob.testing.RequiresFeature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nsjob demo} as its users have it. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
class DemoCliIT {
    @TempDir
    Path dir;

    @Test
    void theStoryIsToldInKoreanWhateverTheLocale() throws Exception {
        String before = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        var result = CliProcess.shell(Map.of("LC_ALL", "C", "TERM", "xterm"), "exec \"$0\" \"$@\"", "demo", "uts", "--lang", "ko").expect(0);
        String story = result.outText();
        assertTrue(story.contains("나만의 호스트 이름") && story.contains("✔ 호스트의 이름은 그대로다"), story);
        assertFalse(story.contains("\u001b"), "no colour in a pipe");
        assertEquals(before, Files.readString(Path.of("/proc/sys/kernel/hostname")));
    }

    /** Regenerate it with the command in CONTRIBUTING. */
    @Test
    void theReadmeShowsWhatTheDemoShows() throws Exception {
        String readme = Files.readString(Fixtures.directory("../README.md").normalize(), StandardCharsets.UTF_8);
        String[] parts = readme.split("<!-- demo -->\n");
        assertEquals(3, parts.length, "two marks in README.md");
        Path page = dir.resolve("demo.md");
        CliProcess.run("demo", "uts", "--lang", "en", "--rootless", "--stable", "--markdown", page.toString()).expect(0);
        assertEquals(Files.readString(page).strip(), parts[1].strip());
    }

    private Path own(String step) throws Exception {
        return Files.writeString(dir.resolve("own.json"),
            ("{'demo': 1, 'name': 'own', 'steps': [" + step + "]}").replace('\'', '"'));
    }

    @Test
    void aClaimThatFailsIsOneAndAMistakeIsOurFailure() throws Exception {
        var failed = CliProcess.run("demo", own("{'id': 'a', 'run': 'echo b', 'checks': [{'equals': 'c', 'claim': 'it is c'}]}").toString(),
            "--json").expect(1);
        Map<String, Object> tree = Redaction.cast(JsonTree.parse(failed.outText()));
        assertEquals(false, tree.get("passed"));
        CliProcess.run("demo", own("{'id': 'a', 'walk': 'echo b'}").toString()).expect(125).expectOneLine("nsjob: demo: ");
    }

    @Test
    void ctrlCLeavesNothing() throws Exception {
        String marker = "31415926." + ProcessHandle.current().pid();
        Path here = dir.resolve("here");
        String step = "{'id': 'a', 'run': 'pwd >" + here + "; sleep " + marker + "', 'timeout': '60s'}";
        try (CliProcess cli = CliProcess.nsjob("demo", own(step).toString())) {
            CliProcess.awaitFile(here);
            cli.signal("INT");
            assertEquals(130, cli.await().status());
        }
        CliProcess.awaitTrue(() -> CliProcess.processesWith("sleep\0" + marker) == 0, "the session goes on");
        assertFalse(Files.exists(Path.of(Files.readString(here).strip())), "its directory is there");
    }
}
