package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever waits for the end of a job: the thread that serves the job itself, where it can, and the one that others serve. */
@JobTest
class WaitingIT extends WithLauncher {
    private static final JobSpec SLEEP = Jobs.small("echo-both").command("sleep", "600").build();
    private static final long MOST_SECONDS = 100;
    /** More than serve their jobs themselves. */
    private static final int MANY = 40;

    enum Way {
        RUN {
            @Override
            JobResult result(Launcher by, JobSpec spec, StartOptions options) throws Exception {
                return by.run(spec, options);
            }
        },
        START {
            @Override
            JobResult result(Launcher by, JobSpec spec, StartOptions options) throws Exception {
                try (Job job = by.start(spec, options)) {
                    return job.await();
                }
            }
        };

        abstract JobResult result(Launcher by, JobSpec spec, StartOptions options) throws Exception;

        JobResult result(Launcher by, JobSpec spec) throws Exception {
            return result(by, spec, StartOptions.defaults());
        }

        /** In a thread of its own. */
        CompletableFuture<JobResult> begin(Launcher by, JobSpec spec, AtomicInteger flags, CompletableFuture<Thread> thread) {
            CompletableFuture<JobResult> end = new CompletableFuture<>();
            new Thread(() -> {
                thread.complete(Thread.currentThread());
                try {
                    end.complete(result(by, spec));
                } catch (Throwable e) {
                    flags.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
                    end.completeExceptionally(e);
                }
            }).start();
            return end;
        }

        CompletableFuture<JobResult> begin(Launcher by, JobSpec spec) {
            return begin(by, spec, new AtomicInteger(), new CompletableFuture<>());
        }
    }

    private static boolean sleeps() {
        return ProcessHandle.current().descendants().anyMatch(one -> Jobs.command(one).equals("sleep"));
    }

    private static void awaitSleeping() throws Exception {
        Await.until("a job sleeps", WaitingIT::sleeps);
    }

    private static void assertNoneSleeps() throws Exception {
        Await.until("no job sleeps", () -> !sleeps());
    }

