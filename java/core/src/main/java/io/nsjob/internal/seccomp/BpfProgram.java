package io.nsjob.internal.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A classic BPF program as seccomp(2) takes it. It can be run here too, so that a filter is known before it is on. */
public final class BpfProgram {
    /** The longest that the kernel takes, BPF_MAXINSNS; the helper's own limit too. */
    public static final int MAX_INSTRUCTIONS = 4096;

    static final int LOAD = 0x20;
    static final int AND = 0x54;
    static final int JUMP = 0x05;
    static final int JUMP_EQUAL = 0x15;
    static final int JUMP_GREATER = 0x25;
    static final int JUMP_GREATER_EQUAL = 0x35;
    static final int RETURN = 0x06;

    /** Offsets in struct seccomp_data. */
    static final int NUMBER = 0;
    static final int ARCH = 4;
    static final int ARGUMENTS = 16;

    private static final int INSTRUCTION_BYTES = 8;

    /** struct sock_filter. */
    record Instruction(int code, int jumpTrue, int jumpFalse, int k) {
    }

    private final List<Instruction> instructions;

    BpfProgram(List<Instruction> instructions) {
        this.instructions = List.copyOf(instructions);
    }

    /**
     * A program that was compiled before.
     *
     * @param bytes as {@link #bytes} gave them
     * @return the program
     */
    public static BpfProgram of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        List<Instruction> instructions = new ArrayList<>();
        while (buffer.remaining() >= INSTRUCTION_BYTES) {
            instructions.add(new Instruction(Short.toUnsignedInt(buffer.getShort()), Byte.toUnsignedInt(buffer.get()),
                Byte.toUnsignedInt(buffer.get()), buffer.getInt()));
        }
        return new BpfProgram(instructions);
    }

    /**
     * How long it is.
     *
     * @return the number of instructions
     */
    public int size() {
        return instructions.size();
    }

    /**
     * The program as the kernel wants it.
     *
     * @return an array of struct sock_filter in this machine's byte order
     */
    public byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(size() * INSTRUCTION_BYTES).order(ByteOrder.nativeOrder());
        for (Instruction instruction : instructions) {
            buffer.putShort((short) instruction.code).put((byte) instruction.jumpTrue).put((byte) instruction.jumpFalse)
                .putInt(instruction.k);
        }
        return buffer.array();
    }

    /**
     * Runs it as the kernel would.
     *
     * @param audit AUDIT_ARCH_* of the call
     * @param number of the call
     * @param arguments six
     * @return what it answers
     */
    public Action run(int audit, int number, long... arguments) {
        int accumulator = 0;
        for (int at = 0; ; at++) {
            Instruction next = instructions.get(at);
            switch (next.code) {
                case LOAD -> accumulator = load(next.k, audit, number, arguments);
                case AND -> accumulator &= next.k;
                case JUMP -> at += next.k;
                case JUMP_EQUAL -> at += accumulator == next.k ? next.jumpTrue : next.jumpFalse;
                case JUMP_GREATER -> at += Integer.compareUnsigned(accumulator, next.k) > 0 ? next.jumpTrue : next.jumpFalse;
                case JUMP_GREATER_EQUAL ->
                    at += Integer.compareUnsigned(accumulator, next.k) >= 0 ? next.jumpTrue : next.jumpFalse;
                case RETURN -> {
                    return new Action(next.k);
                }
                default -> throw new IllegalStateException("not an instruction of ours: " + next);
            }
        }
    }

    /** Both machines that we know are little-endian: the lower half of an argument comes first. */
    private static int load(int offset, int audit, int number, long[] arguments) {
        if (offset < ARGUMENTS) {
            return offset == NUMBER ? number : audit;
        }
        long argument = arguments[(offset - ARGUMENTS) / Long.BYTES];
        return (int) (offset % Long.BYTES == 0 ? argument : argument >>> Integer.SIZE);
    }
}
