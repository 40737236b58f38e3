package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class SinksTest {

    private static List<String> lines(byte[] bytes, int step) {
        List<String> lines = new ArrayList<>();
        Sinks.Lines sink = new Sinks.Lines(lines::add);
        for (int at = 0; at < bytes.length; at += step) {
            byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + step));
            sink.accept(part, part.length);
        }
        sink.end();
        return lines;
    }

    @Test
    void linesAreTheSameHoweverTheyAreCut() {
        byte[] text = "\none\r\n\ud55c\uad6d\uc5b4\n\n\u0000\nlast".getBytes(StandardCharsets.UTF_8);
        List<String> expected = List.of("", "one", "\ud55c\uad6d\uc5b4", "", "\u0000", "last");
        for (int step = 1; step <= text.length; step++) {
            assertEquals(expected, lines(text, step), "step " + step);
        }
        assertEquals(List.of(), lines(new byte[0], 1));
        assertEquals(List.of("\ufffd"), lines(new byte[] {(byte) 0xFF, '\n'}, 1));
    }

    @ParameterizedTest
    @CsvSource({"0,0,false", "1,0,true", "0,5,false", "5,5,false", "6,5,true", "200000,199999,true", "200000,65536,true", "200000,200000,false"})
    void cutsToTheByte(int size, int limit, boolean cut) throws Exception {
        byte[] written = new byte[size];
        new Random(7).nextBytes(written);
        BoundedPipe pipe = new BoundedPipe();
        Sinks.Cut sink = new Sinks.Cut(new Sinks.Live(pipe), limit);
        CompletableFuture<byte[]> passed = CompletableFuture.supplyAsync(() -> {
            try {
                return pipe.input().readAllBytes();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        for (int at = 0; at < size; at += 7000) {
            byte[] part = Arrays.copyOfRange(written, at, Math.min(size, at + 7000));
            sink.accept(part, part.length);
        }
        assertEquals(cut, sink.completesResult(), "what was cut is counted");
        sink.end();
        assertArrayEquals(Arrays.copyOf(written, Math.min(size, limit)), passed.get());
    }

    @Test
    void overlongLinesComeInPiecesThatLoseNothing() {
        String line = "\ud55c".repeat(1_000_000);
        List<String> pieces = lines((line + "\nnext\n").getBytes(StandardCharsets.UTF_8), 60_001);
        assertEquals("next", pieces.get(pieces.size() - 1));
        assertEquals(line, String.join("", pieces.subList(0, pieces.size() - 1)));
        assertTrue(pieces.stream().allMatch(piece -> piece.length() <= 1 << 20));
        byte[] garbage = new byte[3 << 20];
        Arrays.fill(garbage, (byte) 0x80);
        assertEquals(3, lines(garbage, 65536).size(), "bounded, even without a place to cut");
        byte[] exact = new byte[(1 << 20) + 1];
        Arrays.fill(exact, (byte) 'x');
        exact[1 << 20] = '\n';
        assertEquals(1, lines(exact, 4096).size());
    }

    @Test
    void aCaptureKeepsExactlyItsLimit() {
        for (int max : new int[] {0, 1, 9, 10, 11}) {
            Capture capture = new Capture(max);
            capture.accept("01234".getBytes(StandardCharsets.US_ASCII), 5);
            capture.accept("56789".getBytes(StandardCharsets.US_ASCII), 5);
            assertEquals("0123456789".substring(0, Math.min(max, 10)), new String(capture.bytes().toArray(), StandardCharsets.US_ASCII));
            assertEquals(max < 10, capture.truncated());
        }
    }

    @Test
    void aCaptureIsTheSameHoweverItCame() {
        Random random = new Random(11);
        byte[] written = new byte[2_000_000];
        random.nextBytes(written);
        for (int most : new int[] {1500, 70_000, 600_000}) {
            Capture capture = new Capture(written.length - 1);
            List<Capture.Bytes> before = new ArrayList<>();
            for (int at = 0; at < written.length; ) {
                int length = Math.min(written.length - at, 1 + random.nextInt(most));
                before.add(capture.bytes());
                capture.accept(Arrays.copyOfRange(written, at, at + length), length);
                at += length;
            }
            assertArrayEquals(Arrays.copyOf(written, written.length - 1), capture.bytes().toArray());
            assertTrue(capture.truncated());
            // What was taken at a moment stays so, whatever comes later.
            Capture.Bytes middle = before.get(before.size() / 2);
            assertArrayEquals(Arrays.copyOf(written, middle.size()), middle.toArray());
            int held = capture.bytes().pieces().stream().mapToInt(piece -> piece.length).sum();
            assertEquals(written.length - 1, held, "no more than is kept");
        }
    }

    @Test
    void aPipeCarriesEverythingInOrder() throws Exception {
        BoundedPipe pipe = new BoundedPipe();
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            Random random = new Random(2);
            try (var out = pipe.output()) {
                for (int at = 0; at < bytes.length;) {
                    int length = Math.min(bytes.length - at, random.nextInt(100_000));
                    out.write(bytes, at, length);
                    at += length;
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertArrayEquals(bytes, pipe.input().readAllBytes());
        writer.join();
    }

    @Test
    void aPipeWhoseOtherEndIsClosedWaitsForNobody() throws Exception {
        BoundedPipe unread = new BoundedPipe();
        CompletableFuture<Void> full = CompletableFuture.runAsync(() -> {
            IOException e = assertThrows(IOException.class, () -> unread.output().write(new byte[200_000]));
            assertFalse(e instanceof InterruptedIOException);
        });
        Thread.sleep(20);
        assertFalse(full.isDone(), "it waits for room");
        unread.input().close();
        full.join();
        BoundedPipe unwritten = new BoundedPipe();
        unwritten.output().write(7);
        unwritten.output().close();
        assertEquals(1, unwritten.input().available());
        assertEquals(7, unwritten.input().read());
        assertEquals(-1, unwritten.input().read());
    }

    @Test
    void anInterruptedUserOfAPipeIsToldAndKeepsTheFlag() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> new BoundedPipe().input().read());
        assertTrue(Thread.interrupted());
    }
}
