package io.nsjob.internal.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.internal.seccomp.Condition.Op;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The compiled filter means what the profile says, for every call of both tables and for those in between. */
class FilterCompilerTest {
    private static final int PROFILES = 60;
    private static final int ARGUMENTS = 12;
    private static final Action[] ACTIONS = {Action.ALLOW, Action.LOG, Action.TRAP, Action.KILL_PROCESS, Action.KILL_THREAD,
        Action.errno(1), Action.errno(4095), Action.errno(38)};

    private final Random random = new Random(20261124);

    /** The meaning of a profile, told once more, with numbers that have no sign and no size. */
    static Action meaning(FilterProfile profile, Architecture architecture, int number, long[] arguments) {
        if (architecture == Architecture.X86_64 && (number & 0xffffffffL) >= 0x40000000L) {
            return Action.errno(38);
        }
        for (Map.Entry<String, Integer> entry : architecture.numbers().entrySet()) {
            if (entry.getValue() == number) {
                for (Rule rule : profile.rules()) {
                    if (rule.names().contains(entry.getKey()) && met(rule, entry.getKey(), arguments)) {
                        return rule.action();
                    }
                }
                return profile.defaultAction();
            }
        }
        boolean errno = profile.defaultAction().value() >>> 16 == 5;
        return errno ? Action.errno(38) : profile.defaultAction();
    }

    private static boolean met(Rule rule, String name, long[] arguments) {
        for (Condition condition : rule.conditions()) {
            BigInteger bits = BigInteger.ONE.shiftLeft(NarrowArguments.contains(name, condition.index()) ? 32 : 64);
            BigInteger argument = BigInteger.valueOf(arguments[condition.index()]).mod(bits);
            BigInteger value = BigInteger.valueOf(condition.value()).mod(bits);
            BigInteger two = BigInteger.valueOf(condition.valueTwo()).mod(bits);
            int order = argument.compareTo(value);
            boolean holds = switch (condition.op()) {
                case NE -> order != 0;
                case LT -> order < 0;
                case LE -> order <= 0;
                case EQ -> order == 0;
                case GE -> order >= 0;
                case GT -> order > 0;
                case MASKED_EQ -> argument.and(value).equals(two);
            };
            if (!holds) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource
    void compiledAndMeantAreTheSame(Architecture architecture) {
        List<String> names = new ArrayList<>(architecture.numbers().keySet());
        int longest = 0;
        for (int i = 0; i < PROFILES; i++) {
            FilterProfile profile = profile(names, i);
            BpfProgram program = FilterCompiler.compile(profile, architecture);
            longest = Math.max(longest, program.size());
            List<Long> interesting = interesting(profile);
            for (int number : architecture.numbers().values()) {
                for (int k = 0; k < ARGUMENTS; k++) {
                    check(profile, architecture, program, number, arguments(interesting));
                }
            }
            for (int number : new int[] {335 + i, 387 + i, 471 + i, 0x3fffffff, 0x40000000 + i, -1, Integer.MIN_VALUE}) {
                check(profile, architecture, program, number, arguments(interesting));
            }
            assertEquals(Action.KILL_PROCESS, program.run(0x40000003, names.size(), new long[6]), "the door of i386");
        }
        assertTrue(longest > 600, "long jumps were tried: " + longest);
    }

    private static void check(FilterProfile profile, Architecture architecture, BpfProgram program, int number,
            long[] arguments) {
        Action meant = meaning(profile, architecture, number, arguments);
        Action compiled = program.run(architecture.audit(), number, arguments);
        if (!meant.equals(compiled)) {
            assertEquals(meant, compiled, number + " " + java.util.Arrays.toString(arguments) + " " + profile);
        }
    }

    private FilterProfile profile(List<String> names, int size) {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < size * 4; i++) {
            List<String> some = new ArrayList<>();
            for (int k = random.nextInt(20); k >= 0; k--) {
                some.add(random.nextInt(8) == 0 ? "ioctl" : names.get(random.nextInt(names.size())));
            }
            some.add("no_such_call");
            Map<Integer, Condition> conditions = new TreeMap<>();
            for (int k = random.nextInt(4); k > 0; k--) {
                Condition condition = condition();
                conditions.put(condition.index(), condition);
            }
            rules.add(new Rule(some, ACTIONS[random.nextInt(ACTIONS.length)], List.copyOf(conditions.values())));
        }
        return new FilterProfile(ACTIONS[random.nextInt(ACTIONS.length)], rules, false);
    }

    private Condition condition() {
        Op op = Op.values()[random.nextInt(Op.values().length)];
        long value = value();
        return new Condition(random.nextInt(6), op, value, op == Op.MASKED_EQ ? value() & value : 0, false);
    }

    private long value() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(4);
            case 1 -> -1L - random.nextInt(3);
            case 2 -> (1L << 32) - 1 + random.nextInt(3);
            case 3 -> 1L << random.nextInt(64);
            case 4 -> (long) random.nextInt(3) << 32 | random.nextInt(3);
            default -> random.nextLong();
        };
    }

    private static List<Long> interesting(FilterProfile profile) {
        List<Long> values = new ArrayList<>(List.of(0L, 1L, -1L));
        for (Rule rule : profile.rules()) {
            for (Condition condition : rule.conditions()) {
                values.add(condition.value());
                values.add(condition.valueTwo());
            }
        }
        return values;
    }

    /** At the borders, beside them, and with other upper halves. */
    private long[] arguments(List<Long> interesting) {
        long[] arguments = new long[6];
        for (int i = 0; i < arguments.length; i++) {
            long value = interesting.get(random.nextInt(interesting.size())) + random.nextInt(3) - 1;
            arguments[i] = random.nextInt(4) == 0 ? value ^ (long) random.nextInt(4) << 32 : value;
        }
        return arguments;
    }
}
