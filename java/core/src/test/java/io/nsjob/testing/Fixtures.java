package io.nsjob.testing;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Files that both languages' tests read, found through the property {@code nsjob.fixtures} or above the current directory. */
public final class Fixtures {
    private Fixtures() {
    }

    /** The directory test-fixtures, or one below it. */
    public static Path directory(String name) {
        String property = System.getProperty("nsjob.fixtures");
        if (property != null) {
            return Path.of(property).resolve(name);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("test-fixtures"))) {
                return at.resolve("test-fixtures").resolve(name);
            }
        }
        throw new IllegalStateException("no test-fixtures: set -Dnsjob.fixtures");
    }

    /** The index of a directory of fixtures. */
    public static JsonObject index(Path directory) {
        return new Gson().fromJson(text(directory.resolve("index.json")), JsonObject.class);
    }

    /** The names of the fixtures that are there. */
    public static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.equals("index.json")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bytes of a file. */
    public static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a file. */
    public static String text(Path file) {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }
}
