package io.nsjob.cli.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nsjob.cli.Cells;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellsTest {
    @ParameterizedTest
    @CsvSource({"abc,3", "한국,4", "e\u0301,1", "🙂,2", "－,2", "a한,3"})
    void widths(String text, int cells) {
        assertEquals(cells, Cells.of(text));
    }

    @ParameterizedTest
    @CsvSource({"abc,3,abc", "abcd,3,ab…", "한국어,4,한…", "한국어,5,한국…", "한국어,6,한국어"})
    void clipped(String text, int cells, String expected) {
        assertEquals(expected, Cells.clip(text, cells));
    }
}
