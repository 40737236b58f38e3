package io.nsjob.internal.seccomp;

import io.nsjob.internal.seccomp.Condition.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * From a profile to a program: the architecture first, then a binary search over ranges of system calls that are treated
 * alike, then what is asked of arguments. Calls that are always allowed load nothing but number and architecture, so that the
 * kernel (5.11 and later) finds out once and does not run the program for them at all.
 */
public final class FilterCompiler {
    /** Above this are the numbers of x32, a second table behind the architecture of x86-64. */
    private static final int X32 = 0x40000000;
    private static final Action NO_SUCH_CALL = Action.errno(Action.ENOSYS);

    private final FilterProfile profile;
    private final Architecture architecture;
    private final Assembler code = new Assembler();

    /** What decides about one system call: guarded actions, then an unconditional one. */
    private record Chain(List<Guarded> guarded, Action otherwise) {
    }

    private record Guarded(List<Condition> conditions, Action action) {
    }

    private record Range(int first, Chain chain) {
    }

    private FilterCompiler(FilterProfile profile, Architecture architecture) {
        this.profile = profile;
        this.architecture = architecture;
    }

    /**
     * Compiles.
     *
     * @param profile what is to hold
     * @param architecture for which machine; calls through any other door end the process
     * @return a program, possibly longer than the kernel takes
     */
    public static BpfProgram compile(FilterProfile profile, Architecture architecture) {
        return new FilterCompiler(profile, architecture).compile();
    }

    private BpfProgram compile() {
        List<Range> ranges = ranges();
        int search = search(ranges, 0, ranges.size());
        if (architecture == Architecture.X86_64) {
            search = code.jump(BpfProgram.JUMP_GREATER_EQUAL, X32, code.ret(NO_SUCH_CALL), search);
        }
        code.goOnWith(search);
        int number = code.load(BpfProgram.NUMBER);
        code.jump(BpfProgram.JUMP_EQUAL, architecture.audit(), number, code.ret(Action.KILL_PROCESS));
        code.load(BpfProgram.ARCH);
        return code.program();
    }

    private List<Range> ranges() {
        Map<Integer, Chain> chains = new TreeMap<>();
        Map<String, List<Rule>> rules = new HashMap<>();
        for (Rule rule : profile.rules()) {
            rule.names().forEach(name -> rules.computeIfAbsent(name, any -> new ArrayList<>()).add(rule));
        }
        architecture.numbers().forEach((name, number) ->
            chains.put(number, chain(name, rules.getOrDefault(name, List.of()))));
        Chain unknown = new Chain(List.of(), profile.unknownAction());
        List<Range> ranges = new ArrayList<>();
        int next = 0;
        for (Map.Entry<Integer, Chain> entry : chains.entrySet()) {
            if (entry.getKey() > next) {
                append(ranges, next, unknown);
            }
            append(ranges, entry.getKey(), entry.getValue());
            next = entry.getKey() + 1;
        }
        append(ranges, next, unknown);
        return ranges;
    }

    private static void append(List<Range> ranges, int first, Chain chain) {
        if (ranges.isEmpty() || !alike(ranges.get(ranges.size() - 1).chain(), chain)) {
            ranges.add(new Range(first, chain));
        }
    }

    private static boolean alike(Chain one, Chain other) {
        return one.guarded().isEmpty() && other.guarded().isEmpty() && one.otherwise().equals(other.otherwise());
    }

    private Chain chain(String name, List<Rule> rules) {
        List<Guarded> guarded = new ArrayList<>();
        for (Rule rule : rules) {
            if (rule.conditions().isEmpty()) {
                return new Chain(guarded, rule.action());
            }
            guarded.add(new Guarded(rule.conditions().stream()
                .map(condition -> NarrowArguments.contains(name, condition.index()) ? condition.narrowed() : condition)
                .toList(), rule.action()));
        }
        return new Chain(guarded, profile.defaultAction());
    }

    private int search(List<Range> ranges, int from, int to) {
        if (to - from == 1) {
            return block(ranges.get(from).chain());
        }
        int middle = (from + to) >>> 1;
        int above = search(ranges, middle, to);
        int below = search(ranges, from, middle);
        return code.jump(BpfProgram.JUMP_GREATER_EQUAL, ranges.get(middle).first(), above, below);
    }

    private int block(Chain chain) {
        int next = code.ret(chain.otherwise());
        for (int i = chain.guarded().size() - 1; i >= 0; i--) {
            Guarded guarded = chain.guarded().get(i);
            int pass = code.ret(guarded.action());
            for (int k = guarded.conditions().size() - 1; k >= 0; k--) {
                pass = condition(guarded.conditions().get(k), pass, next);
            }
            next = pass;
        }
        return next;
    }

    private int condition(Condition condition, int pass, int fail) {
        return switch (condition.op()) {
            case EQ -> equal(condition, pass, fail);
            case NE -> equal(condition, fail, pass);
            case GT -> greater(condition, BpfProgram.JUMP_GREATER, pass, fail);
            case GE -> greater(condition, BpfProgram.JUMP_GREATER_EQUAL, pass, fail);
            case LE -> greater(condition, BpfProgram.JUMP_GREATER, fail, pass);
            case LT -> greater(condition, BpfProgram.JUMP_GREATER_EQUAL, fail, pass);
            case MASKED_EQ -> equal(condition, pass, fail);
        };
    }

    private int equal(Condition condition, int pass, int fail) {
        boolean masked = condition.op() == Op.MASKED_EQ;
        long mask = masked ? condition.value() : -1;
        long value = masked ? condition.valueTwo() : condition.value();
        int low = half(condition.index(), 0, (int) mask, (int) value, pass, fail);
        return condition.narrow() ? low
            : half(condition.index(), Integer.BYTES, (int) (mask >>> Integer.SIZE), (int) (value >>> Integer.SIZE), low, fail);
    }

    private int half(int index, int offset, int mask, int value, int pass, int fail) {
        code.jump(BpfProgram.JUMP_EQUAL, value, pass, fail);
        if (mask != -1) {
            code.and(mask);
        }
        return code.load(argument(index) + offset);
    }

    private int greater(Condition condition, int comparison, int pass, int fail) {
        code.jump(comparison, (int) condition.value(), pass, fail);
        int low = code.load(argument(condition.index()));
        if (condition.narrow()) {
            return low;
        }
        int high = (int) (condition.value() >>> Integer.SIZE);
        int same = code.jump(BpfProgram.JUMP_EQUAL, high, low, fail);
        code.jump(BpfProgram.JUMP_GREATER, high, pass, same);
        return code.load(argument(condition.index()) + Integer.BYTES);
    }

    private static int argument(int index) {
        return BpfProgram.ARGUMENTS + index * Long.BYTES;
    }
}
