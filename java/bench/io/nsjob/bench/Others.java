package io.nsjob.bench;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.OutputStream;
import java.util.List;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.PumpStreamHandler;

/** What a JVM has without us. */
final class Others {
    private static final ProcessBuilder.Redirect NOTHING = ProcessBuilder.Redirect.from(new File("/dev/null"));

    private Others() {
    }

    static Way processBuilder(String... command) {
        return Way.of(() -> new ProcessBuilder(command).redirectInput(NOTHING).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor());
    }

    /** As everybody uses it, with threads that pump. */
    static Way commonsExec(List<String> command) {
        CommandLine line = new CommandLine(command.get(0));
        command.subList(1, command.size()).forEach(argument -> line.addArgument(argument, false));
        return Way.of(() -> {
            DefaultExecutor executor = DefaultExecutor.builder().get();
            executor.setStreamHandler(new PumpStreamHandler(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(),
                new ByteArrayInputStream(new byte[0])));
            return executor.execute(line);
        });
    }
}
