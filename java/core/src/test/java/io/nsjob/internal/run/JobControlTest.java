package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Collected;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.TerminalSize;
import io.nsjob.testing.SampleEvents;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What the caller does to a job, and what the helper is told of it. */
class JobControlTest extends WithFakePeer {
    @Test
    void anInterruptDuringSetUpEndsTheHelper() throws Exception {
        Thread waiting = Thread.currentThread();
        peer.play(helper -> {
            helper.greet();
            waiting.interrupt();
            helper.awaitEndOfFile();
        });
        assertThrows(InterruptedException.class, () -> launcher.run(SPEC));
        assertFalse(Thread.currentThread().isInterrupted());
        peer.check();
    }

    @Test
    void anInterruptBeforeTheStartEndsTheHelper() {
        peer.play(helper -> { });
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> launcher.run(SPEC));
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void aHeldJobIsReleasedSignalledAndCancelled() throws Exception {
        peer.play(helper -> {
            helper.prepare();
            assertEquals("", helper.receive(3));
            helper.send(67, SampleEvents.STARTED);
            assertEquals("{\"signal\":10,\"group\":false}", helper.receive(4));
            assertEquals("{\"signal\":2,\"group\":true}", helper.receive(4));
            assertEquals("{\"graceMillis\":1500}", helper.receive(5));
            helper.end("{\"exit\":{\"signal\":15,\"core\":false},\"cause\":\"cancel\",\"wallMillis\":5}");
        });
        try (Job job = launcher.start(SPEC, StartOptions.held())) {
            assertEquals(80, job.report().hostPid());
            assertFalse(job.onExit().isDone());
            job.release();
            assertThrows(IllegalStateException.class, job::release);
            assertThrows(IllegalArgumentException.class, () -> job.signal("SIGNOPE"));
            job.signal("USR1");
            job.signal("INT", true);
            job.cancel(Duration.ofMillis(1500));
            assertEquals(new Outcome.Cancelled(), job.await().outcome());
        }
        peer.check();
    }

    @Test
    void aHeldJobWhoseCommandCannotBeExecutedSaysSoAtItsEnd() throws Exception {
        peer.play(helper -> {
            helper.prepare();
            helper.receive(3);
            helper.send(70, "{\"stage\":\"exec\",\"syscall\":\"execve\",\"errno\":13,\"subject\":\"x\",\"message\":\"m\",\"hint\":\"\"}");
        });
        try (Job job = launcher.start(SPEC, StartOptions.held())) {
            CompletableFuture<JobResult> exit = job.onExit();
            job.release();
            assertEquals(13, assertThrows(SandboxException.class, job::await).errno());
            assertInstanceOf(SandboxException.class, assertThrows(ExecutionException.class, exit::get).getCause());
        }
    }

    @Test
    void closingAHeldJobCancelsIt() throws Exception {
        peer.play(helper -> {
            helper.prepare();
            assertEquals("{\"graceMillis\":0}", helper.receive(5));
        });
        Job job = launcher.start(SPEC, StartOptions.held());
        job.close();
        job.close();
        assertEquals(new Outcome.Cancelled(), job.await().outcome());
        peer.check();
    }

