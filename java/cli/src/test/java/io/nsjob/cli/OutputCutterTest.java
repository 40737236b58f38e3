package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputCutterTest {
    @ParameterizedTest
    @CsvSource({"0,0,false", "1,0,true", "0,5,false", "5,5,false", "6,5,true", "200000,199999,true", "200000,65536,true", "200000,200000,false"})
    void cutsToTheByte(int size, int limit, boolean cut) {
        byte[] written = new byte[size];
        new Random(7).nextBytes(written);
        ByteArrayInputStream from = new ByteArrayInputStream(written);
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        OutputCutter cutter = new OutputCutter(from, to, limit, () -> { });
        cutter.run();
        assertArrayEquals(Arrays.copyOf(written, Math.min(size, limit)), to.toByteArray());
        assertEquals(cut, cutter.cut());
        assertEquals(0, from.available(), "the rest was not read: the job would block");
    }

    @Test
    void tellsOnceThatNobodyReadsAndGoesOnReading() {
        ByteArrayInputStream from = new ByteArrayInputStream(new byte[300_000]);
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        AtomicInteger told = new AtomicInteger();
        new OutputCutter(from, broken, Long.MAX_VALUE, told::incrementAndGet).run();
        assertEquals(1, told.get());
        assertEquals(0, from.available());
    }
}
