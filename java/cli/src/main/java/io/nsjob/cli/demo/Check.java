package io.nsjob.cli.demo;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Something that must hold after a step.
 *
 * @param proves the isolations that it proves: without one of them it fails
 * @param test what is compared
 * @param when the callers for whom it is looked at
 */
record Check(List<String> proves, Test test, Demo.When when) {
    private static final int SHOWN = 120;

    /** How it went. {@code found} is in English, for who looks for a mistake. */
    record Verdict(boolean passed, String found) {}

    /** What is compared. */
    sealed interface Test permits Compare, Namespace {}

    /**
     * Two texts.
     *
     * @param value with variables; empty stands for the step's output
     * @param op how
     * @param operand with variables
     * @param plus added to the operand, for numbers
     */
    record Compare(Optional<String> value, Op op, String operand, BigDecimal plus) implements Test {}

    /**
     * Two namespaces, as /proc has them at that moment.
     *
     * @param kind as in /proc/PID/ns
     * @param of a session
     * @param other another
     * @param same whether they must be the same
     */
    record Namespace(String kind, String of, String other, boolean same) implements Test {}

    /** The ways to compare. */
    enum Op {
        EQUALS("equals"),
        DIFFERS("differs"),
        CONTAINS("contains"),
        LACKS("lacks"),
        MATCHES("matches"),
        LACKS_MATCH("lacksMatch"),
        LESS("less"),
        MORE("more"),
        AT_LEAST("atLeast"),
        AT_MOST("atMost");

        final String field;

        Op(String field) {
            this.field = field;
        }

        boolean numeric() {
            return ordinal() >= LESS.ordinal();
        }
    }

    /**
     * Looks.
     *
     * @param output of the step
     * @param fill replaces the variables of a text
     */
    Verdict look(String output, UnaryOperator<String> fill) {
        if (test instanceof Namespace namespace) {
            String of = fill.apply("${" + namespace.of() + ".ns." + namespace.kind() + "}");
            String other = fill.apply("${" + namespace.other() + ".ns." + namespace.kind() + "}");
            return new Verdict(of.equals(other) == namespace.same(), namespace.kind() + " of " + namespace.of() + " is " + of
                + ", of " + namespace.other() + " " + other);
        }
        Compare compare = (Compare) test;
        String value = compare.value().map(fill).orElse(output);
        String operand = fill.apply(compare.operand());
        if (compare.op().numeric()) {
            return numbers(compare, value, operand);
        }
        boolean passed = switch (compare.op()) {
            case EQUALS -> value.equals(operand);
            case DIFFERS -> !value.equals(operand);
            case CONTAINS -> value.contains(operand);
            case LACKS -> !value.contains(operand);
            case MATCHES -> pattern(operand).matcher(value).find();
            default -> !pattern(operand).matcher(value).find();
        };
        return new Verdict(passed, quoted(value) + " " + compare.op().field + " " + quoted(operand));
    }

    private static Verdict numbers(Compare compare, String value, String operand) {
        BigDecimal left;
        BigDecimal right;
        try {
            left = new BigDecimal(value.trim());
            right = new BigDecimal(operand.trim()).add(compare.plus());
        } catch (NumberFormatException e) {
            return new Verdict(false, quoted(value) + " and " + quoted(operand) + " are not two numbers");
        }
        int order = left.compareTo(right);
        boolean passed = switch (compare.op()) {
            case LESS -> order < 0;
            case MORE -> order > 0;
            case AT_LEAST -> order >= 0;
            default -> order <= 0;
        };
        return new Verdict(passed, left.toPlainString() + " " + compare.op().field + " " + right.toPlainString());
    }

    static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.MULTILINE);
    }

    private static String quoted(String text) {
        return '"' + (text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text) + '"';
    }
}
