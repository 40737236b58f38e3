package io.nsjob.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The table as a picture, chart.svg: what there is a target for, as bars with the target marked; and all ways beside each other,
 * against the least that a process costs.
 */
final class Chart {
    private static final int WIDTH = 1280;
    private static final int LEFT = 560;
    private static final int RIGHT = 1120;
    private static final int LINE = 22;
    private static final int TOP = 116;
    private static final int BAR = 13;
    private static final double MOST = 3;
    private static final double[] TICKS = {0, 0.5, 1, 1.5, 2, 2.5, 3};
    private static final double[] POWERS = {1, 10, 100, 1000};
    private static final String MET = "#2e7d4f";
    private static final String NOT_MET = "#c25b1e";
    private static final String OURS = "#2f6fb0";
    private static final String OTHERS = "#8a94a0";

    private final String place;
    private final List<Row> rows;
    private final List<Contestant> ways;
    private final StringBuilder svg = new StringBuilder();
    private int y;

    Chart(String place, List<Row> all, List<Contestant> contestants) {
        this.place = place;
        rows = all.stream().filter(row -> row.unit().equals("×") && !Double.isNaN(row.target())).toList();
        ways = contestants.stream().filter(Contestant::measured).toList();
    }

    String svg() {
        y = TOP;
        targets();
        y += LINE * 3;
        ways();
        int height = y + LINE;
        return String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d"
             font-family="system-ui, sans-serif" font-size="13">
            <rect width="100%%" height="100%%" fill="#ffffff"/>
            """, WIDTH, height, WIDTH, height) + text(24, 34, "start", "font-size=\"20\" font-weight=\"600\"",
            "nsjob: launches against their targets")
            + where() + svg + "</svg>\n";
    }

    /** Two lines of it: a picture does not wrap. */
    private String where() {
        int half = place.indexOf(", Linux");
        String style = "fill=\"#5b6570\" font-size=\"12\"";
        return text(24, 54, "start", style, half < 0 ? place : place.substring(0, half))
            + text(24, 70, "start", style, half < 0 ? "" : place.substring(half + 2));
    }

    private void targets() {
        int begin = y;
        svg.append(text(24, y - 14, "start", "font-weight=\"600\"", "ratios; less is better unless said; ▏ target, ┊ stretch"));
        for (double tick : TICKS) {
            svg.append(line(x(tick), begin, x(tick), begin + rows.size() * LINE + 4, tick == 1 ? "#9aa4ae" : "#e3e7eb", ""));
            svg.append(text(x(tick), begin - 4, "middle", "fill=\"#5b6570\" font-size=\"11\"", Row.number(tick)));
        }
        for (Row row : rows) {
            boolean known = !Double.isNaN(row.value());
            String color = row.met().equals("NO") ? NOT_MET : MET;
            label((row.more() ? row.what() + " (more is better)" : row.what()));
            if (known) {
                double end = Math.min(row.value(), MOST);
                svg.append(bar(x(0), x(end), color));
                svg.append(text(x(end) + 6, y + 15, "start", "font-weight=\"600\" fill=\"" + color + "\"", row.shown(row.value())
                    + (row.value() > MOST ? " →" : "")));
            } else {
                svg.append(text(x(0) + 6, y + 15, "start", "fill=\"#9aa4ae\" font-style=\"italic\"", "not measured"));
            }
            svg.append(line(x(row.target()), y + 2, x(row.target()), y + LINE - 2, "#1c2126", "stroke-width=\"2\""));
            if (!Double.isNaN(row.stretch())) {
                svg.append(line(x(row.stretch()), y + 2, x(row.stretch()), y + LINE - 2, "#1c2126", "stroke-dasharray=\"2 3\""));
            }
            y += LINE;
        }
    }

    private static double x(double ratio) {
        return LEFT + ratio / MOST * (RIGHT - LEFT);
    }

    /** A logarithmic axis: from a vfork to a container runtime it is three powers of ten. */
    private static double logX(double ratio) {
        return LEFT + Math.log10(Math.max(1, ratio)) / Math.log10(POWERS[POWERS.length - 1]) * (RIGHT - LEFT);
    }

    private void ways() {
        int begin = y;
        List<Contestant> sorted = new ArrayList<>(ways);
        sorted.sort((one, other) -> Double.compare(Way.median(one.all(false)), Way.median(other.all(false))));
        svg.append(text(24, y - 28, "start", "font-weight=\"600\"",
            "all ways, median back to back, as multiples of vfork + exec in C (each tick ten times the one before)"));
        for (double power : POWERS) {
            svg.append(line(logX(power), begin, logX(power), begin + sorted.size() * LINE + 4, "#e3e7eb", ""));
            svg.append(text(logX(power), begin - 4, "middle", "fill=\"#5b6570\" font-size=\"11\"", Row.number(power)));
        }
        double floor = ways.isEmpty() ? 1 : Way.median(ways.get(0).all(false));
        for (Contestant way : sorted) {
            double ratio = Way.median(way.all(false)) / floor;
            label(way.what());
            svg.append(bar(LEFT, Math.max(LEFT + 2, logX(ratio)), way.id().startsWith("nsjob") || way.id().startsWith("pool")
                || way.id().startsWith("sandbox") ? OURS : OTHERS));
            svg.append(text(Math.max(LEFT + 2, logX(ratio)) + 6, y + 15, "start", "", String.format(Locale.ROOT, "%s × (%.0f µs)",
                Row.number(ratio), Way.median(way.all(false)) / 1000)));
            y += LINE;
        }
    }

    private void label(String what) {
        svg.append(text(LEFT - 10, y + 15, "end", "", what));
    }

    private String bar(double from, double to, String color) {
        return String.format(Locale.ROOT, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n", from, y + 5,
            Math.max(1, to - from), BAR, color);
    }

    private static String line(double x1, double y1, double x2, double y2, String color, String more) {
        return String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" %s/>%n", x1,
            y1, x2, y2, color, more);
    }

    private static String text(double x, double y, String anchor, String more, String content) {
        String safe = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n", x, y, anchor, more,
            safe);
    }
}
