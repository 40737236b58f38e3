package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a start of the command fast, as structure and not as time: what is loaded, from where, and what is not. */
@Tag("integration")
class CliStartIT {
    private static final String ARCHIVED = "source: shared objects file";
    /** JDK Flight Recorder's, which no archive takes, and a few that the JDK spins. */
    private static final int MOST_LOADED = 12;
    /** Each costs some 0.2 ms. There is none on the way of a plain run; a machine without cgroups may take another. */
    private static final int MOST_LAMBDAS = 4;

    @TempDir
    Path dir;

    /** The classes that a run loads, as the virtual machine logs them. */
    private List<String> classes(Path nsjob, String... args) throws Exception {
        Path log = dir.resolve("classes.log");
        List<String> command = new ArrayList<>(List.of("setsid", nsjob.toString()));
        command.addAll(List.of(args));
        // These come after the options of the script, which silence every log.
        Map<String, String> environment = Map.of("_JAVA_OPTIONS", "-Xlog:class+load:file=" + log);
        try (CliProcess run = CliProcess.start(environment, command.toArray(new String[0]))) {
            run.process().getOutputStream().close();
            run.await().expect(0);
        }
        List<String> classes = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            if (line.contains(" source: ")) {
                classes.add(line.substring(line.lastIndexOf(']') + 1).trim());
            }
        }
        assertTrue(classes.size() > 500, classes.size() + " classes");
        return classes;
    }

    private static List<String> of(List<String> classes, String... packages) {
        List<String> found = new ArrayList<>();
        for (String loaded : classes) {
            for (String prefix : packages) {
                if (loaded.startsWith(prefix)) {
                    found.add(loaded);
                }
            }
        }
        return found;
    }

    /** The command, in a place of its own where an archive can be made. */
    private Path copy() throws IOException {
        Path bin = CliProcess.cli().toRealPath().getParent();
        for (String part : List.of("bin", "lib", "libexec")) {
            Files.createDirectories(dir.resolve(part));
            try (DirectoryStream<Path> files = Files.newDirectoryStream(bin.resolveSibling(part))) {
                for (Path file : files) {
                    if (Files.isRegularFile(file) && !file.toString().matches(".*[.](jsa|aot)")) {
                        Files.copy(file, dir.resolve(part).resolve(file.getFileName()));
                    }
                }
            }
        }
        return dir.resolve("bin/nsjob");
    }

    @Test
    @RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
    void loadsNothingThatARunDoesNotNeed() throws Exception {
        List<String> classes = classes(CliProcess.cli(), "run", "--", "true");
        // JNA takes longer than the whole run; picocli is for lines that are not plain; gson only reads and writes tokens.
        assertEquals(List.of(), of(classes, "com.sun.jna.", "picocli.", "com.google.gson.Gson", "com.google.gson.internal.bind.",
            "com.google.gson.reflect.", "com.google.gson.stream.JsonWriter", "java.security.MessageDigest", "java.util.Formatter"));
        List<String> lambdas = new ArrayList<>(of(classes, "io.nsjob."));
        lambdas.removeIf(loaded -> !loaded.contains("$$Lambda"));
        assertTrue(lambdas.size() <= MOST_LAMBDAS, lambdas.size() + " lambdas on the way: " + lambdas);
    }

    @Test
    @RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
    void everythingElseComesFromTheArchive() throws Exception {
        Path nsjob = copy();
        CliProcess.shell(Map.of("NSJOB_MAKE_ARCHIVE", "1"), "exec \"$1\" run -- true", nsjob.toString()).expect(0);
        List<String> loaded = classes(nsjob, "run", "--", "true");
        loaded.removeIf(one -> one.contains(ARCHIVED));
        assertTrue(loaded.size() <= MOST_LOADED, loaded.size() + " classes from elsewhere: " + loaded);
    }

    @Test
    void theScriptStartsNoOtherProgram() throws Exception {
        // With nothing on its PATH it can start none but Java.
        String home = System.getProperty("java.home");
        String script = "JAVA_HOME=$1; PATH=/nonexistent; export JAVA_HOME PATH; exec \"$0\" --version";
        assertTrue(CliProcess.shell(Map.of(), script, home).expect(0).outText().startsWith("nsjob "));
    }

    @Test
    @RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
    void theLimitOfOpenFilesIsTheCallers() throws Exception {
        String script = "ulimit -Sn 200; exec \"$0\" run -Um -- sh -c 'ulimit -Sn'";
        assertEquals("200\n", CliProcess.shell(Map.of(), script).expect(0).outText());
    }
}
