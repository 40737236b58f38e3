package io.nsjob;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast all processes of a job together may use one disk; what is empty is not limited.
 *
 * @param device its block device, such as {@code /dev/vda}, or its numbers, such as {@code 254:0}; a whole disk, not a partition
 * @param readBps bytes read in a second
 * @param writeBps bytes written in a second
 * @param readIops reads in a second
 * @param writeIops writes in a second
 */
public record IoLimit(String device, OptionalLong readBps, OptionalLong writeBps, OptionalLong readIops, OptionalLong writeIops) {
    private static final Pattern PART = Pattern.compile("(read-bps|write-bps|read-iops|write-iops)=(.+)");

    /** Checks that nothing is missing. */
    public IoLimit {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(readBps, "readBps");
        Objects.requireNonNull(writeBps, "writeBps");
        Objects.requireNonNull(readIops, "readIops");
        Objects.requireNonNull(writeIops, "writeIops");
    }

    /**
     * Begins with a disk that is not limited.
     *
     * @param device its block device or numbers
     * @return to be limited by the other methods
     */
    public static IoLimit of(String device) {
        return new IoLimit(device, OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
    }

    /**
     * Limits reading.
     *
     * @param bytes in a second
     * @return a copy with it
     */
    public IoLimit withReadBps(long bytes) {
        return new IoLimit(device, OptionalLong.of(bytes), writeBps, readIops, writeIops);
    }

    /**
     * Limits writing.
     *
     * @param bytes in a second
     * @return a copy with it
     */
    public IoLimit withWriteBps(long bytes) {
        return new IoLimit(device, readBps, OptionalLong.of(bytes), readIops, writeIops);
    }

    /**
     * Limits reading.
     *
     * @param operations in a second
     * @return a copy with it
     */
    public IoLimit withReadIops(long operations) {
        return new IoLimit(device, readBps, writeBps, OptionalLong.of(operations), writeIops);
    }

    /**
     * Limits writing.
     *
     * @param operations in a second
     * @return a copy with it
     */
    public IoLimit withWriteIops(long operations) {
        return new IoLimit(device, readBps, writeBps, readIops, OptionalLong.of(operations));
    }

    /**
     * Reads a limit.
     *
     * @param text such as {@code /dev/vda,write-bps=10m,read-iops=200}
     * @return the limit
     * @throws IllegalArgumentException when it is not one
     */
    public static IoLimit parse(String text) {
        String[] parts = text.split(",", -1);
        IoLimit limit = of(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            Matcher matcher = PART.matcher(parts[i]);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a disk limit such as /dev/vda,read-bps=10m,write-iops=200");
            }
            long value = Sizes.parse(matcher.group(2));
            switch (matcher.group(1)) {
                case "read-bps":
                    limit = limit.withReadBps(value);
                    break;
                case "write-bps":
                    limit = limit.withWriteBps(value);
                    break;
                case "read-iops":
                    limit = limit.withReadIops(value);
                    break;
                default:
                    limit = limit.withWriteIops(value);
                    break;
            }
        }
        return limit;
    }
}
