package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RlimitTest {
    @Test
    void sixteenByNameAndNumber() {
        assertEquals(List.of("cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks",
            "sigpending", "msgqueue", "nice", "rtprio", "rttime"), Stream.of(Rlimit.values()).map(Rlimit::jsonName).toList());
        for (int i = 0; i < Rlimit.values().length; i++) {
            assertEquals(i, Rlimit.values()[i].number());
        }
    }

    @ParameterizedTest
    @CsvSource({"NOFILE,256,256", "NOFILE,0,0", "FSIZE,64k,65536", "FSIZE,7,7", "AS,2g,2147483648", "CPU,30,30", "CPU,30s,30",
        "CPU,1m30s,90", "CPU,1ms,1", "CPU,1s1ms,2", "RTTIME,200,200", "RTTIME,200ms,200000", "RTTIME,1s,1000000"})
    void readsNaturalUnits(Rlimit name, String text, long value) {
        assertEquals(value, name.parse(text));
        assertEquals(value, name.parse(name.format(value)), "and back");
        assertEquals(ResourceLimit.of(value), name.parseLimit(text));
        assertEquals(new ResourceLimit(value, ResourceLimit.UNLIMITED), name.parseLimit(text + ":unlimited"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1k", "1s", "infinity", "Unlimited", "1.5", "0x10", "9999999999999999999", ":", "1:", ":1", "1:2:3"})
    void refusesTheRest(String text) {
        assertThrows(IllegalArgumentException.class, () -> Rlimit.NOFILE.parseLimit(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"0;0", "0-3;0-3", "3,1,0;0-1,3", "0-1,1-2,5;0-2,5", "1023;1023", "0,2,4;0,2,4"})
    void listsOfProcessors(String text, String written) {
        assertEquals(written, Scheduling.formatCpus(Scheduling.parseCpus(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "0,", "a", "1-", "-1", "2-1", "1024", "0-1024", "0 1", "99999"})
    void notListsOfProcessors(String text) {
        assertThrows(IllegalArgumentException.class, () -> Scheduling.parseCpus(text));
    }
}
