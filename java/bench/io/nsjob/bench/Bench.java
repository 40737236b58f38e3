package io.nsjob.bench;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code make bench}: everything beside everything, in one run, as one table. */
public final class Bench {
    private Bench() {
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
            rows.addAll(new Throughput(settings, field).run(progress));
            rows.addAll(new LiveJobs(settings, field, progress).run());
            rows.addAll(new OutputRate(settings, field).run(progress));
            rows.addAll(new CommandStart(settings, field).run(progress));
            rows.addAll(Sizes.rows(settings));
            rows.addAll(new Leaks(settings, field).run(progress));
            contestants = field.all();
        }
        progress.end();
        new Results(settings, machine, rows, contestants).write();
    }
}
