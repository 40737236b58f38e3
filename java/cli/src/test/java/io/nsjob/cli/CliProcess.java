package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs {@code bin/nsjob} as a process, as its users do. */
final class CliProcess implements AutoCloseable {
    /** Against what hangs: the longest of them, all demos, takes a tenth of that. */
    private static final long LIMIT_SECONDS = 240;

    private final Process process;
    private final CompletableFuture<byte[]> out;
    private final CompletableFuture<byte[]> err;

    private CliProcess(ProcessBuilder builder) throws IOException {
        process = builder.start();
        out = drain(process.getInputStream());
        err = drain(process.getErrorStream());
    }

    /** What it ended with. */
    record Result(int status, byte[] out, byte[] err) {
        String outText() {
            return new String(out, StandardCharsets.UTF_8);
        }

        String errText() {
            return new String(err, StandardCharsets.UTF_8);
        }

        Result expect(int expected) {
            assertEquals(expected, status, () -> "stderr: " + errText() + "stdout: " + outText());
            return this;
        }

        /** Our own failure is one line, and never a stack trace. */
        Result expectOneLine(String start) {
            String message = errText();
            assertTrue(message.startsWith(start), message);
            assertEquals(1, message.lines().count(), message);
            assertTrue(message.endsWith("\n"), message);
            assertFalse(message.contains("\tat ") || message.contains("Exception"), message);
            return this;
        }
    }

    /** The script under test: the property, or the build tree around the working directory. */
    static Path cli() {
        String property = System.getProperty("nsjob.cli");
        return property != null ? Path.of(property) : root().resolve("build/bin/nsjob");
    }

    static Path testJob(String name) {
        String property = System.getProperty("nsjob.testJobs");
        return (property != null ? Path.of(property) : root().resolve("build/test-jobs")).resolve(name);
    }

    /** For jobs with a root of their own. */
    static String bindTestJobs() {
        return "--ro-bind=" + testJob("").toAbsolutePath();
    }

    static Path fixtures() {
        String property = System.getProperty("nsjob.fixtures");
        return property != null ? Path.of(property) : root().resolve("test-fixtures");
    }

    private static Path root() {
        Path dir = Path.of("").toAbsolutePath();
        while (dir != null && !Files.isDirectory(dir.resolve(".mvn"))) {
            dir = dir.getParent();
        }
        return dir == null ? Path.of("") : dir;
    }

    static CliProcess start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return new CliProcess(builder);
    }

    /** Starts {@code nsjob} away from any terminal, so that a test behaves alike in one and in CI. */
    static CliProcess nsjob(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", cli().toString()));
        command.addAll(Arrays.asList(args));
        return start(Map.of(), command.toArray(new String[0]));
    }

    /** Runs {@code nsjob} with nothing on standard input. */
    static Result run(String... args) throws Exception {
        try (CliProcess cli = nsjob(args)) {
            cli.process.getOutputStream().close();
            return cli.await();
        }
    }

    /** Runs a shell script in which {@code $0} is {@code nsjob}. */
    static Result shell(Map<String, String> environment, String script, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("setsid", "sh", "-c", script, cli().toString()));
        command.addAll(Arrays.asList(args));
        try (CliProcess cli = start(environment, command.toArray(new String[0]))) {
            cli.process.getOutputStream().close();
            return cli.await();
        }
    }

    Process process() {
        return process;
    }

    void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor();
    }

    Result await() throws Exception {
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        byte[] stdout = out.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        byte[] stderr = err.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertTrue(ended, () -> "still running; stderr: " + new String(stderr, StandardCharsets.UTF_8));
        return new Result(process.exitValue(), stdout, stderr);
    }

    /** Waits for a file that a job makes to say that it is there. */
    static void awaitFile(Path file) throws Exception {
        awaitTrue(() -> Files.exists(file) && Files.size(file) > 0, "no " + file);
    }

    static void awaitTrue(java.util.concurrent.Callable<Boolean> condition, String otherwise) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS / 2);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, otherwise);
            Thread.sleep(10);
        }
    }

    /** How many processes of this machine have this text in their command line. */
    static long processesWith(String marker) throws IOException {
        try (var proc = Files.list(Path.of("/proc"))) {
            return proc.filter(dir -> dir.getFileName().toString().matches("[0-9]+")).filter(dir -> {
                try {
                    return Files.readString(dir.resolve("cmdline"), StandardCharsets.ISO_8859_1).contains(marker);
                } catch (IOException e) {
                    return false; // it has ended meanwhile
                }
            }).count();
        }
    }

    private static CompletableFuture<byte[]> drain(InputStream in) {
        CompletableFuture<byte[]> all = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                all.complete(in.readAllBytes());
            } catch (IOException e) {
                all.completeExceptionally(e);
            }
        }, "drain");
        thread.setDaemon(true);
        thread.start();
        return all;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
