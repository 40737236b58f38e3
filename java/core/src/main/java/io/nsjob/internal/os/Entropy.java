package io.nsjob.internal.os;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Random bytes straight from the kernel: SecureRandom costs tens of milliseconds to load. */
public final class Entropy {
    private static final int SECRET_BYTES = 32;

    private Entropy() {
    }

    /**
     * A secret for one connection.
     *
     * @return 64 lower-case hexadecimal digits
     * @throws IOException when /dev/urandom cannot be read
     */
    public static String secret() throws IOException {
        byte[] bytes = new byte[SECRET_BYTES];
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of("/dev/urandom")))) {
            in.readFully(bytes);
        }
        return hex(bytes);
    }

    /**
     * Compares two secrets in a time that tells nothing about where they differ. The JDK's own comparison comes with the
     * whole of its security framework.
     *
     * @param one a secret
     * @param other a secret
     * @return whether they are equal
     */
    public static boolean isSame(String one, String other) {
        int difference = one.length() ^ other.length();
        for (int i = 0; i < one.length(); i++) {
            difference |= one.charAt(i) ^ (i < other.length() ? other.charAt(i) : 0);
        }
        return difference == 0;
    }

    /**
     * Bytes as hexadecimal digits.
     *
     * @param bytes any
     * @return lower case, two digits each
     */
    public static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return text.toString();
    }
}
