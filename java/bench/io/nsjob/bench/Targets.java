package io.nsjob.bench;

import io.nsjob.Driver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The latencies of the table: what is compared with what, and what is aimed at. */
final class Targets {
    private static final double NONE = Double.NaN;
    private static final double FLOOR = 1.35;
    private static final double FLOOR_STRETCH = 1.15;

    private final Field field;
    private final List<Row> rows = new ArrayList<>();

    Targets(Field field) {
        this.field = field;
    }

    List<Row> rows() {
        Driver[] drivers = Driver.values();
        for (int i = drivers.length - 1; i >= 0; i--) {
            boolean best = i == drivers.length - 1;
            addLaunches(Field.name(drivers[i]), best);
        }
        addPool();
        for (int i = drivers.length - 1; i >= 0; i--) {
            addShare(Field.name(drivers[i]), i == drivers.length - 1);
            addSandboxes(Field.name(drivers[i]), i == drivers.length - 1);
        }
        return rows;
    }

    /** The targets are those of the fastest driver; the other is shown beside it. */
    private void addLaunches(String driver, boolean best) {
        double[] target = {0.65, 1.0, 1.5};
        double[] stretch = {0.45, 0.85, 0.9};
        String group = "launch, " + driver;
        for (Kinds kinds : Kinds.values()) {
            String ours = "nsjob." + driver + "." + kinds.id();
            double aim = best ? target[kinds.ordinal()] : NONE;
            both(group, kinds.what() + " / ProcessBuilder", ours, "java.pb", aim, best ? stretch[kinds.ordinal()] : NONE);
            both(group, kinds.what() + " / ProcessBuilder by VFORK", ours, "java.pb-vfork", NONE, NONE);
            both(group, kinds.what() + " / C floor", ours, "floor." + kinds.id(), best ? FLOOR : NONE, best ? FLOOR_STRETCH
                : NONE);
            both(group, kinds.what() + " / C floor with a supervisor", ours, "floor+." + kinds.id(), NONE, NONE);
        }
        both(group, "profile isolated from Java / bwrap from Java", "nsjob." + driver + ".isolated", "java.bwrap", best ? 0.25
            : NONE,
            best ? 0.15 : NONE);
        both(group, "profile isolated from C / bwrap from C", "driven." + driver + ".isolated", "c.bwrap", best ? 0.5 : NONE,
            best ? 0.33 : NONE);
    }

    private void addPool() {
        both("warm pool", "profile isolated from a full pool / ProcessBuilder", "pool.isolated", "java.pb", 0.5, 0.3);
        both("warm pool", "profile isolated from a full pool / C floor, entering one", "pool.isolated", "floor.setns.isolated", FLOOR,
            FLOOR_STRETCH);
        both("warm pool", "profile isolated from a full pool / C floor, making one", "pool.isolated", "floor.isolated", NONE, NONE);
        both("warm pool", "profile isolated from a pool refilled meanwhile / ProcessBuilder", "pool.refilled.isolated", "java.pb", NONE,
            NONE);
        both("warm pool", "profile isolated from a pool refilled meanwhile / C floor, making one", "pool.refilled.isolated",
            "floor.isolated", NONE, NONE);
        both("warm pool", "a reset and a command, profile isolated / ProcessBuilder", "reset.isolated", "java.pb", NONE, NONE);
        both("warm pool", "a reset and a command, profile isolated / C floor, making one", "reset.isolated", "floor.isolated", NONE,
            NONE);
    }

    private void addShare(String driver, boolean best) {
        for (Kinds kinds : Kinds.values()) {
            for (boolean spaced : new boolean[] {false, true}) {
                Contestant ours = field.get("nsjob." + driver + "." + kinds.id());
                Contestant driven = field.get("driven." + driver + "." + kinds.id());
                String what = "the JVM's share, " + kinds.what() + (spaced ? ", apart" : ", back to back");
                String group = "JVM, " + driver;
                if (!ours.measured() || !driven.measured()) {
                    Contestant without = ours.measured() ? driven : ours;
                    rows.add(Row.missing(group, what, "µs", without.id() + ": " + without.refused(), best ? 60 : NONE, best
                        ? 25 : NONE));
                    continue;
                }
                long[] mine = ours.all(spaced);
                long[] bare = driven.all(spaced);
                String detail = String.format(Locale.ROOT, "medians %.0f - %.0f µs, p5 %.0f - %.0f µs", Way.median(mine) / 1000,
                    Way.median(bare) / 1000, Way.at(mine, 5) / 1000, Way.at(bare, 5) / 1000);
                rows.add(new Row(group, what, (Way.median(mine) - Way.median(bare)) / 1000, "µs", detail, best ? 60 : NONE,
                    best ? 25 : NONE, false));
            }
        }
    }

    private void addSandboxes(String driver, boolean best) {
        for (Kinds kinds : new Kinds[] {Kinds.FIVE, Kinds.ISOLATED}) {
            both("open sandbox, " + driver, "a command in it, " + kinds.what() + " / C vfork+exec", "sandbox." + driver + "."
                + kinds.id(),
                "c.vfork", best ? 2.5 : NONE, best ? 1.6 : NONE);
            both("open sandbox, " + driver, "a command in it, " + kinds.what() + " / C floor, entering", "sandbox." + driver
                + "." + kinds.id(),
                "floor.setns." + kinds.id(), NONE, NONE);
        }
    }

    private void both(String group, String what, String above, String below, double target, double stretch) {
        rows.add(Row.ratio(group, what, field.get(above), field.get(below), false, target, stretch));
        rows.add(Row.ratio(group, what, field.get(above), field.get(below), true, target, stretch));
    }
}
