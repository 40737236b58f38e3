package io.nsjob.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A table whose columns are as wide as what is in them. The last one has no end; nothing in a cell can break its line. */
final class Columns {
    private final List<String> heads;
    private final Set<String> right;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * Begins a table.
     *
     * @param heads the first row
     * @param right the heads of columns of numbers, which end at the same place
     */
    Columns(List<String> heads, Set<String> right) {
        this.heads = heads;
        this.right = right;
    }

    void row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            String text = Console.oneLine(String.valueOf(cell));
            row.add(text.isEmpty() ? "-" : text);
        }
        rows.add(row);
    }

    String render(Style style) {
        StringBuilder text = new StringBuilder(style.bold(line(heads))).append('\n');
        rows.forEach(row -> text.append(line(row)).append('\n'));
        return text.toString();
    }

    private String line(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            String gap = " ".repeat(width(i) - cells(cell));
            boolean last = i == row.size() - 1;
            line.append(i == 0 ? "" : "  ").append(right.contains(heads.get(i)) ? gap + cell : last ? cell : cell + gap);
        }
        return line.toString();
    }

    private int width(int column) {
        int width = cells(heads.get(column));
        for (List<String> row : rows) {
            width = Math.max(width, cells(row.get(column)));
        }
        return width;
    }

    private static int cells(String text) {
        return Cells.of(text);
    }
}