    private static Throwable failure(CompletableFuture<JobResult> end) throws Exception {
        return end.handle((result, failure) -> failure).get(MOST_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheWaitAndTheJob(Way way) throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        AtomicInteger flags = new AtomicInteger();
        CompletableFuture<JobResult> end = way.begin(launcher, SLEEP, flags, thread);
        awaitSleeping();
        thread.get().interrupt();
        assertEquals(InterruptedException.class, failure(end).getClass());
        assertEquals(0, flags.get());
        assertNoneSleeps();
        // Nothing of it is left to the next that is waited for.
        assertEquals(0, way.result(launcher, Jobs.small("exit-n", "0").build()).exitStatus());
    }

    @ParameterizedTest
    @EnumSource
    void whoIsInterruptedAlreadyDoesNotWait(Way way) throws Exception {
        Thread.currentThread().interrupt();
        try {
            way.result(launcher, SLEEP);
        } catch (InterruptedException e) {
            assertFalse(Thread.interrupted());
            assertNoneSleeps();
            return;
        } finally {
            Thread.interrupted();
        }
        throw new AssertionError("nothing was thrown");
    }

    @ParameterizedTest
    @EnumSource
    void whoClosesTheLauncherEndsTheWait(Way way) throws Exception {
        Launcher own = Launcher.open();
        CompletableFuture<JobResult> end = way.begin(own, SLEEP);
        awaitSleeping();
        own.close();
        assertEquals(new Outcome.Cancelled(), end.get(MOST_SECONDS, TimeUnit.SECONDS).outcome());
        assertNoneSleeps();
    }

    @ParameterizedTest
    @EnumSource
    void whoKillsTheSupervisorEndsTheWait(Way way) throws Exception {
        // It sleeps before the supervisor has told of it: killed in between, it never ran as far as anybody knows. Then again, later.
        for (long pause = 250;; pause *= 2) {
            CompletableFuture<JobResult> end = way.begin(launcher, SLEEP);
            awaitSleeping();
            Thread.sleep(pause);
            Jobs.supervisors().forEach(ProcessHandle::destroyForcibly);
            Throwable failure = failure(end);
            assertNoneSleeps();
            if (failure == null) {
                assertEquals(new Outcome.Lost("supervisor"), end.get().outcome());
                return;
            }
            assertTrue(failure instanceof SandboxException && pause < 10_000, failure::toString);
        }
    }

    /** A job with a name has files, which are written by others than serve it: the end comes from there, and nothing else is to come. */
    @Test
    void theEndOfAJobWithANameEndsTheWaitThoughItsHelperIsDead() throws Exception {
        Duration setup = Duration.ofSeconds(2);
        JobSpec named = SLEEP.toBuilder().name("waiting-it-" + ProcessHandle.current().pid()).setupTime(setup).build();
        // No output is waited for, which has a time of its own.
        StartOptions silent = StartOptions.defaults().withOut(Stdio.discard()).withErr(Stdio.discard());
        FutureTask<JobResult> end = new FutureTask<>(() -> launcher.run(named, silent));
        new Thread(end, "waiting-it").start();
        awaitSleeping();
        // Behind all times of the set-up and what is added to them: until then a timer would wake the one who waits.
        Thread.sleep(setup.toMillis() + 6000);
        List<ProcessHandle> supervisors = Jobs.supervisors();
        ProcessHandle.current().children().filter(one -> Jobs.command(one).equals("nsjob-launcher")).forEach(ProcessHandle::destroyForcibly);
        Await.until("the helper is gone",
            () -> ProcessHandle.current().children().noneMatch(one -> Jobs.command(one).equals("nsjob-launcher")));
        supervisors.forEach(ProcessHandle::destroyForcibly);
        assertEquals(new Outcome.Lost("supervisor"), end.get(MOST_SECONDS, TimeUnit.SECONDS).outcome());
        assertNoneSleeps();
    }

    @ParameterizedTest
    @EnumSource
    void aLimitOfTimeEndsTheWait(Way way) throws Exception {
        JobSpec brief = SLEEP.toBuilder().wallTime(Duration.ofMillis(200)).build();
        assertEquals(new Outcome.TimedOut(Outcome.Clock.WALL), way.result(launcher, brief).outcome());
    }

    @ParameterizedTest
    @EnumSource
    void allStreamsAreServedMeanwhile(Way way) throws Exception {
        JobSpec copy = Jobs.small("echo-both").command("sh", "-c", "tee /dev/fd/2").build();
        byte[] input = new byte[3_000_000];
        for (int i = 0; i < input.length; i++) {
            input[i] = (byte) (i * 31 >> 4);
        }
        JobResult result = way.result(launcher, copy, StartOptions.defaults().withIn(Stdio.bytes(input))
            .withOut(Stdio.capture(input.length)).withErr(Stdio.capture(1_000_000)));
        assertEquals(-1, Arrays.mismatch(input, result.stdout()));
        assertEquals(1_000_000, result.stderr().length);
        assertTrue(result.truncated());
        assertEquals(input.length, result.usage().stderrBytes());
    }

    @ParameterizedTest
    @EnumSource
    void aSlowConsumerHoldsTheJobUpAndNotItsEnd(Way way) throws Exception {
        AtomicInteger lines = new AtomicInteger();
        CountDownLatch one = new CountDownLatch(1);
        StartOptions options = StartOptions.defaults().withOut(Stdio.lines(line -> {
            lines.incrementAndGet();
            try {
                // The first is taken late: what comes meanwhile has to wait in the pipe.
                one.await(200, TimeUnit.MILLISECONDS);
                one.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        JobSpec many = Jobs.small("echo-both").command("sh", "-c", "seq 1 50000").build();
        assertEquals(0, way.result(launcher, many, options).exitStatus());
        assertEquals(50_000, lines.get());
    }

    @ParameterizedTest
    @EnumSource
    void manyMayWaitAtOnce(Way way) throws Exception {
        List<CompletableFuture<JobResult>> ends = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ends.add(way.begin(launcher, Jobs.small("exit-n", Integer.toString(i)).build()));
        }
        for (int i = 0; i < MANY; i++) {
            assertEquals(i, ends.get(i).get(MOST_SECONDS, TimeUnit.SECONDS).exitStatus());
        }
    }
}
