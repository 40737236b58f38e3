package io.nsjob.internal.os;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory outside the heap, for system calls to read and write: used again and again, by one thread at a time. */
final class NativeBuffer {
    /** Is what keeps the memory: it is given back when nobody has this object any more. */
    private final Memory memory;
    private final ByteBuffer bytes;
    private final long address;

    /** Filled with zeros. */
    NativeBuffer(int size) {
        memory = new Memory(size);
        memory.clear();
        bytes = memory.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
        address = Pointer.nativeValue(memory);
    }

    /** The same memory, in the byte order of the machine. Only its absolute methods are for use. */
    ByteBuffer bytes() {
        return bytes;
    }

    long address() {
        return address;
    }

    int size() {
        return (int) memory.size();
    }
}
