package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LibcTest {
    @Test
    void aNamespaceFileSaysItsKind() throws ErrnoException {
        int fd = Libc.openFile("/proc/self/ns/net", Libc.O_RDONLY);
        try {
            assertEquals(Libc.CLONE_NEWNET, Libc.control(fd, Libc.NS_GET_NSTYPE, null, "net"));
        } finally {
            Libc.closeQuietly(fd);
        }
    }

    @Test
    void anErrorNamesTheCallTheFileAndTheReason() {
        ErrnoException open = assertThrows(ErrnoException.class, () -> Libc.openFile("/proc/self/ns/나무", Libc.O_RDONLY));
        assertEquals("open /proc/self/ns/나무: No such file or directory", open.getMessage());
        assertEquals(Libc.ENOENT, open.errno());
        ErrnoException ioctl = assertThrows(ErrnoException.class, () -> {
            int fd = Libc.openFile("/dev/null", Libc.O_RDONLY);
            try {
                Libc.control(fd, Libc.NS_GET_NSTYPE, null, "/dev/null");
            } finally {
                Libc.closeQuietly(fd);
            }
        });
        assertTrue(ioctl.getMessage().startsWith("ioctl /dev/null: "), ioctl.getMessage());
        assertEquals(Libc.ENOTTY, ioctl.errno());
        assertEquals("umount2", assertThrows(ErrnoException.class, () -> Libc.unmount("/proc/nothing", 0)).syscall());
    }
}
