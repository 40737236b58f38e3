package io.nsjob.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a job spec's text; {@code -} is standard input. */
final class SpecFile {
    static final String STANDARD_INPUT = "-";
    /** As large as a plan can be; a spec has nothing that a plan would not hold too. */
    private static final int MAX_BYTES = 1 << 20;

    private SpecFile() {}

    static String read(String name) throws IOException {
        byte[] bytes;
        if (name.equals(STANDARD_INPUT)) {
            bytes = readAtMost(System.in);
        } else {
            // A directory can be opened, and its read(2) fails without naming it.
            if (Files.isDirectory(Path.of(name))) {
                throw new IOException(name + ": " + ErrnoText.of(21));
            }
            try (InputStream in = Files.newInputStream(Path.of(name))) {
                bytes = readAtMost(in);
            }
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException(name + ": larger than " + MAX_BYTES + " bytes, which no job spec is");
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(name + ": not UTF-8", e);
        }
    }

    private static byte[] readAtMost(InputStream in) throws IOException {
        return in.readNBytes(MAX_BYTES + 1);
    }
}
