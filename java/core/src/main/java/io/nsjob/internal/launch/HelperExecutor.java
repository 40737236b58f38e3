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
    /** "Text file busy": another thread's fork holds the freshly written helper open for a moment. */
    private static final String BUSY = "error=26";
    private static final int BUSY_TRIES = 50;
    private static final long BUSY_PAUSE_MILLIS = 10;

    private final HelperStdio stdio;

    // The builder that replaces this constructor makes a DefaultExecutor and nothing derived from it.
    @SuppressWarnings("deprecation")
    HelperExecutor(HelperStdio stdio) {
        this.stdio = stdio;
    }

    Process start(Path helper, Map<String, String> environment) throws IOException {
        return launch(new CommandLine(helper.toString()), environment, (Path) null);
    }

    @Override
    protected Process launch(CommandLine command, Map<String, String> environment, Path directory) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command.toStrings());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(stdio.in()).redirectOutput(stdio.out()).redirectError(stdio.err());
        for (int i = 0; ; i++) {
            try {
                return builder.start();
            } catch (IOException e) {
                if (i == BUSY_TRIES || !String.valueOf(e.getMessage()).contains(BUSY)) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BUSY_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            // The caller waits for the start next, and sees it there.
            Thread.currentThread().interrupt();
        }
    }
}