    @Test
    void cancellingAFutureOfItsOwnDoesNothingToTheJob() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        peer.play(helper -> {
            helper.start();
            go.join();
            helper.end(SampleEvents.EXITED);
        });
        try (Job job = launcher.start(SPEC)) {
            job.onExit().cancel(true);
            job.onExit().complete(null);
            go.complete(null);
            assertEquals(new Outcome.Exited(3), job.await().outcome());
        }
    }

    @Test
    void cancellingARunAsyncKillsTheJob() throws Exception {
        CompletableFuture<Void> started = new CompletableFuture<>();
        CompletableFuture<String> frame = new CompletableFuture<>();
        peer.play(helper -> {
            helper.start();
            started.complete(null);
            frame.complete(helper.receive(5));
        });
        CompletableFuture<JobResult> future = launcher.runAsync(SPEC);
        started.join();
        // The helper has said it; that Java has read it shows nowhere, and before that it would hang up instead.
        Thread.sleep(1000);
        future.cancel(true);
        assertEquals("{\"graceMillis\":0}", frame.join());
    }

    @Test
    void aHelperThatAnswersNothingIsKilled() throws Exception {
        CompletableFuture<Void> over = new CompletableFuture<>();
        peer.play(helper -> {
            helper.start();
            over.join();
        });
        Job job = launcher.start(SPEC);
        Thread.currentThread().interrupt();
        job.close();
        assertTrue(Thread.interrupted(), "close() sets the flag again");
        over.complete(null);
        assertEquals(new Outcome.Lost("supervisor"), job.await().outcome());
    }

    @Test
    void closingTheLauncherEndsItsJobsAndRefusesMore() throws Exception {
        peer.play(helper -> {
            helper.start();
            helper.receive(5);
            helper.end("{\"exit\":{\"signal\":9,\"core\":false},\"cause\":\"cancel\",\"wallMillis\":5}");
        });
        Job job = launcher.start(SPEC);
        launcher.close();
        assertTrue(job.onExit().isDone());
        assertEquals(new Outcome.Cancelled(), job.await().outcome());
        assertThrows(IllegalStateException.class, () -> launcher.run(SPEC));
    }

    @Test
    void threadsOfTheLibraryAreDaemonsWithItsName() throws Exception {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        List<Thread> before = List.copyOf(Thread.getAllStackTraces().keySet());
        peer.play(helper -> {
            helper.start();
            seen.join();
            helper.end(SampleEvents.EXITED);
        });
        try (Job job = launcher.start(SPEC)) {
            List<Thread> ours = Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("nsjob-"))
                .toList();
            assertFalse(ours.isEmpty());
            assertTrue(ours.stream().allMatch(Thread::isDaemon), ours.toString());
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                assertTrue(before.contains(thread) || thread.isDaemon(), thread.toString());
            }
            seen.complete(null);
            job.await();
        }
    }

    @Test
    void aJobSeenAsAProcess() throws Exception {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        peer.play(helper -> {
            helper.start();
            seen.join();
            helper.end(SampleEvents.EXITED);
        });
        try (Job job = launcher.start(SPEC)) {
            Process process = job.asProcess();
            assertTrue(process.isAlive());
            assertThrows(IllegalThreadStateException.class, process::exitValue);
            assertEquals(80, process.pid());
            seen.complete(null);
            assertEquals(3, process.waitFor());
            assertEquals(3, process.onExit().get().exitValue());
            assertFalse(process.isAlive());
        }
    }

    @Test
    void aHeldJobThatWasCancelledHasLeftNoResults() throws Exception {
        peer.play(helper -> {
            helper.prepare();
            helper.receive(5);
            helper.exit(0);
        });
        Job job = launcher.start(SPEC.toBuilder().collect("/mem").build(), StartOptions.held());
        job.close();
        assertEquals(new Outcome.Cancelled(), job.await().outcome());
        assertEquals(List.of(new Collected.Skipped("/", "failed")), job.await().collected().orElseThrow().skipped());
    }

    @Test
    void whatIsSentToAJobThatIsGoneGoesNowhere() throws Exception {
        String terminal = SampleEvents.PREPARED.substring(0, SampleEvents.PREPARED.length() - 1)
            + ",\"terminal\":{\"rows\":24,\"columns\":80,\"pts\":0}}";
        CompletableFuture<Void> go = new CompletableFuture<>();
        peer.play(helper -> {
            helper.greet();
            helper.send(66, terminal);
            helper.send(67, SampleEvents.STARTED);
            assertEquals("{\"rows\":50,\"columns\":132}", helper.receive(6));
            go.join();
            helper.end(SampleEvents.EXITED);
        });
        try (Job job = launcher.start(SPEC)) {
            job.resize(new TerminalSize(50, 132));
            go.complete(null);
            assertEquals(new Outcome.Exited(3), job.await().outcome());
            job.resize(new TerminalSize(1, 1));
            job.signal("WINCH");
            job.cancel();
            assertEquals(new Outcome.Exited(3), job.await().outcome());
            assertEquals(Optional.empty(), job.statistics());
        }
        peer.check();
    }
}
