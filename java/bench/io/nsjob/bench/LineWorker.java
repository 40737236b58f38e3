package io.nsjob.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A process that measures when it is told to: the C side, or another JVM. One line asks, one line answers. */
final class LineWorker implements AutoCloseable {
    private final Process process;
    private final Writer to;
    private final BufferedReader from;

    LineWorker(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().retainAll(List.of("PATH", "HOME"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LANG", "C.UTF-8");
        process = builder.start();
        to = process.outputWriter(StandardCharsets.UTF_8);
        from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Defines a way, and gives it; where the worker refuses, the way says why when it is run. */
    Way way(String name, String... definition) throws IOException {
        String refused = "";
        try {
            ask("way\t" + name + "\t" + String.join("\t", definition));
        } catch (Way.Refused e) {
            refused = e.getMessage();
        }
        String why = refused;
        return count -> {
            if (!why.isEmpty()) {
                throw new Way.Refused(why);
            }
            return run(name, count);
        };
    }

    long[] run(String name, int count) throws IOException, Way.Refused {
        return numbers(ask("run\t" + name + "\t" + count));
    }

    /**
     * Runs it as often as there is time for.
     *
     * @return how many times a second
     */
    double rate(String name, int workers, int millis) throws IOException, Way.Refused {
        long[] counted = numbers(ask("loop\t" + name + "\t" + workers + "\t" + millis));
        return counted[0] * 1e9 / counted[1];
    }

    private static long[] numbers(String text) {
        return text.isEmpty() ? new long[0] : List.of(text.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    }

    private synchronized String ask(String line) throws IOException, Way.Refused {
        to.write(line + "\n");
        to.flush();
        String answer = from.readLine();
        if (answer == null) {
            throw new IOException("the worker is gone");
        }
        if (answer.startsWith("refused")) {
            throw new Way.Refused(answer.substring("refused".length()).strip());
        }
        return answer.substring("ok".length()).strip();
    }

    @Override
    public void close() throws IOException {
        to.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
