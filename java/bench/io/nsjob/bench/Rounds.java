package io.nsjob.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Measures all ways in rounds, each in another order, so that a noisy moment hits all alike. Back to back, a way is run several
 * times in a row and the first of them is not counted: what the way before has pushed out of the caches is not its fault. Apart,
 * each launch has a pause before it.
 */
final class Rounds {
    private static final long WARM_UP_NANOS = 1_500_000_000L;
    private static final int OTHERS = 10;
    private static final long HEAVY_NANOS = 4_000_000;
    private static final int HEAVY_BATCH = 2;

    private final Settings settings;
    private final Field field;
    private final Random random = new Random(42);

    Rounds(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    void run(Progress progress) throws InterruptedException {
        List<Contestant> order = new ArrayList<>(field.all());
        for (int i = 0; i < order.size(); i++) {
            progress.step("warming up", i, order.size());
            warmUp(order.get(i));
        }
        for (int round = 0; round < settings.rounds(); round++) {
            progress.step("launches back to back", round, settings.rounds());
            Collections.shuffle(order, random);
            for (Contestant contestant : order) {
                if (isDue(contestant, round)) {
                    together(contestant);
                }
            }
        }
        for (int round = 0; round < settings.spacedRounds(); round++) {
            progress.step("launches " + settings.spacingMillis() + " ms apart", round, settings.spacedRounds());
            Collections.shuffle(order, random);
            for (Contestant contestant : order) {
                if (isDue(contestant, round)) {
                    Thread.sleep(settings.spacingMillis());
                    add(contestant, true, contestant.run(1), 0);
                }
            }
        }
    }

    private static boolean isDue(Contestant contestant, int round) {
        return contestant.refused().isEmpty() && (!contestant.rare() || round % Contestant.RARELY == 0);
    }

    /** A just-in-time compiler takes thousands of calls, and time of its own beside them. What C does is warm at once. */
    private void warmUp(Contestant contestant) throws InterruptedException {
        long[] first = contestant.run(2);
        boolean ours = contestant.id().startsWith("nsjob.") || contestant.id().startsWith("sandbox.")
            || contestant.id().startsWith("pool.") || contestant.id().startsWith("reset.");
        long until = System.nanoTime() + (ours ? WARM_UP_NANOS : WARM_UP_NANOS / OTHERS);
        while (first.length > 0 && !settings.quick() && System.nanoTime() < until) {
            contestant.run(settings.batch());
        }
    }

    private void together(Contestant contestant) throws InterruptedException {
        long[] first = contestant.run(1);
        if (first.length > 0) {
            add(contestant, false, contestant.run(first[0] > HEAVY_NANOS ? HEAVY_BATCH : settings.batch()), 0);
        }
    }

    private static void add(Contestant contestant, boolean spaced, long[] nanos, int from) {
        if (nanos.length > from) {
            contestant.add(spaced, nanos);
        }
    }
}
