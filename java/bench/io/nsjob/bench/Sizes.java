package io.nsjob.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** How large the helper is, as a program and as text. */
final class Sizes {
    private static final double KILOBYTE = 1024;

    private Sizes() {
    }

    static List<Row> rows(Settings settings) throws IOException {
        Path sources = settings.build().resolveSibling("native").resolve("src");
        long lines = 0;
        long code = 0;
        try (Stream<Path> files = Files.list(sources)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".c")).toList()) {
                List<String> all = Files.readAllLines(file);
                lines += all.size();
                code += all.stream().map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("/*") && !line.startsWith("*")
                    && !line.startsWith("#")).count();
            }
        }
        return List.of(
            new Row("size", "helper, static and stripped", Files.size(settings.helper()) / KILOBYTE, "KB", "", KILOBYTE,
            Double.NaN, false),
            new Row("size", "lines of C in native/src", lines, "", code + " without blank lines, comments and includes", 5000,
            Double.NaN, false));
    }
}
