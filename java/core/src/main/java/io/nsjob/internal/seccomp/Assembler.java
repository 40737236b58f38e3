package io.nsjob.internal.seccomp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a program from its end to its beginning. Jumps of BPF go forward only, so all that one may lead to is there already
 * when it is written, and no label waits for its place. A place is counted from the end.
 */
final class Assembler {
    /** What the eight bits of a conditional jump hold. */
    private static final int FARTHEST = 255;
    /** A return is one instruction, as is the long jump to another one: shared only while it is near. */
    private static final int NEAR = 200;

    private final List<BpfProgram.Instruction> reversed = new ArrayList<>();
    private final Map<Integer, Integer> returns = new HashMap<>();

    private int add(int code, int jumpTrue, int jumpFalse, int k) {
        reversed.add(new BpfProgram.Instruction(code, jumpTrue, jumpFalse, k));
        return reversed.size() - 1;
    }

    int ret(Action action) {
        Integer there = returns.get(action.value());
        if (there != null && reversed.size() - there < NEAR) {
            return there;
        }
        int place = add(BpfProgram.RETURN, 0, 0, action.value());
        returns.put(action.value(), place);
        return place;
    }

    /** Loads, and goes on with what was written last. */
    int load(int offset) {
        return add(BpfProgram.LOAD, 0, 0, offset);
    }

    /** Masks, and goes on with what was written last. */
    int and(int mask) {
        return add(BpfProgram.AND, 0, 0, mask);
    }

    int jump(int code, int k, int whenTrue, int whenFalse) {
        int nearTrue = reach(whenTrue);
        int nearFalse = reach(whenFalse);
        int next = reversed.size() - 1;
        return add(code, next - nearTrue, next - nearFalse, k);
    }

    /** A place that a jump written now, or after one more instruction, can reach. */
    private int reach(int target) {
        boolean near = reversed.size() - target <= FARTHEST;
        return near ? target : add(BpfProgram.JUMP, 0, 0, reversed.size() - 1 - target);
    }

    /** Makes the place the one that was written last. */
    void goOnWith(int target) {
        if (target != reversed.size() - 1) {
            add(BpfProgram.JUMP, 0, 0, reversed.size() - 1 - target);
        }
    }

    BpfProgram program() {
        List<BpfProgram.Instruction> instructions = new ArrayList<>(reversed);
        Collections.reverse(instructions);
        return new BpfProgram(instructions);
    }
}
