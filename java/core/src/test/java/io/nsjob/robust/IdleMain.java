package io.nsjob.robust;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import java.util.concurrent.TimeUnit;

/** Runs a job to its end, starts some that do not end, says "idle", and waits to be killed. */
public final class IdleMain {
    private IdleMain() {
    }

    /**
     * Runs.
     *
     * @param arguments how many jobs stay, a program that ends, and one that does not
     */
    public static void main(String[] arguments) throws Exception {
        Launcher launcher = Launcher.open();
        launcher.run(JobSpec.bare().command(arguments[1], "0").build());
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            launcher.start(JobSpec.bare().command(arguments[2]).build());
        }
        System.out.println("idle");
        TimeUnit.MINUTES.sleep(1);
        System.exit(1);
    }
}
