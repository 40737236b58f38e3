package io.nsjob.internal.os;

/** What one loop reads into, and what of it has to be on the heap. For one thread after the other. */
final class ReadBuffer {
    private final NativeBuffer memory = new NativeBuffer(Loop.BUFFER);
    private byte[] heap = new byte[Loop.HEAP];

    NativeBuffer memory() {
        return memory;
    }

    /** What was read, valid until something else is; a longer array. */
    byte[] bytes(int length) {
        if (heap.length < length) {
            heap = new byte[Loop.BUFFER];
        }
        memory.bytes().get(0, heap, 0, length);
        return heap;
    }
}
