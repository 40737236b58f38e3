package io.nsjob.attack;

import java.util.List;
import java.util.Locale;

/** A line for people, and before it lines that begin with {@code @}: .ci/attack.sh makes one table of all callers' of them. */
final class Table {
    private Table() {
    }

    static void print(String who, List<Row> rows) {
        StringBuilder out = new StringBuilder();
        for (Row row : rows) {
            List<Attack.Control> controls = List.copyOf(row.controls().keySet());
            if (controls.isEmpty()) {
                line(out, who, row, "-", "");
            }
            controls.forEach(control -> line(out, who, row, control.toString(), row.controlText(control)));
        }
        long escapes = rows.stream().filter(row -> !row.attack().known() && row.verdict().is(Verdict.Kind.ESCAPED)).count();
        long absent = rows.stream().filter(row -> row.verdict().is(Verdict.Kind.NOT_HERE)).count();
        long known = rows.stream().filter(row -> row.attack().known()).count();
        long flips = rows.stream().flatMap(row -> row.controls().values().stream())
            .filter(one -> one.is(Verdict.Kind.ESCAPED)).count();
        out.append(String.format("as %s: %d attacks, %d escapes, %d controls flipped, %d not possible here, %d known channels%n",
            who, rows.size() - known, escapes, flips, absent, known));
        System.out.print(out);
    }

    private static void line(StringBuilder out, String who, Row row, String control, String flips) {
        String result = row.verdict().kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        out.append(String.join("\t", "@" + who, row.attack().name(), row.attack().type(),
            row.attack().known() && row.verdict().is(Verdict.Kind.ESCAPED) ? "known" : result, row.verdict().seen(), control,
            flips)).append('\n');
    }
}
