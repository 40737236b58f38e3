package io.nsjob.attack;

import java.util.List;
import java.util.Locale;

/** The one table. */
final class Table {
    private static final String LINE = "%-26s %-24s %-8s %-46s %s%n";

    private Table() {
    }

    static void print(String who, List<Row> rows) {
        StringBuilder out = new StringBuilder();
        out.append(String.format(LINE, "ATTACK AS " + who.toUpperCase(Locale.ROOT), "CLASS", "RESULT", "SEEN", "WITHOUT THIS DEFENCE"));
        for (Row row : rows) {
            String result = row.verdict().kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
            List<Attack.Control> controls = row.attack().controls(row.attack().caller().isEmpty() ? who : row.attack().caller());
            String first = controls.isEmpty() ? "-" : text(row, controls.get(0));
            out.append(String.format(LINE, row.attack().name(), row.attack().type(), row.attack().known() ? "known" : result,
                row.verdict().seen(), first));
            controls.stream().skip(1).forEach(control -> out.append(String.format(LINE, "", "", "", "", text(row, control))));
        }
        long escapes = rows.stream().filter(row -> !row.attack().known() && row.verdict().is(Verdict.Kind.ESCAPED)).count();
        long absent = rows.stream().filter(row -> row.verdict().is(Verdict.Kind.NOT_HERE)).count();
        long known = rows.stream().filter(row -> row.attack().known()).count();
        long flips = rows.stream().flatMap(row -> row.controls().values().stream()).filter(one -> one.is(Verdict.Kind.ESCAPED)).count();
        out.append(String.format("as %s: %d attacks, %d escapes, %d not possible here, %d known channels; %d controls flipped%n", who,
            rows.size() - known, escapes, absent, known, flips));
        System.out.print(out);
    }

    private static String text(Row row, Attack.Control control) {
        return control + ": " + row.controlText(control);
    }
}
