package io.nsjob.cli;

import io.nsjob.Job;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/** Both output streams of a job, cut after a number of bytes each. */
final class OutputCut {
    private final OutputCutter out;
    private final OutputCutter err;
    private final Thread outThread;
    private final Thread errThread;
    private final long limit;

    private OutputCut(Job job, long limit) {
        this.limit = limit;
        // What a program gets that writes where nobody reads. One that ignores it goes on, into the void.
        Runnable brokenPipe = () -> job.signal("PIPE");
        out = new OutputCutter(job.stdout(), new FileOutputStream(FileDescriptor.out), limit, brokenPipe);
        err = new OutputCutter(job.stderr(), new FileOutputStream(FileDescriptor.err), limit, brokenPipe);
        outThread = daemon(out, "stdout");
        errThread = daemon(err, "stderr");
    }

    static OutputCut start(Job job, long limit) {
        OutputCut cut = new OutputCut(job, limit);
        cut.outThread.start();
        cut.errThread.start();
        return cut;
    }

    private static Thread daemon(Runnable copy, String name) {
        Thread thread = new Thread(copy, "nsjob-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for what the job wrote, and says when something was left out. */
    void finish(Console console) throws InterruptedException {
        outThread.join();
        errThread.join();
        say(console, out, "standard output");
        say(console, err, "standard error");
    }

    private void say(Console console, OutputCutter stream, String name) {
        if (stream.cut()) {
            console.error(name + " was cut after " + limit + " bytes");
        }
    }
}
