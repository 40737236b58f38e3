package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code /proc/PID/environ}, see proc_pid_environ(5). */
final class Environ {
    private Environ() {
    }

    static Map<String, String> read(Path file) {
        Optional<Map<String, String>> environment = of(file);
        return environment.isPresent() ? environment.get() : System.getenv();
    }

    /** Of any process; empty when it is closed to us. */
    static Optional<Map<String, String>> of(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            return Optional.empty();
        }
        Map<String, String> environment = new LinkedHashMap<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                String entry = decode(bytes, start, i).orElse("");
                int equals = entry.indexOf('=');
                if (equals > 0) {
                    environment.putIfAbsent(entry.substring(0, equals), entry.substring(equals + 1));
                }
                start = i + 1;
            }
        }
        return Optional.of(environment);
    }

    private static Optional<String> decode(byte[] bytes, int start, int end) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
