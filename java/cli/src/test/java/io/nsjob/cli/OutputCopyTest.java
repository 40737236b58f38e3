package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutputCopyTest {
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
        new OutputCopy(from, broken, told::incrementAndGet).run();
        assertEquals(1, told.get());
        assertEquals(0, from.available());
    }
}
