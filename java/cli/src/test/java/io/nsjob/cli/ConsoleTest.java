package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleTest {
    @Test
    void controlCharactersStayOffTheTerminal() {
        assertEquals("a\\nb\\tc\\x1b[31m\\x7f한국어😀", Console.oneLine("a\nb\tc\u001b[31m\u007f한국어😀"));
    }

    @Test
    void colourNeedsATerminalAndConsent() {
        assertEquals(Style.COLOUR, Style.choose(true, Map.of("TERM", "xterm")));
        assertEquals(Style.COLOUR, Style.choose(true, Map.of("TERM", "xterm", "NO_COLOR", "")));
        assertEquals(Style.PLAIN, Style.choose(true, Map.of("TERM", "xterm", "NO_COLOR", "1")));
        assertEquals(Style.PLAIN, Style.choose(false, Map.of("TERM", "xterm")));
        assertEquals(Style.PLAIN, Style.choose(true, Map.of("TERM", "dumb")));
        assertEquals(Style.PLAIN, Style.choose(true, Map.of()));
    }

    @Test
    void foregroundIsReadFromStat() {
        String tail = " 4194304 1 0 0";
        assertTrue(Terminal.inForeground("7 (java) S 1 7 7 34816 7" + tail));
        assertTrue(Terminal.inForeground("7 (a) b ( c) S 1 7 7 34816 7" + tail));
        assertFalse(Terminal.inForeground("7 (java) S 1 7 5 34816 5" + tail), "in the background");
        assertFalse(Terminal.inForeground("7 (java) S 1 7 7 0 -1" + tail), "without a terminal");
    }

    @ParameterizedTest
    @CsvSource({"a,a,0", "ab,ba,1", "abc,ac,1", "'',abc,3", "--hostnam,--hostname,1", "kitten,sitting,3", "ca,abc,3"})
    void distance(String a, String b, int expected) {
        assertEquals(expected, Suggestion.distance(a, b));
        assertEquals(expected, Suggestion.distance(b, a));
    }

    @Test
    void suggestsOnlyWhatIsNear() {
        assertEquals("; did you mean net?", Suggestion.didYouMean("nte", List.of("user", "net")));
        assertEquals("", Suggestion.didYouMean("quux", List.of("user", "net")));
    }
}
