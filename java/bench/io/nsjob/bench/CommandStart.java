package io.nsjob.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.ToolProvider;

/** The command as a whole process, beside the smallest Java program, both with a class-data archive and the same JVM options. */
final class CommandStart {
    private static final int ROUNDS = 40;
    private static final List<String> OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
        "-XX:-UsePerfData",
        "-Xlog:disable");

    private final Settings settings;
    private final Field field;

    CommandStart(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    List<Row> run(Progress progress) throws IOException, InterruptedException {
        List<Contestant> all = new ArrayList<>();
        all.add(contestant("hello", hello(OPTIONS)));
        all.add(contestant("hello-default", hello(List.of())));
        String command = settings.build().resolve("bin/nsjob").toString();
        all.add(contestant("nsjob-run", List.of(command, "run", "--", "true")));
        all.add(contestant("nsjob-bare", List.of(command, "run", "-Urpmui", "--", "true")));
        int rounds = settings.quick() ? 2 : ROUNDS;
        for (int round = 0; round <= rounds; round++) {
            progress.step("the command as a whole process", round, rounds);
            for (int i = 0; i < all.size(); i++) {
                Contestant contestant = all.get((i + round) % all.size());
                long[] nanos = contestant.run(1);
                if (round > 0) {
                    contestant.add(false, nanos);
                }
            }
        }
        return List.of(row("nsjob run -- true / java Hello", all.get(2), all.get(0), 3.0, 2.0),
            row("nsjob run -- true / java Hello without options", all.get(2), all.get(1), Double.NaN, Double.NaN),
            row("nsjob run -Urpmui -- true / java Hello", all.get(3), all.get(0), Double.NaN, Double.NaN));
    }

    private Contestant contestant(String id, List<String> command) throws IOException {
        List<String> definition = new ArrayList<>(List.of("spawn", "vfork"));
        definition.addAll(command);
        return new Contestant(id, id, false, field.worker().way("cli." + id, definition.toArray(String[]::new)));
    }

    /** Compiled here, and its classes archived as those of the command are. */
    private List<String> hello(List<String> options) throws IOException, InterruptedException {
        Path directory = Files.createDirectories(settings.out().resolve("hello"));
        Path source = Files.writeString(directory.resolve("Hello.java"),
            "public class Hello { public static void main(String[] a) { System.out.println(\"hello\"); } }\n");
        ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", directory.toString(), source.toString());
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String archive = directory.resolve(options.isEmpty() ? "default.jsa" : "hello.jsa").toString();
        // Only classes from jars are archived.
        Path jar = directory.resolve("hello.jar");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new java.util.zip.ZipEntry("Hello.class"));
            out.write(Files.readAllBytes(directory.resolve("Hello.class")));
        }
        List<String> make = line(java, options, "-XX:ArchiveClassesAtExit=" + archive, jar);
        Process process = new ProcessBuilder(make).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("no class-data archive for Hello: " + said);
        }
        return line(java, options, "-XX:SharedArchiveFile=" + archive, jar);
    }

    private static List<String> line(String java, List<String> options, String archive, Path jar) {
        List<String> line = new ArrayList<>(List.of(java));
        line.addAll(options);
        line.addAll(List.of(archive, "-cp", jar.toString(), "Hello"));
        return line;
    }

    private static Row row(String what, Contestant above, Contestant below, double target, double stretch) {
        String why = above.refused() + below.refused();
        if (!why.isEmpty()) {
            return Row.missing("command", what, "×", why, target, stretch);
        }
        Ratio ratio = Ratio.of(above, below, false);
        String detail = String.format(Locale.ROOT, "%.0f ms and %.0f ms; half of the rounds %s to %s ×, n=%d",
            Way.median(above.all(false)) / 1e6, Way.median(below.all(false)) / 1e6, Row.number(ratio.low()),
            Row.number(ratio.high()),
            ratio.samples());
        return new Row("command", what, ratio.median(), "×", detail, target, stretch, false);
    }
}
