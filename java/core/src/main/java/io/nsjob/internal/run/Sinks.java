package io.nsjob.internal.run;

import io.nsjob.internal.os.Log;
import io.nsjob.internal.os.Loop;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The sinks behind the ways of {@link io.nsjob.Stdio} that go through this JVM. */
final class Sinks {
    /** Bytes of one line given to a consumer; what is longer comes in pieces. */
    private static final int MAX_LINE = 1 << 20;
    /** Bytes after the first one of a character, at most. */
    private static final int MAX_CONTINUATION = 3;

    private Sinks() {
    }

    /** Passes everything on, and tells once when it is more than a limit. */
    static final class Watched implements OutputSink {
        private final OutputSink to;
        private final Runnable tooMuch;
        private long left;

        Watched(OutputSink to, long max, Runnable tooMuch) {
            this.to = to;
            this.left = max;
            this.tooMuch = tooMuch;
        }

        @Override
        public void accept(byte[] bytes, int length) throws InterruptedException {
            count(length);
            to.accept(bytes, length);
        }

        @Override
        public void accept(Loop from, int length) throws InterruptedException {
            count(length);
            to.accept(from, length);
        }

        /** Before the bytes go on: a reader who takes his time is no reason to let the job go on. */
        private void count(int length) {
            boolean within = left >= 0;
            left -= within ? length : 0;
            if (within && left < 0) {
                tooMuch.run();
            }
        }

        @Override
        public void end() throws InterruptedException {
            to.end();
        }

        @Override
        public int room() {
            return to.room();
        }

        @Override
        public void onRoom(Runnable task) {
            to.onRoom(task);
        }

        @Override
        public boolean isForeign() {
            return to.isForeign();
        }

        /** Or the outcome would be known before it is known whether the job wrote too much. */
        @Override
        public boolean completesResult() {
            return true;
        }

        @Override
        public Capture capture() {
            return to.capture();
        }
    }

    /** Passes on so many bytes and reads the rest into the void, so that the job never waits for it. */
    static final class Cut implements OutputSink {
        private final OutputSink to;
        private long left;
        private volatile boolean cut;

        Cut(OutputSink to, long max) {
            this.to = to;
            this.left = max;
        }

        @Override
        public void accept(byte[] bytes, int length) throws InterruptedException {
            int passed = (int) Math.min(left, length);
            left -= passed;
            cut |= passed < length;
            if (passed > 0) {
                to.accept(bytes, passed);
            }
        }

        @Override
        public void end() throws InterruptedException {
            to.end();
        }

        @Override
        public int room() {
            return left == 0 ? Integer.MAX_VALUE : to.room();
        }

        @Override
        public void onRoom(Runnable task) {
            to.onRoom(task);
        }

        @Override
        public boolean isForeign() {
            return to.isForeign();
        }

        @Override
        public boolean completesResult() {
            // Nobody's slow reading holds back what goes nowhere, and the result is to count it.
            return cut || to.completesResult();
        }
    }

    /** Gives bytes to a user who reads a stream. */
    static final class Live implements OutputSink {
        private final BoundedPipe pipe;

        Live(BoundedPipe pipe) {
            this.pipe = pipe;
        }

        @Override
        public void accept(byte[] bytes, int length) throws InterruptedException {
            pipe.write(bytes, 0, length);
        }

        @Override
        public void end() {
            pipe.closeWriter();
        }

        @Override
        public int room() {
            return pipe.room();
        }

        @Override
        public void onRoom(Runnable task) {
            pipe.onRoom(task);
        }

        /** The user may read it as slowly as he likes, or never. */
        @Override
        public boolean completesResult() {
            return false;
        }
    }

    /** Gives lines to a consumer. */
    static final class Lines implements OutputSink {
        private final Consumer<String> consumer;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private boolean cut;
        private boolean failed;

        Lines(Consumer<String> consumer) {
            this.consumer = consumer;
        }

        @Override
        public void accept(byte[] bytes, int length) {
            int start = 0;
            for (int i = 0; i < length; i++) {
                if (bytes[i] == '\n') {
                    line.write(bytes, start, i - start);
                    start = i + 1;
                    // The end of a line that was cut just here is no line of its own.
                    if (!cut || line.size() > 0) {
                        emit();
                    }
                    cut = false;
                } else if (mustCutBefore(bytes[i], line.size() + i - start)) {
                    line.write(bytes, start, i - start);
                    start = i;
                    emit();
                    cut = true;
                }
            }
            line.write(bytes, start, length - start);
        }

        @Override
        public boolean isForeign() {
            return true;
        }

        /** An overlong line is cut before a byte that begins a character; where none comes, it is not UTF-8 anyway. */
        private static boolean mustCutBefore(byte next, int size) {
            return size >= MAX_LINE && ((next & 0xC0) != 0x80 || size >= MAX_LINE + MAX_CONTINUATION);
        }

        private void emit() {
            byte[] bytes = line.toByteArray();
            line.reset();
            if (failed) {
                return;
            }
            try {
                consumer.accept(decode(bytes));
            } catch (RuntimeException e) {
                // The job goes on; so does reading, or it would block.
                failed = true;
                Log.warning(Lines.class, "a consumer of output lines failed; it gets no more", e);
            }
        }

        private static String decode(byte[] bytes) {
            int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
            return new String(bytes, 0, length, StandardCharsets.UTF_8);
        }

        @Override
        public void end() {
            if (line.size() > 0) {
                emit();
            }
        }
    }
}
