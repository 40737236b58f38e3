package io.nsjob.cli;

import io.nsjob.NamespaceReport;
import java.util.List;

/** The namespaces of host and job side by side, one row a kind. */
final class NamespaceTable {
    private static final String FORMAT = "%-8s%-14s%-14s%-9s%s";

    private NamespaceTable() {}

    static String render(NamespaceReport report, Style style) {
        StringBuilder table = new StringBuilder();
        table.append(style.bold(String.format(FORMAT, "KIND", "HOST", "JOB", "MODE", "ISOLATED"))).append('\n');
        report.all().forEach(entry -> table.append(row(entry, style)).append('\n'));
        return table.toString();
    }

    private static String row(NamespaceReport.Entry entry, Style style) {
        List<Object> cells = List.of(entry.kind().kernelName(), entry.hostInode(), entry.inode(), entry.mode().jsonName(),
            entry.isolated() ? "yes" : "no");
        String row = String.format(FORMAT, cells.toArray());
        return entry.isolated() ? style.bold(row) : style.dim(row);
    }
}
