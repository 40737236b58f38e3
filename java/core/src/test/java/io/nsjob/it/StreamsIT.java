package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.RootKind;
import io.nsjob.SandboxException;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@JobTest
class StreamsIT extends WithLauncher {
    private static final StartOptions PLAIN = StartOptions.defaults();

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static JobSpec shell(String script) {
        return JobSpec.isolated().command("/bin/sh", "-c", script).build();
    }

    @Test
    void bothWaysLargeAtOnce() throws Exception {
        byte[] input = random(8 << 20, 1);
        JobResult result = launcher.run(Jobs.isolated("echo-both").build(), PLAIN.withIn(Stdio.bytes(input)));
        assertArrayEquals(input, result.stdout());
        assertArrayEquals(input, result.stderr());
        assertFalse(result.truncated(), "exactly the limit is not over it");
        assertEquals(input.length, result.usage().stdoutBytes());
    }

    @Test
    void whatIsOverTheLimitIsReadAndThrownAway() throws Exception {
        byte[] input = random(3_000_000, 2);
        JobSpec spec = Jobs.isolated("echo-both").outputLimit(100_001).build();
        JobResult result = launcher.run(spec, PLAIN.withIn(Stdio.bytes(input)).withErr(Stdio.capture(7)));
        assertTrue(result.outcome().success());
        assertArrayEquals(Arrays.copyOf(input, 100_001), result.stdout());
        assertArrayEquals(Arrays.copyOf(input, 7), result.stderr());
        assertTrue(result.truncated());
        assertEquals(input.length, result.usage().stdoutBytes());
        assertEquals(0, launcher.run(spec, PLAIN.withIn(Stdio.bytes(input)).withOut(Stdio.capture(0))).stdout().length);
    }

    @Test
    void aJobThatDoesNotReadItsInput() throws Exception {
        JobResult result = launcher.run(Jobs.isolated("exit-n", "3").build(), PLAIN.withIn(Stdio.bytes(random(4 << 20, 3))));
        assertEquals(3, result.exitStatus());
        try (Job job = launcher.start(shell("exec <&-; read -r x; exit 4"), PLAIN.withIn(Stdio.stream()))) {
            OutputStream in = job.stdin();
            assertThrows(IOException.class, () -> {
                for (int i = 0; i < 1000; i++) {
                    in.write(new byte[65536]);
                }
            });
            assertEquals(4, job.await().exitStatus());
        }
    }

    @Test
    void nothingIsInTheInputThatNobodyGave() throws Exception {
        assertEquals("0\n", launcher.run(shell("wc -c | tr -d ' '")).stdoutText());
    }

    @Test
    void liveStreams() throws Exception {
        StartOptions live = PLAIN.withIn(Stdio.stream()).withOut(Stdio.stream()).withErr(Stdio.stream());
        try (Job job = launcher.start(Jobs.isolated("echo-both").build(), live)) {
            for (int i = 0; i < 100; i++) {
                byte[] ping = ("ping " + i + "\n").getBytes(StandardCharsets.UTF_8);
                job.stdin().write(ping);
                job.stdin().flush();
                assertArrayEquals(ping, job.stdout().readNBytes(ping.length));
                assertArrayEquals(ping, job.stderr().readNBytes(ping.length));
            }
            job.stdin().close();
            assertEquals(-1, job.stdout().read());
            assertTrue(job.await().outcome().success());
            assertThrows(IOException.class, () -> job.stdin().write(1));
        }
    }

    @Test
    void aStreamThatNobodyReadsHoldsTheJobBackAndAClosedOneDoesNot() throws Exception {
        JobSpec spec = shell("head -c 1000000 /dev/zero; echo done >&2");
        try (Job job = launcher.start(spec, PLAIN.withOut(Stdio.stream()))) {
            Thread.sleep(200);
            assertFalse(job.onExit().isDone(), "a megabyte does not fit into the buffers");
            assertEquals(1_000_000, job.stdout().readAllBytes().length);
            assertEquals("done\n", job.await().stderrText());
        }
        try (Job job = launcher.start(spec, PLAIN.withOut(Stdio.stream()))) {
            job.stdout().close();
            assertEquals("done\n", job.await().stderrText());
        }
    }

    /** Neither init nor the supervisor holds a copy: the other end hears at once, while the job goes on. */
    @Test
    void whatTheJobClosesIsClosed() throws Exception {
        JobSpec spec = shell("trap 'echo gone >&2; exit 0' TERM; exec <&- >&-; while :; do sleep 0.05; done");
        JobSpec subreaper = spec.toBuilder().namespace(NamespaceKind.PID, NamespaceMode.inherit()).root(RootKind.HOST).freshProc(false)
            .build();
        StartOptions live = PLAIN.withIn(Stdio.stream()).withOut(Stdio.stream());
        for (JobSpec closer : List.of(spec, subreaper)) {
            try (Job running = launcher.start(closer, live)) {
                assertEquals(-1, running.stdout().read());
                assertThrows(IOException.class, () -> {
                    while (true) {
                        running.stdin().write(new byte[8192]);
                    }
                });
                assertFalse(running.onExit().isDone(), "it only closed its streams");
                running.signal("TERM");
                assertEquals("gone\n", running.await().stderrText());
            }
        }
    }

