package io.nsjob.it;

import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;

/** A JVM that starts a job, says its pids and waits to be killed; run by {@link KilledJvmIT}. */
public final class KilledJvm {
    private KilledJvm() {
    }

    /** Arguments: a spec. */
    public static void main(String[] args) throws Exception {
        Launcher launcher = Launcher.open();
        Job job = launcher.start(JobSpec.fromJson(args[0]), StartOptions.defaults().withOut(Stdio.lines(line -> {
            if (line.startsWith("ready")) {
                synchronized (KilledJvm.class) {
                    KilledJvm.class.notifyAll();
                }
            }
        })));
        synchronized (KilledJvm.class) {
            KilledJvm.class.wait(5000);
        }
        System.out.println(job.report().hostPid() + " " + job.report().initPid().orElseThrow() + " "
            + ProcessHandle.current().children().findFirst().orElseThrow().pid());
        Thread.sleep(60_000);
    }
}
