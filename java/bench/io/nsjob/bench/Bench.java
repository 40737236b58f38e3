package io.nsjob.bench;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
        Path build = Path.of(args[0]).toAbsolutePath().normalize();
        try (Program program = new Program(build.resolve("bench/idle"))) {
            run(Settings.of(build, program.path()));
        }
    }

    private static void run(Settings settings) throws Exception {
        Files.createDirectories(settings.out());
        JsonObject machine = Machine.describe();
        Progress progress = new Progress();
        List<Row> rows = new ArrayList<>();
        List<Contestant> contestants;
        try (Field field = new Field(settings)) {
            Map<String, Section> sections = new LinkedHashMap<>();
            sections.put("launches", () -> {
                new Rounds(settings, field).run(progress);
                return new Targets(field).rows();
            });
            sections.put("stages", () -> new StageTimes(settings, field).run(progress));
            sections.put("throughput", () -> new Throughput(settings, field).run(progress));
            sections.put("live", () -> new LiveJobs(settings, field, progress).five());
            sections.put("output", () -> new OutputRate(settings, field).run(progress));
            sections.put("command", () -> new CommandStart(settings, field).run(progress));
            sections.put("size", () -> Sizes.rows(settings));
            sections.put("leaks", () -> new Leaks(settings, field).run(progress));
            sections.put("live-isolated", () -> new LiveJobs(settings, field, progress).isolated());
            for (Map.Entry<String, Section> section : sections.entrySet()) {
                if (settings.wants(section.getKey())) {
                    rows.addAll(measure(section.getValue(), progress));
                    // What was measured is not lost with what comes later.
                    new Results(settings, machine, rows, field.all()).write();
                }
            }
            contestants = field.all();
        }
        progress.end();
        System.out.print(new Results(settings, machine, rows, contestants).write());
    }
}
