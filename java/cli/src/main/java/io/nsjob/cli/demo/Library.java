package io.nsjob.cli.demo;

import io.nsjob.cli.Suggestion;
import io.nsjob.cli.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The demos that come with the program, and where those of its users are. */
final class Library {
    /** The order in which they are listed and run: from the simplest on. */
    static final List<String> NAMES = List.of("mount", "uts", "ipc", "pid", "user", "net", "cgroup", "time", "chroot", "calls");
    private static final String FOLDER = "/io/nsjob/cli/demos/";
    private static final long MAX_SIZE = 1 << 20;

    private Library() {}

    /** A demo by its name, or by its file if that is what the name looks like. */
    static Demo find(String name) throws IOException, UsageException {
        if (name.endsWith(".json") || name.contains("/")) {
            Path file = Path.of(name);
            if (Files.size(file) > MAX_SIZE) {
                throw new UsageException("demo: " + name + ": larger than 1 MiB");
            }
            return read(name, Files.readString(file));
        }
        if (!NAMES.contains(name)) {
            throw new UsageException("demo: there is no demo " + name + Suggestion.didYouMean(name, NAMES)
                + " ('nsjob demo' lists them; a file of your own ends in .json)");
        }
        try (InputStream in = Library.class.getResourceAsStream(FOLDER + name + ".json")) {
            if (in == null) {
                throw new IOException(name + ".json is not in this jar");
            }
            return read(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static Demo read(String name, String json) {
        try {
            return DemoReader.read(json);
        } catch (DemoException e) {
            throw new DemoException(name + ": " + e.getMessage());
        }
    }
}
