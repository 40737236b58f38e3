package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
    private static boolean passes(Check.Op op, String output, String operand, int plus) {
        Check check = new Check(List.of(), new Check.Compare(Optional.empty(), op, operand, BigDecimal.valueOf(plus)), Demo.When.ALWAYS);
        return check.look(output, text -> text).passed();
    }

    /** Each comparison with one that holds and one that does not. */
    @ParameterizedTest
    @CsvSource({"EQUALS,a,a,b", "DIFFERS,a,b,a", "CONTAINS,abc,b,d", "LACKS,abc,d,b", "MATCHES,abc,^a.c$,^b", "LACKS_MATCH,abc,^b,c$",
        "LESS,1,2,1", "MORE,2.5,2,2.5", "AT_LEAST,10,10,10.1", "AT_MOST,10,10,9", "MORE,10,9,x", "LESS,x,x,1"})
    void eachComparisonCanFail(Check.Op op, String output, String holds, String fails) {
        assertEquals(!output.equals("x"), passes(op, output, holds, 0));
        assertEquals(false, passes(op, output, fails, 0));
    }

    @Test
    void somethingCanBeAddedToANumber() {
        assertEquals(true, passes(Check.Op.AT_LEAST, "86410", "10", 86400));
        assertEquals(false, passes(Check.Op.AT_LEAST, "86409", "10", 86400));
    }

    @Test
    void linesAreMatchedOneByOne() {
        assertEquals(true, passes(Check.Op.MATCHES, "one\ntwo", "^two$", 0));
    }

    @Test
    void variablesAreFilledInAndAShellsOwnAreNot() {
        Map<String, String> values = Map.of("a.out", "$1");
        assertEquals("$1 ${x} $y $$", Template.fill("${a.out} $${x} $y $$", name -> Optional.ofNullable(values.get(name))));
        assertEquals(List.of("a.out", "b"), Template.variables("${a.out} $${x} ${b}"));
        assertThrows(Template.Missing.class, () -> Template.fill("${b}", name -> Optional.empty()));
    }
}