    @Test
    void streamsThatWereNotAskedForAreRefused() throws Exception {
        try (Job job = launcher.start(Jobs.small("exit-n", "0").build())) {
            assertThrows(IllegalStateException.class, job::stdout);
            assertThrows(IllegalStateException.class, job::stderr);
            assertThrows(IllegalStateException.class, job::stdin);
        }
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withIn(Stdio.capture(1)));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.withOut(Stdio.bytes(new byte[0])));
    }

    @Test
    void lineByLine() throws Exception {
        List<String> lines = new ArrayList<>();
        JobResult result = launcher.run(shell("printf 'one\\n\\nthree\\r\\n\ud55c\uad6d\uc5b4\\nlast'; echo err >&2"),
            PLAIN.withOut(Stdio.lines(lines::add)));
        assertEquals(List.of("one", "", "three", "\ud55c\uad6d\uc5b4", "last"), lines);
        assertEquals("err\n", result.stderrText());
        assertEquals(0, result.stdout().length);
        JobResult failing = launcher.run(shell("seq 100000"), PLAIN.withOut(Stdio.lines(line -> {
            throw new IllegalStateException("a consumer of the test that fails on purpose");
        })));
        assertTrue(failing.outcome().success());
    }

    @Test
    void files(@TempDir Path directory) throws Exception {
        Path in = Files.write(directory.resolve("in"), random(100_000, 4));
        Path out = directory.resolve("out");
        Path err = Files.write(directory.resolve("err"), new byte[] {1, 2});
        launcher.run(Jobs.isolated("echo-both").build(),
            PLAIN.withIn(Stdio.file(in)).withOut(Stdio.file(out)).withErr(Stdio.appendTo(err)));
        assertArrayEquals(Files.readAllBytes(in), Files.readAllBytes(out));
        assertEquals(100_002, Files.size(err));
        SandboxException e = assertThrows(SandboxException.class, () -> launcher.run(Jobs.isolated("echo-both").build(),
            PLAIN.withIn(Stdio.file(directory.resolve("missing")))));
        assertEquals("stdio", e.stage());
    }

    @Test
    void discardAndInherit() throws Exception {
        JobResult result = launcher.run(shell("echo a; echo b >&2"), PLAIN.withOut(Stdio.discard()).withErr(Stdio.discard()));
        assertEquals(0, result.usage().stdoutBytes());
        assertTrue(launcher.run(shell("true"), StartOptions.inherited()).outcome().success());
    }

    @Test
    void pipesCanBeOpenedAgainByName() throws Exception {
        JobResult result = launcher.run(shell("echo out > /dev/stdout; echo err > /dev/stderr"));
        assertEquals("out\n", result.stdoutText(), result.stderrText());
        assertEquals("err\n", result.stderrText());
    }

    @Test
    void noDescriptorLeaksIntoTheJob() throws Exception {
        for (StartOptions options : List.of(PLAIN, PLAIN.withIn(Stdio.stream()))) {
            assertEquals("0 1 2", launcher.run(Jobs.isolated("check-fds").build(), options).stdoutText().strip());
        }
    }

    /** Until nothing comes any more: the job waits for room. */
    private static void awaitFull(InputStream stream) throws Exception {
        int before;
        do {
            before = stream.available();
            Thread.sleep(300);
        } while (before == 0 || stream.available() != before);
    }

    /** The pipes that this process has open now. */
    private static Set<String> pipes() throws IOException {
        Set<String> pipes = new HashSet<>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                try {
                    pipes.add(Files.readSymbolicLink(fd).toString());
                } catch (NoSuchFileException e) {
                    continue; // closed meanwhile
                }
            }
        }
        pipes.removeIf(name -> !name.startsWith("pipe:"));
        return pipes;
    }

    /** What nobody has read keeps no pipe after close: the buffer can be read, and then it is told whether that was all. */
    @Test
    void whatIsUnreadAtTheEndIsCutWhenTheJobIsClosed() throws Exception {
        for (int size : new int[] {1000, 1 << 25}) {
            Set<String> before = pipes();
            Job job = launcher.start(shell("head -c " + size + " /dev/zero; exit 3"), PLAIN.withOut(Stdio.stream()));
            Set<String> made = pipes();
            made.removeAll(before);
            // More than there is room for the job waits with: it is killed then.
            if (size == 1000) {
                assertEquals(3, job.await().exitStatus());
            } else {
                assertFalse(made.isEmpty(), "none to be closed");
                assertEquals(0, job.stdout().read());
                awaitFull(job.stdout());
            }
            job.close();
            Await.until("its pipes are closed", () -> Collections.disjoint(pipes(), made));
            if (size == 1000) {
                assertEquals(size, job.stdout().readAllBytes().length);
            } else {
                assertTrue(assertThrows(IOException.class, () -> job.stdout().readAllBytes()).getMessage().contains("before all"));
            }
        }
    }

    @Test
    void sixtyFourJobsByEightThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        Map<Integer, String> wrong = new ConcurrentHashMap<>();
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int number = i;
                futures.add(threads.submit(() -> {
                    byte[] input = random(1 << 20, 1000 + number);
                    JobSpec spec = TestJobs.isolated().env("NONCE", "n" + number)
                        .command("/bin/sh", "-c", "printf %s \"$NONCE\"; exec \"$0\"", TestJobs.program("echo-both")).build();
                    JobResult result = launcher.run(spec, PLAIN.withIn(Stdio.bytes(input)));
                    byte[] nonce = ("n" + number).getBytes(StandardCharsets.UTF_8);
                    byte[] expected = Arrays.copyOf(nonce, nonce.length + input.length);
                    System.arraycopy(input, 0, expected, nonce.length, input.length);
                    if (!Arrays.equals(expected, result.stdout()) || !Arrays.equals(input, result.stderr())) {
                        wrong.put(number, result.toString());
                    }
                    return null;
                }));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(Map.of(), wrong);
    }
}
