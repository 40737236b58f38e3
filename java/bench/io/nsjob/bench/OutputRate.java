package io.nsjob.bench;

import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Captured output: the same program's, through our pipes into a byte array, and through ProcessBuilder's. */
final class OutputRate {
    private static final int MEGABYTE = 1024 * 1024;
    private static final int MEGABYTES = 64;
    private static final int ROUNDS = 15;

    private final Settings settings;
    private final Field field;

    OutputRate(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    List<Row> run(Progress progress) throws InterruptedException {
        int size = (settings.quick() ? 1 : MEGABYTES) * MEGABYTE;
        String[] command = {"/usr/bin/head", "-c", Integer.toString(size), "/dev/zero"};
        Contestant builder = new Contestant("output.pb", "output through ProcessBuilder", false, Way.of(() -> {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            int length = process.getInputStream().readAllBytes().length;
            return length == size ? process.waitFor() : 1;
        }));
        List<Contestant> ours = new ArrayList<>();
        field.launchers().forEach((driver, launcher) -> {
            JobSpec spec = Kinds.FIVE.spec(command);
            StartOptions captured = StartOptions.defaults().withOut(Stdio.capture(size)).withErr(Stdio.discard());
            ours.add(0, new Contestant("output." + Field.name(driver), Field.name(driver), false, Way.of(() -> {
                JobResult result = launcher.run(spec, captured);
                return result.stdout().length == size ? Field.status(result.outcome()) : 1;
            })));
        });
        int rounds = settings.quick() ? 2 : ROUNDS;
        for (int round = 0; round <= rounds; round++) {
            progress.step("captured output", round, rounds);
            List<Contestant> order = new ArrayList<>(ours);
            order.add(round % 2 == 0 ? 0 : ours.size(), builder);
            for (Contestant contestant : order) {
                long[] nanos = contestant.run(1);
                // The first is for the just-in-time compiler.
                if (round > 0) {
                    contestant.add(false, nanos);
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            rows.add(row(ours.get(i), builder, size, i == 0));
        }
        return rows;
    }

    private static Row row(Contestant ours, Contestant builder, int size, boolean best) {
        double target = best ? 1.0 : Double.NaN;
        double stretch = best ? 1.5 : Double.NaN;
        String what = "captured output, MB a second, " + ours.what() + " / ProcessBuilder";
        String why = ours.refused() + builder.refused();
        if (!why.isEmpty()) {
            return new Row("output", what, Double.NaN, "×", "not measured: " + why, target, stretch, true);
        }
        double mine = Way.median(ours.all(false));
        double other = Way.median(builder.all(false));
        String detail = String.format(Locale.ROOT, "%d MB a time, start and end included: %.0f MB/s, ProcessBuilder %.0f MB/s, n=%d",
            size / MEGABYTE, size / (double) MEGABYTE / mine * 1e9, size / (double) MEGABYTE / other * 1e9,
            ours.all(false).length);
        return new Row("output", what, other / mine, "×", detail, target, stretch, true);
    }
}
