package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTextTest {
    @Test
    void everyOptionIsExplained() {
        String help = HelpText.run(Style.PLAIN);
        String exec = ExecCommand.help(Style.PLAIN);
        for (RunOption option : RunOption.values()) {
            String names = String.join(", ", option.names());
            boolean run = option.section != RunOption.Section.HIDDEN && option.section != RunOption.Section.EXEC;
            assertEquals(run, help.contains(names), option.longName());
            assertTrue(!ExecCommand.OPTIONS.contains(option) || exec.contains(names), option.longName());
        }
    }

    @Test
    void fitsATerminal() {
        for (String page : List.of(HelpText.overview(Style.PLAIN), HelpText.run(Style.PLAIN), HelpText.spec(Style.PLAIN),
            HelpText.gc(Style.PLAIN), ExecCommand.help(Style.PLAIN))) {
            page.lines().forEach(line -> {
                assertTrue(line.length() <= 80, line);
                assertFalse(line.endsWith(" "), line);
            });
        }
    }

    @Test
    void examplesAreUnderstood() throws Exception {
        for (String line : (HelpText.overview(Style.PLAIN) + HelpText.run(Style.PLAIN)).split("\n")) {
            if (line.startsWith("  $ nsjob run ")) {
                RunLine parsed = RunLine.parse(line.substring("  $ nsjob run ".length()).split(" "));
                assertFalse(parsed.command().isEmpty(), line);
            }
        }
    }

    @Test
    void coloursOnlyWhenAsked() {
        assertEquals(-1, HelpText.run(Style.PLAIN).indexOf('\u001b'));
        String coloured = HelpText.run(Style.COLOUR);
        assertTrue(coloured.indexOf('\u001b') >= 0);
        assertEquals(HelpText.run(Style.PLAIN), coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
    }

    @Test
    void wraps() {
        assertEquals(List.of("a bc", "def", "ghijklm", "n"), HelpText.wrap("a bc def ghijklm n", 5));
    }
}
