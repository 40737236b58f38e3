package io.nsjob.robust;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Profile;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Starts jobs that never end by themselves, some at a time, and waits to be killed. Says "begin" when it begins. */
public final class VictimMain {
    private VictimMain() {
    }

    /**
     * Runs.
     *
     * @param arguments "isolated" or "bare", how many jobs, the milliseconds from each to the next, and the command
     */
    public static void main(String[] arguments) throws Exception {
        JobSpec.Builder spec = arguments[0].equals("bare") ? JobSpec.bare() : JobSpec.isolated();
        String[] command = new String[arguments.length - 3];
        System.arraycopy(arguments, 3, command, 0, command.length);
        spec.command(command);
        if (spec.build().profile() == Profile.ISOLATED) {
            spec.bindReadOnly(Path.of(command[0]).getParent().toString());
        }
        int jobs = Integer.parseInt(arguments[1]);
        ExecutorService executor = Executors.newCachedThreadPool();
        Launcher launcher = Launcher.open();
        System.out.println("begin");
        for (int i = 0; i < jobs; i++) {
            executor.execute(() -> {
                try {
                    launcher.run(spec.build());
                    System.out.println("ended");
                } catch (Exception e) {
                    System.out.println("failed " + e);
                }
            });
            Thread.sleep(Integer.parseInt(arguments[2]));
        }
        TimeUnit.MINUTES.sleep(1);
        System.exit(1);
    }
}
