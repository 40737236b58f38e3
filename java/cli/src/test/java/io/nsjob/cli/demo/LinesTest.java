package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.cli.Cells;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
    @Test
    void widthsAreThoseOfUax11() {
        assertEquals(4, Cells.of("host"));
        assertEquals(8, Cells.of("호스트는"));
        assertEquals(2, Cells.of("\u1112\u1161\u11ab"), "conjoining jamo are one syllable");
        assertEquals(1, Cells.of("e\u0301"));
        assertEquals(2, Cells.of("😀"));
        assertEquals(2, Cells.of("（"));
        assertEquals(1, Cells.of("ﾊ"), "half-width forms are narrow");
        assertEquals(3, Cells.of("│✔✘"));
        assertEquals(2, Cells.of("𠀀"));
        assertEquals(0, Cells.of("\u200b"));
    }

    @Test
    void linesAreBrokenBetweenWordsAndCutOnlyWhereOneIsTooLong() {
        assertEquals(List.of("one two", "three"), Lines.wrap("one two three", 8));
        assertEquals(List.of("나만의", "이름"), Lines.wrap("나만의 이름", 10));
        assertEquals(List.of("abcd", "efgh", "i j"), Lines.wrap("abcdefghi j", 4));
        assertEquals(List.of("가나", "다"), Lines.cut("가나다", 5), "no half of a character");
        assertEquals(List.of(""), Lines.wrap("", 10));
        assertEquals(List.of("ip link ", "show"), Lines.fold("ip link show", 10));
        assertEquals(List.of("a b-c-d-e-", "f"), Lines.fold("a b-c-d-e-f", 10), "a blank too far back");
        for (String line : Lines.wrap("uts 네임스페이스에는 호스트 이름과 NIS 도메인 이름이 들어 있습니다.", 17)) {
            assertTrue(Cells.of(line) <= 17, line);
        }
    }

    @Test
    void nothingOfACommandsOutputSteersTheTerminal() {
        assertEquals("a       b", Lines.printable("a\tb"));
        assertEquals("가      b", Lines.printable("가\tb"));
        assertEquals("\\x1b[2J\\x0d\\x9b", Lines.printable("\u001b[2J\r\u009b"));
    }
}
