package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** The numbers of a disk. */
public final class BlockDevice {
    private static final int TYPE = 0170000;
    private static final int BLOCK = 0060000;

    private BlockDevice() {
    }

    /**
     * Finds the numbers of a disk.
     *
     * @param device a path in /dev, or the numbers
     * @return such as {@code 254:0}
     * @throws IOException saying why it is not one
     */
    public static String numbers(String device) throws IOException {
        if (device.matches("[0-9]{1,4}:[0-9]{1,7}")) {
            return device;
        }
        try {
            Map<String, Object> stat = Files.readAttributes(Path.of(device), "unix:mode,rdev");
            if (((Integer) stat.get("mode") & TYPE) != BLOCK) {
                throw new IOException("not a block device");
            }
            long number = ((Number) stat.get("rdev")).longValue();
            // makedev(3) of glibc.
            long major = number >>> 8 & 0xfff | number >>> 32 & ~0xfffL;
            long minor = number & 0xff | number >>> 12 & ~0xffL;
            String numbers = major + ":" + minor;
            if (Files.exists(Path.of("/sys/dev/block", numbers, "partition"))) {
                throw new IOException("a partition; only whole disks can be limited");
            }
            return numbers;
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new IOException("there is no such device", e);
        }
    }
}
