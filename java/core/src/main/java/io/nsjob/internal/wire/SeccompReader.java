package io.nsjob.internal.wire;

import io.nsjob.InvalidSpecException;
import io.nsjob.internal.seccomp.Action;
import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.Condition;
import io.nsjob.internal.seccomp.FilterProfile;
import io.nsjob.internal.seccomp.NarrowArguments;
import io.nsjob.internal.seccomp.Rule;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a seccomp profile in the JSON form of Docker and of the OCI runtime specification. Fields that say null count as
 * missing: the tools that write profiles do so.
 */
public final class SeccompReader {
    private static final String START = "SCMP_ACT_";
    private static final Map<String, Action> ACTIONS = actions();
    private static final Map<String, Long> ERRNOS = Map.of("EPERM", 1L, "ENOENT", 2L, "EACCES", 13L, "EINVAL", 22L,
        "ENOSYS", 38L, "ENOTSUP", 95L, "EAFNOSUPPORT", 97L);
    private static final Set<String> FLAGS = Set.of("SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC");
    private static final BigDecimal MAX_VALUE = new BigDecimal(BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE));
    private static final int MAX_INDEX = 5;

    private final Architecture architecture;
    private final Set<String> capabilities;
    private final List<String> problems;

    private SeccompReader(Architecture architecture, Set<String> capabilities, List<String> problems) {
        this.architecture = architecture;
        this.capabilities = capabilities;
        this.problems = problems;
    }

    private static Map<String, Action> actions() {
        Map<String, Action> actions = new LinkedHashMap<>();
        actions.put(START + "ALLOW", Action.ALLOW);
        actions.put(START + "ERRNO", Action.errno(1));
        actions.put(START + "KILL", Action.KILL_THREAD);
        actions.put(START + "KILL_THREAD", Action.KILL_THREAD);
        actions.put(START + "KILL_PROCESS", Action.KILL_PROCESS);
        actions.put(START + "TRAP", Action.TRAP);
        actions.put(START + "LOG", Action.LOG);
        return actions;
    }

    /**
     * Reads a profile.
     *
     * @param json its text
     * @param architecture for which machine; {@code null} for none that is known
     * @return what of it holds there for a job without capabilities
     * @throws InvalidSpecException listing everything that is wrong with it
     */
    public static FilterProfile read(String json, Architecture architecture) {
        return read(json, architecture, Set.of());
    }

    /**
     * Reads a profile.
     *
     * @param json its text
     * @param architecture for which machine; {@code null} for none that is known
     * @param capabilities the names of those that the job keeps
     * @return what of it holds there for such a job
     * @throws InvalidSpecException listing everything that is wrong with it
     */
    public static FilterProfile read(String json, Architecture architecture, Set<String> capabilities) {
        List<String> problems = new ArrayList<>();
        FilterProfile profile = null;
        try {
            profile = new SeccompReader(architecture, capabilities, problems).profile(Json.parse(json, problems));
        } catch (JsonSyntaxException e) {
            problems.add(e.getMessage());
        }
        if (!problems.isEmpty()) {
            throw new InvalidSpecException(problems.stream().distinct()
                .map(problem -> "$.seccomp" + problem.substring(1)).toList());
        }
        return profile;
    }

    /**
     * The one spelling of a profile that is kept.
     *
     * @param json its text
     * @return JSON in one line
     * @throws InvalidSpecException listing everything that is wrong with it
     */
    public static String canonical(String json) {
        read(json, Architecture.host().orElse(null));
        return Json.writeCompact(tree(json));
    }

    /**
     * A profile as a part of a larger document.
     *
     * @param json its text
     * @return the tree
     */
    static Object tree(String json) {
        try {
            return Json.parse(json, new ArrayList<>());
        } catch (JsonSyntaxException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private static Object withoutNulls(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((name, field) -> {
                if (field != Json.NULL) {
                    copy.put((String) name, withoutNulls(field));
                }
            });
            return copy;
        }
        return value instanceof List<?> list ? list.stream().map(SeccompReader::withoutNulls).toList() : value;
    }

    private FilterProfile profile(Object tree) {
        Fields fields = Fields.root(withoutNulls(tree), problems);
        Action otherwise = action(fields, "defaultAction", "defaultErrnoRet", "defaultErrno");
        architectures(fields);
        boolean log = flags(fields);
        List<Rule> rules = new ArrayList<>();
        for (Fields rule : fields.objects("syscalls")) {
            rule(rule, rules);
        }
        fields.refuseOthers();
        return new FilterProfile(otherwise, rules, log);
    }

    /** Read and not used: only calls through the native door are ever allowed. */
    private static void architectures(Fields fields) {
        fields.strings("architectures");
        for (Fields map : fields.objects("archMap")) {
            map.string("architecture");
            map.strings("subArchitectures");
            map.refuseOthers();
        }
    }

    private static boolean flags(Fields fields) {
        List<String> flags = fields.strings("flags");
        for (int i = 0; flags != null && i < flags.size(); i++) {
            if (!FLAGS.contains(flags.get(i))) {
                fields.problem("flags[" + i + "]", "is not supported; known are "
                    + FLAGS.stream().sorted().collect(Collectors.joining(", ")));
            }
        }
        return flags != null && flags.contains("SECCOMP_FILTER_FLAG_LOG");
    }

    private static Action action(Fields fields, String name, String errnoRet, String errnoName) {
        String text = fields.string(name);
        Long errno = fields.has(errnoRet) ? fields.required(errnoRet, Action.MAX_ERRNO) : null;
        String word = fields.string(errnoName);
        if (text == null) {
            if (!fields.has(name)) {
                fields.problem(name, "is required");
            }
            return Action.KILL_PROCESS;
        }
        Action action = ACTIONS.get(text);
        if (action == null) {
            fields.problem(name, "must be one of " + String.join(", ", ACTIONS.keySet()));
            return Action.KILL_PROCESS;
        }
        if (!text.equals(START + "ERRNO")) {
            if (fields.has(errnoRet)) {
                fields.problem(errnoRet, "only goes with SCMP_ACT_ERRNO");
            }
            return action;
        }
        if (errno == null && word != null) {
            errno = ERRNOS.get(word);
            if (errno == null) {
                fields.problem(errnoName, "is not a name that is known here; give the number as " + errnoRet);
            }
        }
        return errno == null ? action : Action.errno(errno.intValue());
    }

    private void rule(Fields fields, List<Rule> rules) {
        List<String> names = fields.strings("names");
        String name = fields.string("name");
        if (names == null) {
            names = name == null ? List.of() : List.of(name);
        }
        if (names.isEmpty()) {
            fields.problem("names", "must name at least one system call");
        }
        Action action = action(fields, "action", "errnoRet", "errno");
        List<Condition> conditions = conditions(fields, names);
        fields.string("comment");
        boolean applies = matches(fields.object("includes"), true) && !matches(fields.object("excludes"), false);
        fields.refuseOthers();
        if (applies) {
            rules.add(new Rule(names, action, conditions));
        }
    }

    private static List<Condition> conditions(Fields rule, List<String> names) {
        List<Condition> conditions = new ArrayList<>();
        Set<Long> indexes = new LinkedHashSet<>();
        for (Fields fields : rule.objects("args")) {
            Long index = fields.required("index", MAX_INDEX);
            Long value = value(fields, "value");
            Long valueTwo = fields.has("valueTwo") ? value(fields, "valueTwo") : Long.valueOf(0);
            Condition.Op op = op(fields);
            fields.refuseOthers();
            if (index == null || value == null || valueTwo == null || op == null) {
                continue;
            }
            if (!indexes.add(index)) {
                // runc reads two of them as "or" where all else is "and": no reading is the one that everybody expects.
                fields.problem("index", "is compared twice; write a rule for each");
            }
            Condition condition = new Condition(index.intValue(), op, value, valueTwo, false);
            checkValues(fields, condition, names);
            conditions.add(condition);
        }
        return conditions;
    }

    private static void checkValues(Fields fields, Condition condition, List<String> names) {
        boolean masked = condition.op() == Condition.Op.MASKED_EQ;
        if (masked && (condition.valueTwo() & ~condition.value()) != 0) {
            fields.problem("valueTwo", "has bits that the mask does not have, and is never met");
        }
        for (String name : names) {
            long value = masked ? condition.valueTwo() : condition.value();
            long upper = value >>> Integer.SIZE;
            if (NarrowArguments.contains(name, condition.index()) && upper != 0 && upper != 0xffffffffL) {
                fields.problem(masked ? "valueTwo" : "value", "does not fit the 32 bits of argument " + condition.index() + " of "
                    + name);
            }
        }
    }

    /** Unsigned 64 bits, kept in a long. */
    private static Long value(Fields fields, String name) {
        Object value = fields.any(name);
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        if (value instanceof BigDecimal number && number.signum() >= 0 && number.compareTo(MAX_VALUE) <= 0
                && number.stripTrailingZeros().scale() <= 0) {
            return number.toBigInteger().longValue();
        }
        fields.problem(name, "must be an integer of 0 to " + MAX_VALUE);
        return null;
    }

    private static Condition.Op op(Fields fields) {
        String text = fields.string("op");
        for (Condition.Op op : Condition.Op.values()) {
            if (op.jsonName().equals(text)) {
                return op;
            }
        }
        fields.problem("op", "must be one of "
            + Stream.of(Condition.Op.values()).map(Condition.Op::jsonName).collect(Collectors.joining(", ")));
        return null;
    }

    /**
     * Whether a rule's "includes" (all of it must hold) or "excludes" (any of it) is met. Of capabilities a job has
     * those that were given to it by name, in its own user namespace.
     */
    private boolean matches(Fields fields, boolean all) {
        if (fields == null) {
            return all;
        }
        List<Boolean> met = new ArrayList<>();
        List<String> caps = fields.strings("caps");
        for (String name : caps == null ? List.<String>of() : caps) {
            met.add(capabilities.contains(name.startsWith("CAP_") ? name.substring(4) : name));
        }
        List<String> arches = fields.strings("arches");
        if (arches != null && !arches.isEmpty()) {
            met.add(architecture != null && arches.stream().anyMatch(architecture::isNamed));
        }
        String kernel = fields.string("minKernel");
        if (kernel != null) {
            met.add(kernelIsAtLeast(fields, kernel));
        }
        fields.refuseOthers();
        return all ? !met.contains(false) : met.contains(true);
    }

    private static boolean kernelIsAtLeast(Fields fields, String wanted) {
        if (!wanted.matches("[0-9]{1,4}\\.[0-9]{1,4}")) {
            fields.problem("minKernel", "must be MAJOR.MINOR");
            return false;
        }
        String[] is = System.getProperty("os.version").split("[^0-9]+");
        String[] least = wanted.split("\\.");
        int major = Integer.parseInt(is[0]) - Integer.parseInt(least[0]);
        return major > 0 || major == 0 && Integer.parseInt(is[1]) >= Integer.parseInt(least[1]);
    }
}
