package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout for machines that this is not, and against the kernel of this one. */
class EpollLayoutTest {
    private static final int EVENTS = 3, FD = 0x05060708, GENERATION = 0x090a0b0c;
    private static final int GUARD = 0x7f;

    /** include/uapi/linux/eventpoll.h: EPOLL_PACKED for __x86_64__. */
    @ParameterizedTest
    @CsvSource({"amd64,12,4", "x86_64,12,4", "aarch64,16,8", "riscv64,16,8"})
    void isThatOfTheKernelsHeader(String arch, int size, int data) {
        assertEquals(new EpollLayout(size, data), EpollLayout.of(arch));
    }

    @ParameterizedTest
    @CsvSource({"amd64,03000000 08070605 0c0b0a09", "aarch64,03000000 00000000 08070605 0c0b0a09"})
    void writesWhatTheKernelReads(String arch, String expected) {
        EpollLayout layout = EpollLayout.of(arch);
        ByteBuffer bytes = ByteBuffer.allocate(layout.size()).order(ByteOrder.LITTLE_ENDIAN);
        layout.put(bytes, EVENTS, FD, GENERATION);
        StringBuilder hex = new StringBuilder();
        for (byte one : bytes.array()) {
            hex.append(String.format("%02x", one));
        }
        assertEquals(expected.replace(" ", ""), hex.toString());
    }

    @ParameterizedTest
    @CsvSource({"amd64", "aarch64"})
    void readsEachOfAnArray(String arch) {
        EpollLayout layout = EpollLayout.of(arch);
        ByteBuffer array = ByteBuffer.allocate(3 * layout.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 3; i++) {
            ByteBuffer one = array.slice(i * layout.size(), layout.size()).order(ByteOrder.LITTLE_ENDIAN);
            layout.put(one, EVENTS + i, FD + i, GENERATION + i);
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(List.of(EVENTS + i, FD + i, GENERATION + i),
                List.of(layout.ready(array, i), layout.fd(array, i), layout.generation(array, i)));
        }
    }

    /** The kernel writes two of them where they are looked for, and nothing behind them. */
    @Test
    void theKernelOfThisMachineAgrees() {
        EpollLayout layout = EpollLayout.of(System.getProperty("os.arch"));
        int epoll = NativeIo.newEpoll();
        int[] fds = {NativeIo.newEvent(), NativeIo.newEvent()};
        try {
            NativeBuffer event = new NativeBuffer(layout.size());
            NativeBuffer events = new NativeBuffer(3 * layout.size());
            for (int i = 0; i < events.size(); i++) {
                events.bytes().put(i, (byte) GUARD);
            }
            for (int fd : fds) {
                layout.put(event.bytes(), NativeIo.EPOLLOUT, fd, GENERATION + fd);
                assertEquals(0, NativeIo.control(epoll, NativeIo.EPOLL_CTL_ADD, fd, event));
            }
            assertEquals(2, NativeIo.await(epoll, events, 3, 0));
            int[] found = {layout.fd(events.bytes(), 0), layout.fd(events.bytes(), 1)};
            Arrays.sort(found);
            assertArrayEquals(fds, found);
            for (int i = 0; i < 2; i++) {
                assertEquals(NativeIo.EPOLLOUT, layout.ready(events.bytes(), i));
                assertEquals(GENERATION + layout.fd(events.bytes(), i), layout.generation(events.bytes(), i));
            }
            for (int i = 2 * layout.size(); i < events.size(); i++) {
                assertEquals(GUARD, events.bytes().get(i));
            }
        } finally {
            NativeIo.closeFd(fds[0]);
            NativeIo.closeFd(fds[1]);
            NativeIo.closeFd(epoll);
        }
        assertTrue(epoll >= 0 && fds[0] >= 0 && fds[0] < fds[1]);
    }
}
