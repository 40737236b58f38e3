package io.nsjob.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Arguments reach Java decoded, and bytes that are not UTF-8 come as a replacement character: the job would get another
 * argument than the one typed. The wire cannot carry such bytes, so they are refused.
 */
final class CommandLineText {
    private static final char REPLACEMENT = '\uFFFD';

    private CommandLineText() {}

    static void check(String... args) throws UsageException, IOException {
        for (String arg : args) {
            // The character itself is allowed: only then the bytes tell.
            if (arg.indexOf(REPLACEMENT) >= 0 && !isUtf8(Files.readAllBytes(Path.of("/proc/self/cmdline")))) {
                throw new UsageException("run: an argument is not UTF-8: " + arg);
            }
        }
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
