package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {
    @Test
    void widthsAreThoseOfUax11() {
        assertEquals(4, Columns.of("host"));
        assertEquals(8, Columns.of("호스트는"));
        assertEquals(2, Columns.of("\u1112\u1161\u11ab"), "conjoining jamo are one syllable");
        assertEquals(1, Columns.of("e\u0301"));
        assertEquals(2, Columns.of("😀"));
        assertEquals(2, Columns.of("（"));
        assertEquals(1, Columns.of("ﾊ"), "half-width forms are narrow");
        assertEquals(3, Columns.of("│✔✘"));
        assertEquals(2, Columns.of("𠀀"));
        assertEquals(0, Columns.of("\u200b"));
    }

    @Test
    void linesAreBrokenBetweenWordsAndCutOnlyWhereOneIsTooLong() {
        assertEquals(List.of("one two", "three"), Columns.wrap("one two three", 8));
        assertEquals(List.of("나만의", "이름"), Columns.wrap("나만의 이름", 10));
        assertEquals(List.of("abcd", "efgh", "i j"), Columns.wrap("abcdefghi j", 4));
        assertEquals(List.of("가나", "다"), Columns.cut("가나다", 5), "no half of a character");
        assertEquals(List.of(""), Columns.wrap("", 10));
        for (String line : Columns.wrap("uts 네임스페이스에는 호스트 이름과 NIS 도메인 이름이 들어 있습니다.", 17)) {
            assertTrue(Columns.of(line) <= 17, line);
        }
    }

    @Test
    void nothingOfACommandsOutputSteersTheTerminal() {
        assertEquals("a       b", Columns.printable("a\tb"));
        assertEquals("가      b", Columns.printable("가\tb"));
        assertEquals("\\x1b[2J\\x0d\\x9b", Columns.printable("\u001b[2J\r\u009b"));
    }
}
