package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({"250ms,250", "5s,5000", "1m30s,90000", "2h,7200000", "30d,2592000000", "0s,0", "1d2h3m4s5ms,93784005", "1m1ms,60001"})
    void durationsAreRead(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), Durations.parse(text));
        assertEquals(Duration.ofMillis(-millis), Durations.parseSigned("-" + text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "5", "s", "5 s", "1s1m", "1.5s", "5S", "+5s", "--5s", "5s5s", "9999999999d", "\u0665s"})
    void otherTextIsNoDuration(String text) {
        assertThrows(IllegalArgumentException.class, () -> Durations.parseSigned(text));
    }

    @Test
    void negativeDurationsAreRefusedWhereTheyMeanNothing() {
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("-5s"));
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("-0s"));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            Duration duration = Duration.ofMillis(random.nextLong() % (1L << random.nextInt(45)));
            assertEquals(duration, Durations.parseSigned(Durations.format(duration)));
            long size = random.nextLong() >>> 1 + random.nextInt(62);
            size = size > 999_999_999_999_999_999L ? 0 : size << (random.nextInt(4) == 0 && size < 1 << 20 ? 20 : 0);
            assertEquals(size, Sizes.parse(Sizes.format(size)));
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0", "64k,65536", "8m,8388608", "1g,1073741824", "2T,2199023255552", "1000,1000"})
    void sizesAreRead(String text, long bytes) {
        assertEquals(bytes, Sizes.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5m", "8 m", "8mb", "99999999999999999999", "9999999999999999t", "0x10"})
    void otherTextIsNoSize(String text) {
        assertThrows(IllegalArgumentException.class, () -> Sizes.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"TERM,15", "SIGTERM,15", "sigterm,15", "15,15", "KILL,9", "RTMIN,34", "SIGRTMIN+2,36", "64,64", "IOT,6", "SYS,31"})
    void signalsAreFound(String name, int number) {
        assertEquals(OptionalInt.of(number), Signals.number(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "0", "65", "32", "33", "-1", "NOPE", "RTMIN+31", "RTMIN-1", "15x"})
    void otherNamesAreNoSignals(String name) {
        assertEquals(OptionalInt.empty(), Signals.number(name));
    }

    @Test
    void everySignalHasANameThatLeadsBack() {
        for (int number = 1; number <= 64; number++) {
            if (number != 32 && number != 33) {
                assertEquals(OptionalInt.of(number), Signals.number(Signals.name(number)));
            }
        }
        assertEquals("signal 99", Signals.name(99));
    }
}
