package io.nsjob.bench;

import java.util.List;
import java.util.Locale;

/** What the README quotes: the ratios that there is a target for, with date, machine and command. */
final class Fragment {
    private Fragment() {
    }

    static String markdown(String place, List<Row> rows) {
        StringBuilder text = new StringBuilder("| what | measured | target | met |\n| --- | ---: | ---: | --- |\n");
        for (Row row : rows) {
            if (Double.isNaN(row.target())) {
                continue;
            }
            String met = switch (row.met()) {
                case "NO" -> "no";
                case "-" -> "not measured";
                default -> row.met();
            };
            text.append(String.format(Locale.ROOT, "| %s | %s | %s %s | %s |%n", row.what(),
                Double.isNaN(row.value()) ? "" : row.shown(row.value()), row.more() ? "≥" : "≤", row.shown(row.target()), met));
        }
        return text.append("\n`make bench`, ").append(place).append("\n").toString();
    }
}
