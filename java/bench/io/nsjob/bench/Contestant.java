package io.nsjob.bench;

import java.util.ArrayList;
import java.util.List;

/** A way with its name and what was measured of it: the rounds back to back, and those apart. */
final class Contestant {
    /** Of the ways that no target is about, a few samples must do. */
    static final int RARELY = 4;

    private final String id;
    private final String what;
    private final Way way;
    private final boolean rare;
    private final List<long[]> together = new ArrayList<>();
    private final List<long[]> apart = new ArrayList<>();
    private String refused = "";

    Contestant(String id, String what, boolean rare, Way way) {
        this.id = id;
        this.what = what;
        this.rare = rare;
        this.way = way;
    }

    static Contestant missing(String id, String what, String why) {
        Contestant contestant = new Contestant(id, what, true, count -> new long[0]);
        contestant.refused = why;
        return contestant;
    }

    String id() {
        return id;
    }

    String what() {
        return what;
    }

    boolean rare() {
        return rare;
    }

    String refused() {
        return refused;
    }

    boolean measured() {
        return refused.isEmpty() && !together.isEmpty() && !apart.isEmpty();
    }

    /** Runs it; a way that fails once is not measured any more, and says why. */
    long[] run(int count) throws InterruptedException {
        if (!refused.isEmpty()) {
            return new long[0];
        }
        try {
            return way.run(count);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            refused = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage().lines().findFirst().orElse("");
            return new long[0];
        }
    }

    void add(boolean spaced, long[] nanos) {
        rounds(spaced).add(nanos);
    }

    List<long[]> rounds(boolean spaced) {
        return spaced ? apart : together;
    }

    long[] all(boolean spaced) {
        return rounds(spaced).stream().flatMapToLong(java.util.Arrays::stream).toArray();
    }
}
