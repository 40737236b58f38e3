package io.nsjob.cli;

import io.nsjob.Job;
import io.nsjob.JobResult;
import java.io.FileDescriptor;
import java.io.FileOutputStream;

/** Both output streams of a job whose output is limited: the library limits what comes through it, so it has to. */
final class OutputCopies {
    private final Thread out;
    private final Thread err;

    private OutputCopies(Job job) {
        // What a program gets that writes where nobody reads. One that ignores it goes on, into the void.
        Runnable brokenPipe = () -> job.signal("PIPE");
        out = daemon(new OutputCopy(job.stdout(), new FileOutputStream(FileDescriptor.out), brokenPipe), "stdout");
        err = daemon(new OutputCopy(job.stderr(), new FileOutputStream(FileDescriptor.err), brokenPipe), "stderr");
    }

    static OutputCopies start(Job job) {
        OutputCopies copies = new OutputCopies(job);
        copies.out.start();
        copies.err.start();
        return copies;
    }

    private static Thread daemon(Runnable copy, String name) {
        Thread thread = new Thread(copy, "nsjob-" + name);
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for what the job wrote, and says when something was left out. */
    void finish(JobResult result, Console console) throws InterruptedException {
        out.join();
        err.join();
        say(console, result.usage().stdoutBytes(), result, "standard output");
        say(console, result.usage().stderrBytes(), result, "standard error");
    }

    private static void say(Console console, long bytes, JobResult result, String name) {
        long limit = result.report().limits().outputBytes();
        if (bytes > limit) {
            console.error(name + " was cut after " + limit + " bytes");
        }
    }
}
