package io.nsjob.it;

import io.nsjob.Driver;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Virtual threads that all have the same carrier, and use jobs in every way that waits. Run by {@link VirtualThreadsIT}. */
public final class OneCarrier {
    private static final int THREADS = 16;

    private OneCarrier() {
    }

    /** Arguments: a spec that copies its input to its output. */
    public static void main(String[] args) throws Exception {
        JobSpec echo = JobSpec.fromJson(args[0]);
        AtomicInteger done = new AtomicInteger();
        // Of JDK 21 and later; these classes are those of 17.
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        List<Thread> threads = new ArrayList<>();
        try (Launcher launcher = Launcher.open(Driver.RESIDENT)) {
            for (int i = 0; i < THREADS; i++) {
                int own = i;
                threads.add((Thread) start.invoke(null, (Runnable) () -> {
                    try {
                        use(launcher, echo, own);
                        done.incrementAndGet();
                    } catch (Exception e) {
                        e.printStackTrace();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        System.out.println("done " + done);
    }

    private static void use(Launcher launcher, JobSpec echo, int own) throws Exception {
        byte[] text = ("thread " + own).getBytes(StandardCharsets.UTF_8);
        JobResult result = launcher.run(echo, StartOptions.defaults().withIn(Stdio.bytes(text)));
        check(result.stdoutText(), own);
        try (Job job = launcher.start(echo, StartOptions.defaults().withIn(Stdio.stream()).withOut(Stdio.stream()))) {
            // All of them wait here at once, each for the next turn of its own job.
            for (int i = 0; i < 3; i++) {
                job.stdin().write(text);
                job.stdin().flush();
                check(new String(job.stdout().readNBytes(text.length), StandardCharsets.UTF_8), own);
                Thread.sleep(1);
            }
        }
        check(launcher.runAsync(echo).thenApply(JobResult::stdoutText).join() + "thread " + own, own);
    }

    private static void check(String heard, int own) {
        if (!heard.equals("thread " + own)) {
            throw new IllegalStateException(own + " heard " + heard);
        }
    }
}
