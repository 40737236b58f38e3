import io.nsjob.IdMaps;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Launch latency from a warm JVM, against ProcessBuilder of the same static program. Run by {@code make bench}, which passes
 * the program. The rows of one round follow each other, so that whatever disturbs the machine disturbs all of them.
 */
public final class LaunchBench {
    private static final int WARM_UP = 100;
    private static final int ROUNDS = 300;
    private static final int SPACED_ROUNDS = 40;
    private static final int SPACING_MILLIS = 50;

    private record Row(String name, Callable<Integer> launch, List<Long> nanos) {
        Row(String name, Callable<Integer> launch) {
            this(name, launch, new ArrayList<>());
        }
    }

    private LaunchBench() {
    }

    public static void main(String[] args) throws Exception {
        String program = args[0];
        StartOptions quiet = StartOptions.defaults().withOut(Stdio.discard()).withErr(Stdio.discard());
        try (Launcher launcher = Launcher.open()) {
            List<Row> rows = List.of(
                new Row("ProcessBuilder, not isolated", () -> plain(program)),
                new Row("nsjob, five kinds + /proc", () -> job(launcher, bare(program, fiveKinds()), quiet)),
                new Row("nsjob, eight kinds", () -> job(launcher, bare(program, NamespaceKind.values()), quiet)),
                new Row("nsjob, profile isolated", () -> job(launcher,
                    JobSpec.isolated().bindReadOnly(Path.of(program).getParent().toString()).command(program, "0").build(), quiet)));
            System.out.printf(Locale.ROOT, "Java %s, %d processors%n", Runtime.version(), Runtime.getRuntime().availableProcessors());
            measure(rows, WARM_UP, 0);
            print("back to back", measure(rows, ROUNDS, 0));
            print(SPACING_MILLIS + " ms apart", measure(rows, SPACED_ROUNDS, SPACING_MILLIS));
        }
    }

    private static NamespaceKind[] fiveKinds() {
        return new NamespaceKind[] {NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID, NamespaceKind.IPC, NamespaceKind.UTS};
    }

    private static JobSpec bare(String program, NamespaceKind... kinds) {
        return JobSpec.bare(kinds).idMaps(IdMaps.of(IdMaps.Preset.ROOT)).command(program, "0").build();
    }

    private static int plain(String program) throws Exception {
        return new ProcessBuilder(program, "0").redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    private static int job(Launcher launcher, JobSpec spec, StartOptions options) throws Exception {
        Outcome outcome = launcher.run(spec, options).outcome();
        return outcome.exitCode().orElseThrow(() -> new IllegalStateException(outcome.describe()));
    }

    private static List<Row> measure(List<Row> rows, int rounds, int spacingMillis) throws Exception {
        rows.forEach(row -> row.nanos().clear());
        for (int round = 0; round < rounds; round++) {
            for (Row row : rows) {
                Thread.sleep(spacingMillis);
                long began = System.nanoTime();
                int status = row.launch().call();
                row.nanos().add(System.nanoTime() - began);
                if (status != 0) {
                    throw new IllegalStateException(row.name() + " ended with status " + status);
                }
            }
        }
        return rows;
    }

    private static void print(String how, List<Row> rows) {
        System.out.printf(Locale.ROOT, "%n%-32s %10s %10s %8s%n", how, "median ms", "p99 ms", "ratio");
        double base = percentile(rows.get(0), 50);
        for (Row row : rows) {
            double median = percentile(row, 50);
            System.out.printf(Locale.ROOT, "%-32s %10.3f %10.3f %8.2f%n", row.name(), median, percentile(row, 99), median / base);
        }
    }

    private static double percentile(Row row, int percent) {
        long[] sorted = row.nanos().stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
    }
}
