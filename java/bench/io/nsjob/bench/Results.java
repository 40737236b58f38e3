package io.nsjob.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;

/** Writes what was measured: results.json, table.txt, chart.svg, and readme.md, which the README quotes. */
final class Results {
    private final Settings settings;
    private final JsonObject machine;
    private final List<Row> rows;
    private final List<Contestant> contestants;

    Results(Settings settings, JsonObject machine, List<Row> rows, List<Contestant> contestants) {
        this.settings = settings;
        this.machine = machine;
        this.rows = rows;
        this.contestants = contestants;
    }

    /** Writes all of it, and gives the table. */
    String write() throws IOException {
        String table = table();
        Files.writeString(settings.out().resolve("table.txt"), table);
        Files.writeString(settings.out().resolve("results.json"),
            new GsonBuilder().setPrettyPrinting().serializeSpecialFloatingPointValues().create().toJson(json()) + "\n");
        Files.writeString(settings.out().resolve("chart.svg"), new Chart(place(), rows, contestants).svg());
        Files.writeString(settings.out().resolve("readme.md"), Fragment.markdown(place(), rows));
        return table;
    }

    private String place() {
        return String.format(Locale.ROOT, "%s, commit %s: %s, %d processors, %d MB, Linux %s, %s, Java %s, as %s; load before %s%s",
            text("date"), text("commit"), text("processor"), machine.get("processors").getAsInt(),
            machine.get("memoryMegabytes").getAsLong(), text("kernel"), text("system"), text("java"), text("user"),
            text("loadBefore"),
            settings.quick() ? "; QUICK: these figures mean nothing" : "");
    }

    private String text(String name) {
        return machine.get(name).getAsString();
    }

    private String table() {
        StringBuilder text = new StringBuilder(place()).append("\n\n");
        String format = "%-92s %12s %10s %10s %-8s %s%n";
        text.append(String.format(Locale.ROOT, format, "what", "measured", "target", "stretch", "met?", "beside it"));
        String group = "";
        for (Row row : rows) {
            if (!row.group().equals(group)) {
                group = row.group();
                text.append('\n').append(group).append('\n');
            }
            text.append(String.format(Locale.ROOT, format, "  " + row.what(), row.shown(row.value()), aim(row, row.target()),
                aim(row, row.stretch()), row.met(), row.detail()));
        }
        return text.append('\n').append(ways()).toString().replaceAll("(?m) +$", "");
    }

    private static String aim(Row row, double figure) {
        return Double.isNaN(figure) ? "" : (row.more() ? ">= " : "<= ") + Row.number(figure);
    }

    /** Everything that ran, against the least that a process costs. */
    private String ways() {
        Contestant floor = contestants.get(0);
        StringBuilder text = new StringBuilder();
        String format = "%-72s %9s %9s %7s %9s %9s %7s %6s%n";
        text.append(String.format(Locale.ROOT, format, "all ways, from before the launch until its end is known", "median µs",
            "p99 µs",
            "×", "apart µs", "p99 µs", "×", "n"));
        for (Contestant way : contestants) {
            if (!way.measured()) {
                text.append(String.format(Locale.ROOT, "%-72s not measured: %s%n", "  " + way.what(), way.refused()));
                continue;
            }
            long[] together = way.all(false);
            long[] apart = way.all(true);
            text.append(String.format(Locale.ROOT, format, "  " + way.what(), micros(Way.median(together)),
                micros(Way.at(together, 99)),
                Row.number(Way.median(together) / Way.median(floor.all(false))), micros(Way.median(apart)),
                micros(Way.at(apart, 99)),
                Row.number(Way.median(apart) / Way.median(floor.all(true))), together.length + "/" + apart.length));
        }
        return text.toString();
    }

    private static String micros(double nanos) {
        return String.format(Locale.ROOT, "%.0f", nanos / 1000);
    }

    private JsonObject json() {
        JsonObject all = new JsonObject();
        all.add("machine", machine);
        all.addProperty("quick", settings.quick());
        JsonArray table = new JsonArray();
        for (Row row : rows) {
            JsonObject entry = new JsonObject();
            entry.addProperty("group", row.group());
            entry.addProperty("what", row.what());
            number(entry, "measured", row.value());
            entry.addProperty("unit", row.unit());
            number(entry, "target", row.target());
            number(entry, "stretch", row.stretch());
            entry.addProperty("met", row.met());
            entry.addProperty("detail", row.detail());
            table.add(entry);
        }
        all.add("rows", table);
        JsonArray ways = new JsonArray();
        contestants.forEach(contestant -> ways.add(summary(contestant)));
        all.add("ways", ways);
        return all;
    }

    private static JsonObject summary(Contestant way) {
        JsonObject entry = new JsonObject();
        entry.addProperty("id", way.id());
        entry.addProperty("what", way.what());
        if (!way.refused().isEmpty()) {
            entry.addProperty("refused", way.refused());
        }
        for (boolean spaced : new boolean[] {false, true}) {
            long[] nanos = way.all(spaced);
            JsonObject figures = new JsonObject();
            figures.addProperty("samples", nanos.length);
            for (int percent : new int[] {5, 25, 50, 75, 95, 99}) {
                number(figures, "p" + percent + "Micros", Way.at(nanos, percent) / 1000);
            }
            entry.add(spaced ? "apart" : "backToBack", figures);
        }
        return entry;
    }

    private static void number(JsonObject object, String name, double value) {
        // What is not there has no figure.
        if (Double.isFinite(value)) {
            object.addProperty(name, value);
        }
    }
}
