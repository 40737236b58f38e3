package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Statistics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Files as Linux 6.18 has them. */
class CgroupFiguresTest {
    @Test
    void versionOne() {
        Map<String, Map<String, String>> cgroups = new LinkedHashMap<>();
        cgroups.put("/cg/memory/nsjob-1-1-1", Map.of("memory.max_usage_in_bytes", "749568", "memory.failcnt", "12",
            "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2"));
        cgroups.put("/cg/pids/nsjob-1-1-1", Map.of("pids.peak", "65", "pids.events", "max 4956"));
        cgroups.put("/cg/cpu/nsjob-1-1-1", Map.of("cpu.stat", "nr_periods 20\nnr_throttled 19\nthrottled_time 1026550123\nnr_bursts 0"));
        cgroups.put("/cg/cpuacct/nsjob-1-1-1", Map.of("cpuacct.usage", "603734000", "cpuacct.usage_user", "555000000",
            "cpuacct.usage_sys", "48000000"));
        Statistics figures = CgroupFigures.of(cgroups).orElseThrow();
        assertEquals("749568 12 2 64 4956 19", figures.memoryPeakBytes().getAsLong() + " " + figures.memoryLimitHits().getAsLong() + " "
            + figures.oomKills().getAsLong() + " " + figures.pidsPeak().getAsLong() + " " + figures.pidsRefused().getAsLong() + " "
            + figures.throttledPeriods().getAsLong());
        assertEquals(Optional.of(Duration.ofNanos(603_734_000)), figures.cpu());
        assertEquals(Optional.of(Duration.ofNanos(48_000_000)), figures.system());
        assertEquals(Optional.of(Duration.ofNanos(1_026_550_123)), figures.throttled());
        assertEquals(Map.of(), figures.pressure());
        assertEquals(OptionalLong.empty(), figures.memoryBytes());
    }

    @Test
    void versionTwo() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("memory.peak", "1048576");
        files.put("memory.events", "low 0\nhigh 0\nmax 31\noom 1\noom_kill 1\noom_group_kill 0");
        files.put("pids.peak", "3");
        files.put("pids.events", "max 0");
        files.put("cpu.stat", "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 2\nnr_throttled 1\nthrottled_usec 700");
        files.put("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7");
        files.put("io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
        Statistics figures = CgroupFigures.of(Map.of("/sys/fs/cgroup/x/nsjob-1-1-1", files)).orElseThrow();
        assertEquals("1048576 31 1 2 0 1", figures.memoryPeakBytes().getAsLong() + " " + figures.memoryLimitHits().getAsLong() + " "
            + figures.oomKills().getAsLong() + " " + figures.pidsPeak().getAsLong() + " " + figures.pidsRefused().getAsLong() + " "
            + figures.throttledPeriods().getAsLong());
        assertEquals(Optional.of(Duration.ofMillis(5)), figures.cpu());
        assertEquals(Optional.of(Duration.ofNanos(700_000)), figures.throttled());
        assertEquals(Map.of("cpu", Duration.ofNanos(1_234_000), "io", Duration.ZERO), figures.pressure());
    }

    @Test
    void whatIsNotThereOrNotANumberIsEmpty() {
        assertTrue(CgroupFigures.of(Map.of()).isEmpty());
        Map<String, String> files = new LinkedHashMap<>(Map.of("pids.peak", "max", "cpu.stat", "", "cpu.pressure", "off"));
        files.put("memory.pressure", "some avg10=0.00 total=");
        files.put("io.pressure", "some total=18446744073709551615\nfull total=7");
        Statistics figures = CgroupFigures.of(Map.of("/x", files)).orElseThrow();
        assertEquals(OptionalLong.empty(), figures.pidsPeak());
        assertEquals(Optional.empty(), figures.cpu());
        assertEquals(Map.of(), figures.pressure());
    }
}
