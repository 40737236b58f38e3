package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String line) {
        Console console = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8), Style.PLAIN, Style.PLAIN);
        return new Cli(console).run(line.isEmpty() ? new String[0] : line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "--nope", "rnu", "help rnu", "run", "run --nope x", "run --timeout x x", "run -f /nonexistent/spec.json",
        "run -fp --mount-proc sh", "spec", "spec vaildate", "spec validate", "spec show", "spec show a b", "spec show /nonexistent",
        "spec schema x", "spec validate /nonexistent", "gc now", "run --stdin /nonexistent x", "run --cwd relative x",
    })
    void aMistakeIsOneLineAnd125(String line) {
        assertEquals(125, run(line));
        String message = err.toString(StandardCharsets.UTF_8);
        assertTrue(message.startsWith("nsjob: ") && message.endsWith("\n"), message);
        assertEquals(1, message.lines().count(), message);
        assertEquals("", out.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--help", "-h", "help", "help run", "help spec", "help gc", "run --help", "run -mh", "spec --help", "gc --help", "--version",
        "-V", "spec schema",
    })
    void helpGoesToStandardOutput(String line) {
        assertEquals(0, run(line), () -> err.toString(StandardCharsets.UTF_8));
        assertEquals("", err.toString(StandardCharsets.UTF_8));
        assertTrue(out.size() > 0);
    }

    @Test
    void forkOfUnshareIsExplained() {
        run("run -fp --mount-proc sh");
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("-f of unshare(1)"));
    }

    @Test
    void dryRunHidesContentsOfFiles(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "geheim");
        assertEquals(0, run("run --dry-run --root minimal --add-file /etc/secret=" + file + " -- id"), () -> err.toString(StandardCharsets.UTF_8));
        String shown = out.toString(StandardCharsets.UTF_8);
        assertFalse(shown.contains("geheim") || shown.contains("Z2VoZWlt"), shown);
        String hash = "\"sha256\": \"addb0f5e7826c857d7376d1bd9bc33c0c544790a2eac96144a8af22b1298c940\"";
        assertEquals(3, shown.split(hash, -1).length, "once in the spec, once in the plan: " + shown);
        assertTrue(shown.contains("\"bytes\": 6"), shown);
    }

    @Test
    void dryRunHidesValues() {
        assertEquals(0, run("run --dry-run --env A=geheim --env PATH -- id"), () -> err.toString(StandardCharsets.UTF_8));
        String document = out.toString(StandardCharsets.UTF_8);
        assertEquals(-1, document.indexOf("geheim"), document);
        assertTrue(document.contains("\"A\": \"(hidden)\"") && document.contains("\"A=(hidden)\""), document);
    }
}
