package io.nsjob.internal.launch;

import io.nsjob.internal.os.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What is done for a supervisor that was killed while the caller's terminal was raw. */
public final class TerminalRescue {
    private static final long RESCUE_SECONDS = 5;

    private TerminalRescue() {
    }

    /**
     * Gives the caller's terminal its modes back. Nothing happens when somebody else has set others since. Waits.
     *
     * @param helper the program
     * @param modes as the supervisor told them
     */
    public static void restore(Path helper, String modes) {
        try {
            Process rescue = PatientStart.start(new ProcessBuilder(helper.toString(), "--restore-terminal", modes).inheritIO());
            rescue.waitFor(RESCUE_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            Log.warning(TerminalRescue.class, "the terminal is left as it is; \"stty sane\" helps", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
