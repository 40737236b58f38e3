package io.nsjob.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * One thing against another, measured in the same rounds.
 *
 * @param median of the medians of all samples
 * @param p5 of the 5th percentiles: noise only ever adds, so on a busy machine this is the nearest to what a quiet one shows
 * @param p99 of the 99th percentiles
 * @param low the lower quartile of the ratios of single rounds
 * @param high the upper one: between them lies half of what the machine's noise made of it
 * @param samples how many there were of the rarer one
 */
record Ratio(double median, double p5, double p99, double low, double high, int samples) {

    static Ratio of(Contestant above, Contestant below, boolean spaced) {
        long[] up = above.all(spaced);
        long[] down = below.all(spaced);
        List<Double> rounds = new ArrayList<>();
        for (int i = 0; i < Math.min(above.rounds(spaced).size(), below.rounds(spaced).size()); i++) {
            double ratio = Way.median(above.rounds(spaced).get(i)) / Way.median(below.rounds(spaced).get(i));
            if (Double.isFinite(ratio)) {
                rounds.add(ratio);
            }
        }
        Collections.sort(rounds);
        double low = rounds.isEmpty() ? Double.NaN : rounds.get(rounds.size() / 4);
        double high = rounds.isEmpty() ? Double.NaN : rounds.get(rounds.size() * 3 / 4);
        return new Ratio(Way.median(up) / Way.median(down), Way.at(up, 5) / Way.at(down, 5), Way.at(up, 99) / Way.at(down, 99), low,
            high, Math.min(up.length, down.length));
    }
}
