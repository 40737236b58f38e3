package io.nsjob.internal.os;

import java.nio.ByteBuffer;

/**
 * Where things are in struct epoll_event, epoll_ctl(2): {@code u32 events} and eight bytes of the caller's, here a descriptor and its
 * generation. The kernel packs it on x86-64, and there alone.
 *
 * @param size of one in an array
 * @param data where the caller's bytes begin
 */
record EpollLayout(int size, int data) {
    private static final int INT = 4, LONG = 8;

    /**
     * The layout of an architecture.
     *
     * @param arch its name, as {@code os.arch} has it
     * @return of a process of 64 bits
     */
    static EpollLayout of(String arch) {
        boolean packed = arch.equals("amd64") || arch.equals("x86_64");
        // Elsewhere eight bytes lie at a multiple of eight.
        int data = packed ? INT : LONG;
        return new EpollLayout(data + LONG, data);
    }

    /** One at the start of the buffer. */
    void put(ByteBuffer bytes, int events, int fd, int generation) {
        bytes.putInt(0, events);
        bytes.putInt(data, fd);
        bytes.putInt(data + INT, generation);
    }

    /** What has happened, of one in an array. */
    int ready(ByteBuffer bytes, int index) {
        return bytes.getInt(index * size);
    }

    int fd(ByteBuffer bytes, int index) {
        return bytes.getInt(index * size + data);
    }

    int generation(ByteBuffer bytes, int index) {
        return bytes.getInt(index * size + data + INT);
    }
}
