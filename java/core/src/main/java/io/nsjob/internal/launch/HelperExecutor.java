package io.nsjob.internal.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;

/**
 * Starts the helper with the streams it is given. Of its base class only the place in it is used: commons-exec itself always
 * makes pipes and pumps, through which a terminal does not reach the job, and its watchdog waits for grandchildren.
 */
final class HelperExecutor extends DefaultExecutor {
    private final HelperStdio stdio;

    // The builder that replaces this constructor makes a DefaultExecutor and nothing derived from it.
    @SuppressWarnings("deprecation")
    HelperExecutor(HelperStdio stdio) {
        this.stdio = stdio;
    }

    Process start(Path helper, Map<String, String> environment, String... arguments) throws IOException {
        CommandLine line = new CommandLine(helper.toString());
        for (String argument : arguments) {
            line.addArgument(argument, false);
        }
        return launch(line, environment, (Path) null);
    }

    @Override
    protected Process launch(CommandLine command, Map<String, String> environment, Path directory) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.toStrings());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(stdio.in()).redirectOutput(stdio.out()).redirectError(stdio.err());
        return PatientStart.start(builder);
    }
}
