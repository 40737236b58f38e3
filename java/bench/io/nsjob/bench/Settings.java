package io.nsjob.bench;

import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * How much is measured, and with what. BENCH_QUICK=1 does everything, each a few times: it shows that the bench works, and its
 * figures mean nothing. ROUNDS=N sets the number of rounds of the launches, BENCH_LIVE=N how many jobs are to be alive at once.
 *
 * @param quick a smoke run
 * @param build the directory that make builds into
 * @param program what everyone starts
 * @param out where the results go
 * @param rounds of launches back to back
 * @param batch launches of one kind after another in a round
 * @param spacedRounds of launches apart
 * @param spacingMillis how far apart
 * @param loopMillis how long each throughput is measured
 * @param loopRounds how often
 * @param live how many jobs are to be alive at once
 * @param launches of the search for leaks
 */
record Settings(boolean quick, Path build, String program, Path out, int rounds, int batch, int spacedRounds, int spacingMillis,
        int loopMillis, int loopRounds, int[] live, int launches) {

    private static final int MANY = 5000;

    static Settings of(Path build, Path program) {
        boolean quick = "1".equals(System.getenv("BENCH_QUICK"));
        Path out = build.resolve("bench");
        String live = System.getenv("BENCH_LIVE");
        String rounds = System.getenv("ROUNDS");
        int most = live == null || live.isBlank() ? MANY : Integer.parseInt(live.strip());
        Settings settings = quick ? new Settings(true, build, program.toString(), out, 2, 2, 2, 5, 60, 1, new int[] {10, 30}, 100)
            : new Settings(false, build, program.toString(), out, 60, 8, 100, 50, 700, 3,
                IntStream.of(100, 1000, most).filter(n -> n <= most).distinct().toArray(), 10_000);
        return rounds == null || rounds.isBlank() ? settings : settings.withRounds(Integer.parseInt(rounds.strip()));
    }

    private Settings withRounds(int count) {
        return new Settings(quick, build, program, out, count, batch, Math.max(1, count * spacedRounds / rounds), spacingMillis,
            loopMillis, loopRounds, live, launches);
    }

    /** BENCH_ONLY=launches,live: some parts alone. */
    boolean wants(String part) {
        String only = System.getenv("BENCH_ONLY");
        return only == null || only.isBlank() || ("," + only + ",").contains("," + part + ",");
    }

    Path worker() {
        return build.resolve("native/bench-worker");
    }

    Path helper() {
        return build.resolve("libexec/nsjob-helper");
    }
}
