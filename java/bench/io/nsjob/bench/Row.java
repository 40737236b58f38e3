package io.nsjob.bench;

import java.util.Locale;

/**
 * One line of the table.
 *
 * @param group what it belongs to
 * @param what was measured
 * @param value the figure, NaN where there is none
 * @param unit of the figure and of the targets; "×" is a ratio
 * @param detail what else there is to say: the 99th percentile, the band, or why there is no figure
 * @param target to be met, NaN where there is none
 * @param stretch where we are going, or NaN
 * @param more whether more is better
 */
record Row(String group, String what, double value, String unit, String detail, double target, double stretch, boolean more) {

    static Row ratio(String group, String what, Contestant above, Contestant below, boolean spaced, double target,
        double stretch) {
        String name = what + (spaced ? ", apart" : ", back to back");
        for (Contestant side : new Contestant[] {above, below}) {
            if (!side.measured()) {
                return new Row(group, name, Double.NaN, "×", "not measured: " + reason(side), target, stretch, false);
            }
        }
        Ratio ratio = Ratio.of(above, below, spaced);
        String detail = String.format(Locale.ROOT, "p99 %s ×, p5 %s ×, half of the rounds %s to %s ×, n=%d",
            number(ratio.p99()), number(ratio.p5()), number(ratio.low()), number(ratio.high()), ratio.samples());
        return new Row(group, name, ratio.median(), "×", detail, target, stretch, false);
    }

    static Row missing(String group, String what, String unit, String why, double target, double stretch) {
        return new Row(group, what, Double.NaN, unit, "not measured: " + why, target, stretch, false);
    }

    private static String reason(Contestant contestant) {
        return contestant.id() + ": " + (contestant.refused().isEmpty() ? "no samples" : contestant.refused());
    }

    String met() {
        if (Double.isNaN(target)) {
            return "";
        }
        if (Double.isNaN(value)) {
            return "-";
        }
        if (!Double.isNaN(stretch) && (more ? value >= stretch : value <= stretch)) {
            return "stretch";
        }
        return (more ? value >= target : value <= target) ? "yes" : "NO";
    }

    String shown(double figure) {
        return Double.isNaN(figure) ? "" : number(figure) + (unit.isEmpty() ? "" : " " + unit);
    }

    /** Three figures that mean something, no more. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "?";
        }
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 || value == Math.rint(value) ? "%.0f" : size >= 10 ? "%.1f" : "%.2f",
            value);
    }
}
