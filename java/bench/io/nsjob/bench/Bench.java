package io.nsjob.bench;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code make bench}: everything beside everything, in one run, as one table. */
public final class Bench {
    private interface Section {
        List<Row> rows() throws Exception;
    }

    private Bench() {
    }

    /** What cannot be measured is said, and the rest is. */
    private static List<Row> measure(Section section, Progress progress) throws InterruptedException {
        try {
            return section.rows();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            progress.warn("a part failed: " + e);
            return List.of(Row.missing("failed", "a part of the bench", "", e.toString(), Double.NaN, Double.NaN));
        }
    }

    /**
     * Runs it.
     *
     * @param args the build directory
     * @throws Exception when the machine or the build lacks something that cannot be left out
     */
    public static void main(String[] args) throws Exception {
        Settings settings = Settings.of(Path.of(args[0]).toAbsolutePath().normalize());
        Files.createDirectories(settings.out());
        JsonObject machine = Machine.describe();
        Progress progress = new Progress();
        List<Row> rows = new ArrayList<>();
        List<Contestant> contestants;
        try (Field field = new Field(settings)) {
            new Rounds(settings, field).run(progress);
            rows.addAll(new Targets(field).rows());
            List<Section> sections = List.of(() -> new Throughput(settings, field).run(progress),
                () -> new LiveJobs(settings, field, progress).five(), () -> new OutputRate(settings, field).run(progress),
                () -> new CommandStart(settings, field).run(progress), () -> Sizes.rows(settings),
                () -> new Leaks(settings, field).run(progress), () -> new LiveJobs(settings, field, progress).isolated());
            for (Section section : sections) {
                rows.addAll(measure(section, progress));
            }
            contestants = field.all();
        }
        progress.end();
        new Results(settings, machine, rows, contestants).write();
    }
}
