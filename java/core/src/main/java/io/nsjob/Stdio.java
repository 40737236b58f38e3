package io.nsjob;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/** Where one of the three standard streams of a job leads. */
public sealed interface Stdio {

    /**
     * The JVM's own.
     *
     * @return for input and output
     */
    static Stdio inherit() {
        return Inherit.INSTANCE;
    }

    /**
     * {@code /dev/null}.
     *
     * @return for input and output
     */
    static Stdio discard() {
        return Discard.INSTANCE;
    }

    /**
     * These bytes, then end of file. A job that does not read them loses nothing.
     *
     * @param bytes copied
     * @return for input
     */
    static Stdio bytes(byte[] bytes) {
        return new Bytes(bytes);
    }

    /**
     * Kept in memory up to a limit; what is beyond is read and thrown away, and the result says so.
     *
     * @param max bytes to keep
     * @return for output
     */
    static Stdio capture(long max) {
        return new Capture(max);
    }

    /**
     * A live stream of the {@link Job}, with a bounded buffer: a job that writes faster than its stream is read has to wait. What
     * the job wrote can be read after its end, until {@link Job#close}: then only what the buffer has room for, 64 KiB, and behind
     * that, where there was more, comes an IOException in place of the end.
     *
     * @return for input and output
     */
    static Stdio stream() {
        return Stream.INSTANCE;
    }

    /**
     * Every line, as it comes, without its line break; malformed UTF-8 is replaced. The consumer runs on a thread of the
     * library, one line after another, and the job waits while it works. An overlong line arrives in pieces of 1 MiB.
     *
     * @param consumer called for each line; when it throws, the rest is read and thrown away
     * @return for output
     */
    static Stdio lines(Consumer<String> consumer) {
        return new Lines(consumer);
    }

    /**
     * A file: read from its beginning, or emptied and written.
     *
     * @param path any file the JVM may open
     * @return for input and output
     */
    static Stdio file(Path path) {
        return new File(path, false);
    }

    /**
     * A file that is written at its end.
     *
     * @param path any file the JVM may open
     * @return for output
     */
    static Stdio appendTo(Path path) {
        return new File(path, true);
    }

    /** The JVM's own. */
    record Inherit() implements Stdio {
        private static final Inherit INSTANCE = new Inherit();
    }

    /** {@code /dev/null}. */
    record Discard() implements Stdio {
        private static final Discard INSTANCE = new Discard();
    }

    /** Bytes for the job to read. */
    final class Bytes implements Stdio {
        private final byte[] content;

        private Bytes(byte[] bytes) {
            content = bytes.clone();
        }

        /**
         * The bytes.
         *
         * @return a copy
         */
        public byte[] content() {
            return content.clone();
        }

        @Override
        public String toString() {
            return "Bytes[" + content.length + "]";
        }
    }

    /**
     * Kept in memory.
     *
     * @param max bytes to keep
     */
    record Capture(long max) implements Stdio {
        /** Checks that the limit is one that an array can hold. */
        public Capture {
            if (max < 0) {
                throw new IllegalArgumentException("max is negative: " + max);
            }
        }
    }

    /** A live stream. */
    record Stream() implements Stdio {
        private static final Stream INSTANCE = new Stream();
    }

    /**
     * Line by line.
     *
     * @param consumer called for each line
     */
    record Lines(Consumer<String> consumer) implements Stdio {
        /** Checks that there is a consumer. */
        public Lines {
            Objects.requireNonNull(consumer, "consumer");
        }
    }

    /**
     * A file.
     *
     * @param path any file the JVM may open
     * @param append whether to write at its end
     */
    record File(Path path, boolean append) implements Stdio {
        /** Checks that there is a path. */
        public File {
            Objects.requireNonNull(path, "path");
        }
    }
}
