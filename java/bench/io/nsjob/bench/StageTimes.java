package io.nsjob.bench;

import io.nsjob.JobSpec;
import io.nsjob.SandboxException;
import io.nsjob.StageTiming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time goes: the stages of a launch as the helper itself measures them, of all its processes. */
final class StageTimes {
    private static final int RUNS = 100;

    private final Settings settings;
    private final Field field;

    StageTimes(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    List<Row> run(Progress progress) throws SandboxException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Kinds kinds : Kinds.values()) {
            progress.step("stages", kinds.ordinal(), Kinds.values().length);
            Map<String, List<Long>> micros = new LinkedHashMap<>();
            JobSpec spec = kinds.job(settings.program());
            int runs = settings.quick() ? 2 : RUNS;
            for (int i = 0; i < runs; i++) {
                for (StageTiming stage : field.launcher().run(spec, Field.QUIET).report().stages()) {
                    micros.computeIfAbsent(stage.name(), name -> new ArrayList<>()).add(stage.micros());
                }
            }
            rows.add(row(kinds, micros, runs));
        }
        return rows;
    }

    private static Row row(Kinds kinds, Map<String, List<Long>> micros, int runs) {
        Map<String, Double> medians = new LinkedHashMap<>();
        micros.forEach((name, all) -> medians.put(name, Way.median(all.stream().mapToLong(Long::longValue).toArray())));
        List<Map.Entry<String, Double>> sorted = new ArrayList<>(medians.entrySet());
        sorted.sort(Map.Entry.<String, Double>comparingByValue().reversed());
        double sum = 0;
        StringBuilder detail = new StringBuilder("n=" + runs);
        for (Map.Entry<String, Double> stage : sorted) {
            sum += stage.getValue();
            if (stage.getValue() >= 1) {
                detail.append(String.format(Locale.ROOT, ", %s %.0f", stage.getKey(), stage.getValue()));
            }
        }
        return new Row("where the time goes", "stages of the helper, " + kinds.what() + ", sum of medians", sum, "µs", detail.toString(),
            Double.NaN, Double.NaN, false);
    }
}
