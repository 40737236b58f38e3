package io.nsjob.bench;

import io.nsjob.Driver;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Jobs a second, several at a time: as many as there is time for, all ways in turn, several times. */
final class Throughput {
    private static final int[] AT_A_TIME = {1, 2, 4, 8};
    private static final String FLOOR = "C floor";
    private static final double TARGET = 0.7;
    private static final double STRETCH = 0.9;

    private interface Loop {
        double rate(int workers) throws Exception;
    }

    private final Settings settings;
    private final Field field;
    private final Map<String, Loop> loops = new LinkedHashMap<>();
    private final Map<String, double[]> rates = new LinkedHashMap<>();
    private final Map<String, String> refused = new LinkedHashMap<>();

    Throughput(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    private static String key(String who, Kinds kinds) {
        return who + ": " + kinds.what();
    }

    List<Row> run(Progress progress) throws InterruptedException {
        for (Kinds kinds : new Kinds[] {Kinds.FIVE, Kinds.ISOLATED}) {
            loops.put(key(FLOOR, kinds), workers -> field.worker().rate("floor." + kinds.id(), workers, settings.loopMillis()));
            for (Map.Entry<Driver, Launcher> entry : field.launchers().entrySet()) {
                JobSpec spec = kinds.job(settings.program());
                Launcher launcher = entry.getValue();
                loops.put(key(Field.name(entry.getKey()), kinds),
                    workers -> inThreads(workers, () -> Field.status(launcher.run(spec, Field.QUIET).outcome())));
            }
        }
        Way builder = Others.processBuilder(settings.program());
        loops.put("ProcessBuilder", workers -> inThreads(workers, () -> builder.run(1).length - 1));
        for (int round = 0; round < settings.loopRounds(); round++) {
            for (int workers : AT_A_TIME) {
                progress.step("jobs a second", round, settings.loopRounds());
                for (String name : loops.keySet()) {
                    measure(name, workers);
                }
            }
        }
        return rows();
    }

    private void measure(String name, int workers) throws InterruptedException {
        if (refused.containsKey(name)) {
            return;
        }
        try {
            String key = name + "/" + workers;
            double[] before = rates.getOrDefault(key, new double[0]);
            double[] all = Arrays.copyOf(before, before.length + 1);
            all[before.length] = loops.get(name).rate(workers);
            rates.put(key, all);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            refused.put(name, String.valueOf(e.getMessage()));
        }
    }

    private double inThreads(int workers, Callable<Integer> launch) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            long begin = System.nanoTime();
            long until = begin + settings.loopMillis() * 1_000_000L;
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                counts.add(threads.submit(() -> count(launch, until)));
            }
            long sum = 0;
            for (Future<Integer> count : counts) {
                sum += count.get();
            }
            return sum * 1e9 / (System.nanoTime() - begin);
        } finally {
            threads.shutdownNow();
        }
    }

    private static int count(Callable<Integer> launch, long until) throws Exception {
        int count = 0;
        for (; System.nanoTime() < until; count++) {
            if (launch.call() != 0) {
                throw new IllegalStateException("a job did not end with 0");
            }
        }
        return count;
    }

    private double rate(String name, int workers) {
        double[] all = rates.getOrDefault(name + "/" + workers, new double[0]);
        return all.length == 0 ? Double.NaN : Arrays.stream(all).sorted().toArray()[all.length / 2];
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        Driver[] drivers = Driver.values();
        for (Kinds kinds : new Kinds[] {Kinds.FIVE, Kinds.ISOLATED}) {
            for (int i = drivers.length - 1; i >= 0; i--) {
                for (int workers : AT_A_TIME) {
                    boolean aimed = i == drivers.length - 1 && workers == 4 && kinds == Kinds.FIVE;
                    rows.add(row(Field.name(drivers[i]), kinds, workers, aimed));
                }
            }
        }
        return rows;
    }

    private Row row(String driver, Kinds kinds, int workers, boolean aimed) {
        String what = "jobs a second, " + workers + " at a time, " + kinds.what() + ", " + driver + " / C floor loop";
        double target = aimed ? TARGET : Double.NaN;
        double stretch = aimed ? STRETCH : Double.NaN;
        double ours = rate(key(driver, kinds), workers);
        double floor = rate(key(FLOOR, kinds), workers);
        String why = refused.getOrDefault(key(driver, kinds), refused.getOrDefault(key(FLOOR, kinds), "no samples"));
        if (Double.isNaN(ours) || Double.isNaN(floor)) {
            return new Row("throughput", what, Double.NaN, "×", "not measured: " + why, target, stretch, true);
        }
        String detail = String.format(java.util.Locale.ROOT, "%.0f/s, C floor %.0f/s, ProcessBuilder not isolated %.0f/s",
            ours, floor,
            rate("ProcessBuilder", workers));
        return new Row("throughput", what, ours / floor, "×", detail, target, stretch, true);
    }
}
