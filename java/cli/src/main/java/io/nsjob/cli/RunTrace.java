package io.nsjob.cli;

import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.StageTiming;
import io.nsjob.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What {@code --verbose} tells after the run. */
final class RunTrace {
    private static final int BAR_WIDTH = 20;

    private RunTrace() {}

    static String stages(List<StageTiming> stages, Style style) {
        long total = stages.stream().mapToLong(StageTiming::micros).sum();
        int width = stages.stream().mapToInt(stage -> stage.name().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (StageTiming stage : stages) {
            int bar = total == 0 ? 0 : (int) Math.round((double) BAR_WIDTH * stage.micros() / total);
            String name = String.format("%-" + (width + 2) + "s", stage.name());
            String time = String.format(Locale.ROOT, "%8.3f ms", stage.micros() / 1000.0);
            text.append(name).append(time).append(bar == 0 ? "" : "  " + style.cyan("#".repeat(bar))).append('\n');
        }
        return text.append(style.bold(String.format(Locale.ROOT, "%-" + (width + 2) + "s%8.3f ms", "total", total / 1000.0)))
            .append('\n').toString();
    }

    static String ending(JobResult result, Style style) {
        Usage usage = result.usage();
        return style.bold(result.outcome().describe()) + ": wall " + millis(usage.wall()) + ", user " + millis(usage.user())
            + ", system " + millis(usage.system()) + ", peak memory " + usage.maxRssBytes() / 1024 + " KiB\n";
    }

    static String weakened(JobReport report, Style style) {
        StringBuilder text = new StringBuilder();
        report.weakened().forEach(weakness -> text.append(style.dim("weakened: " + weakness)).append('\n'));
        return text.toString();
    }

    private static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
    }
}
