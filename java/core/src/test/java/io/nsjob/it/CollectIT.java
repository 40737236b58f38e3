package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.Capabilities;
import io.nsjob.Collect;
import io.nsjob.Collected;
import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.OutputAction;
import io.nsjob.StartOptions;
import io.nsjob.Stdio;
import io.nsjob.Tmpfs;
import io.nsjob.internal.run.EditedLauncher;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of jobs, and what jobs may leave in their place. */
@JobTest
class CollectIT extends WithLauncher {
    private static JobSpec.Builder job(String script) {
        return JobSpec.isolated().rootMinimal().cwd("/work").command("/bin/sh", "-c", script);
    }

    private static Map<String, String> texts(JobResult result) {
        Map<String, String> texts = new TreeMap<>();
        result.files().forEach((path, content) -> texts.put(path, new String(content, StandardCharsets.UTF_8)));
        return texts;
    }

    private static Map<String, String> skipped(JobResult result) {
        return new TreeMap<>(result.collected().orElseThrow().skipped().stream()
            .collect(Collectors.toMap(Collected.Skipped::path, Collected.Skipped::reason)));
    }

    /** A directory that a job with other ids can walk to, and write in. */
    private static Path shared(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        return directory;
    }

    @Test
    void filesOfAJobInMemory() throws Exception {
        JobResult result = launcher.run(job("mkdir -p out/sub; echo one >out/a; echo two >out/sub/b; echo no >else; umask 077; echo x >own")
            .collect("/work/out").collect("/work/own").build());
        assertEquals(Map.of("/work/out/a", "one\n", "/work/out/sub/b", "two\n", "/work/own", "x\n"), texts(result), result.stderrText());
        assertEquals(new Collected(3, 10, List.of()), result.collected().orElseThrow());
    }

    @Test
    void nothingAskedNothingCollected() throws Exception {
        JobResult result = launcher.run(job("true").build());
        assertTrue(result.collected().isEmpty());
        assertTrue(result.toJson().contains("\"collected\": null"), result.toJson());
    }

    @Test
    void filesOfAJobInADirectory(@TempDir Path directory) throws Exception {
        Path to = directory.resolve("deep/er");
        JobResult result = launcher.run(job("mkdir -p out/sub; echo one >out/a; chmod 750 out/a; echo two >out/sub/b; exit 3")
            .collect("/work/out", to).build());
        assertEquals(new Outcome.Exited(3), result.outcome());
        assertEquals("one\n", Files.readString(to.resolve("a")));
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(to.resolve("a"))));
        assertEquals("two\n", Files.readString(to.resolve("sub/b")));
        assertEquals(new Collected(2, 8, List.of()), result.collected().orElseThrow());
        assertEquals(Map.of(), result.files());
    }

    /** The other links, FIFOs, devices and bounds have tests beside the collector itself, in native/test. */
    @Test
    void whatAHostileJobLeaves(@TempDir Path directory) throws Exception {
        Path canary = Files.writeString(directory.resolve("canary"), "canary");
        JobResult result = launcher.run(job("mkdir out && cd out && ln -s /etc/passwd link && ln -s " + canary + " host && ln -s .. up"
            + " && mkfifo fifo && echo x >one && ln one two && echo x >locked && chmod 0 locked && mkdir shut && touch shut/in && chmod 0 shut"
            + " && truncate -s 1T /tmp/sparse; ln -s /tmp/sparse sparse; echo ok >good; touch -- \"$(printf 'new\\nline')\" \"$(printf 'esc\\033[2J')\""
            + " \"$(printf 'not\\377utf8')\" '-rf' '...'; ln -s out ../swapped")
            .rlimit(io.nsjob.Rlimit.FSIZE, io.nsjob.ResourceLimit.UNLIMITED)
            .collect("/work/out").collect("/work/swapped/good").collect("/proc/self/status").collect("/proc/meminfo")
            .collect("/dev/zero").collect("/tmp/sparse").collect("/nothing").build());
        assertEquals(Map.of("/work/out/good", "ok\n", "/work/out/-rf", "", "/work/out/...", ""), texts(result), result.stderrText());
        Map<String, String> expected = new TreeMap<>(Map.of("/work/out/link", "symlink", "/work/out/host", "symlink",
            "/work/out/up", "symlink", "/work/out/fifo", "fifo", "/work/out/one", "hard-link", "/work/out/two", "hard-link",
            "/work/out/locked", "permission", "/work/out/shut", "permission", "/work/out/sparse", "symlink"));
        expected.putAll(Map.of("/work/out/new\nline", "name", "/work/out/esc\033[2J", "name", "/work/out/not?utf8", "name",
            "/work/swapped/good", "symlink", "/proc/self/status", "symlink", "/proc/meminfo", "filesystem", "/dev/zero", "device",
            "/tmp/sparse", "too-large", "/nothing", "missing"));
        assertEquals(expected, skipped(result), result.stderrText());
    }

    /** Deeper than a path may be long; Landlock walks up from each of them, so that twice as deep is four times as slow. */
    @Test
    void ofTooManyFilesThereAreSomeAndADeepTreeIsCut() throws Exception {
        JobResult result = launcher.run(job("mkdir many deep && cd many && seq 20000 | xargs touch && cd ../deep"
            + " && exec /usr/bin/perl -e 'for (1..3000) { mkdir \"d\" or die; chdir \"d\" or die }'")
            .tmpfs(new Tmpfs("/work", 64L << 20, 40_000))
            .collect(Collect.inMemory("/work/many").within(1000, 5000)).collect("/work/deep").build());
        assertTrue(result.outcome().success(), () -> result + result.stderrText());
        assertEquals(5000, result.files().size());
        Map<String, String> skipped = skipped(result);
        assertEquals("too-many", skipped.remove("/work/many"));
        assertEquals(Map.of("/work/deep" + "/d".repeat(65), "too-deep"), skipped);
    }

    /** A root caller could read everything; its job cannot, and so neither does the collector. */
    @Test
    void whatTheJobCannotReadIsNotReadForIt(@TempDir Path directory) throws Exception {
        shared(directory);
        Path secret = Files.writeString(directory.resolve("secret"), "canary");
        Path plain = Files.writeString(directory.resolve("plain"), "plain");
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Files.writeString(closed.resolve("inside"), "canary");
        Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rw-r--r--"));
        boolean root = Jobs.isHostRoot();
        // An unprivileged caller's job has the caller's own id.
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString(root ? "rw-------" : "---------"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString(root ? "rwx------" : "---------"));
        for (JobSpec.Builder spec : List.of(job("cat /in/secret").bind(new Bind(directory.toString(), "/in", true, false)),
                JobSpec.bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.PID).idMaps(IdMaps.of(IdMaps.Preset.ROOT)).capabilities(Capabilities.NONE)
                    .bind(directory.toString(), "/mnt").command("cat", "/mnt/secret"))) {
            String in = spec.build().binds().get(0).target();
            JobResult result = launcher.run(spec.collect(in).build());
            assertFalse(result.outcome().success(), "the job itself can read it: not a test");
            assertEquals(Map.of(in + "/plain", "plain"), texts(result), result.stderrText());
            assertEquals(Map.of(in + "/secret", "permission", in + "/closed", "permission"), skipped(result));
        }
        if (root) {
            assertEquals("canary", Files.readString(secret), "control: it is the reader's ids that make the difference");
        }
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }

    /** The controls: without its two defences the collector brings out what it must not. */
    @Test
    void withoutItsDefencesItWouldBeTheJobsAccomplice(@TempDir Path directory) throws Exception {
        shared(directory);
        Path secret = Files.writeString(directory.resolve("secret"), "canary");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        JobSpec spec = job("ln -s /etc/passwd /work/link").bind(new Bind(directory.toString(), "/in", true, false))
            .collect("/work/link").collect("/in").build();
        assertEquals("symlink", skipped(run(spec, directory, "")).get("/work/link"));
        assertEquals(Files.readString(Path.of("/etc/passwd")), texts(run(spec, directory, "collect-links")).get("/work/link"));
        if (Jobs.isHostRoot()) {
            assertEquals("permission", skipped(run(spec, directory, "")).get("/in/secret"));
            assertEquals("canary", texts(run(spec, directory, "collect-ids")).get("/in/secret"));
        }
    }

    private static JobResult run(JobSpec spec, Path directory, String without) throws Exception {
        Path helper = Files.writeString(directory.resolve("helper-" + without), "#!/bin/sh\nexport NSJOB_FAULT='off=" + without + "'\n"
            + "exec '" + System.getProperty("nsjob.faultHelper") + "'\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (EditedLauncher edited = new EditedLauncher()) {
            return edited.run(spec, StartOptions.defaults(), helper, plan -> { });
        }
    }

    @Test
    void aHardLinkOnAWritableBindIsNotCollected(@TempDir Path directory) throws Exception {
        shared(directory);
        JobResult result = launcher.run(job("cd /ws && echo x >a && ln a b && ln -s /etc/passwd c && echo y >d")
            .bind(directory.toString(), "/ws").collect("/ws").build());
        assertEquals(Map.of("/ws/d", "y\n"), texts(result), result.stderrText());
        assertEquals(Map.of("/ws/a", "hard-link", "/ws/b", "hard-link", "/ws/c", "symlink"), skipped(result));
    }

    /** The directory that results go to is itself in the job's reach. */
    @Test
    void theJobPreparesTheDestination(@TempDir Path directory) throws Exception {
        shared(directory);
        Path workspace = shared(Files.createDirectory(directory.resolve("ws")));
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path canary = Files.writeString(outside.resolve("file"), "canary");
        JobResult result = launcher.run(job("mkdir -p out/dir out/pipe && echo attack | tee out/dir/file out/pipe/x >out/file"
            + " && cd /ws && mkdir res && ln -s " + outside + " res/dir && ln -s " + canary + " res/file && mkfifo res/pipe")
            .bind(workspace.toString(), "/ws").collect("/work/out", workspace.resolve("res")).build());
        assertEquals("canary", Files.readString(canary));
        assertEquals(List.of(canary), files(outside));
        assertEquals("attack\n", Files.readString(workspace.resolve("res/file")));
        assertFalse(Files.isSymbolicLink(workspace.resolve("res/file")));
        assertEquals(List.of("/work/out/dir/file", "/work/out/pipe/x"), List.copyOf(skipped(result).keySet()));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var list = Files.list(directory)) {
            return list.toList();
        }
    }

    @Test
    void howeverTheJobEnds() throws Exception {
        String write = "echo half >/work/out; ";
        JobResult wall = launcher.run(job(write + "sleep 60").wallTime(Duration.ofSeconds(2)).collect("/work/out").build());
        assertEquals(Outcome.Kind.TIMED_OUT, wall.outcome().kind());
        assertEquals(Map.of("/work/out", "half\n"), texts(wall));
        JobResult signal = launcher.run(job(write + "kill -SEGV $$").collect("/work/out").build());
        assertEquals(Outcome.Kind.SIGNALED, signal.outcome().kind());
        assertEquals(Map.of("/work/out", "half\n"), texts(signal));
        JobResult output = launcher.run(job(write + "yes").outputLimit(1000).outputAction(OutputAction.KILL).collect("/work/out").build());
        assertEquals(Outcome.Kind.OUTPUT_LIMIT, output.outcome().kind());
        assertEquals(Map.of("/work/out", "half\n"), texts(output));
        try (Job job = launcher.start(job(write + "echo ready; exec sleep 60").collect("/work/out").build(),
                StartOptions.defaults().withOut(Stdio.stream()))) {
            assertEquals('r', job.stdout().read());
            job.cancel(Duration.ZERO);
            assertEquals(Map.of("/work/out", "half\n"), texts(job.await()));
        }
        try (Job held = launcher.start(job(write).collect("/work/out").build(), StartOptions.held())) {
            held.cancel();
            assertEquals(new Collected(0, 0, List.of()), held.await().collected().orElseThrow());
        }
    }

    @Test
    void cancelEndsTheCollecting(@TempDir Path directory) throws Exception {
        JobSpec spec = job("seq 20000 | xargs touch").tmpfs(new Tmpfs("/work", 64L << 20, 40_000))
            .collect(Collect.to("/work", directory.resolve("out")).within(1000, 200_000)).build();
        try (Job job = launcher.start(spec, StartOptions.defaults().withOut(Stdio.stream()))) {
            assertEquals(-1, job.stdout().read());
            while (!Files.exists(directory.resolve("out"))) {
                Thread.sleep(5);
            }
            job.cancel();
            JobResult result = job.await();
            assertTrue(result.outcome().success(), "it had ended by itself: " + result);
            assertTrue(result.collected().orElseThrow().files() < 100_000);
            assertEquals("cancelled", skipped(result).get("/"));
        }
    }

    @Test
    void whatALostSupervisorHadNotSentIsSaid() throws Exception {
        try (Job job = launcher.start(job("echo x >/work/out; sleep 60").collect("/work/out").build())) {
            ProcessHandle.of(job.report().initPid().orElseThrow()).orElseThrow().parent().orElseThrow().destroyForcibly();
            JobResult result = job.await();
            assertEquals(new Outcome.Lost("supervisor"), result.outcome());
            assertEquals(Map.of("/", "failed"), skipped(result));
        }
    }

    /** A process that is still there when the main one ends could swap names under the collector: it is dead first. */
    @Test
    void orphansAreDeadBeforeAnythingIsCollected() throws Exception {
        JobResult result = launcher.run(job("echo 1 >out; (while :; do echo more >>out; done) & until grep -q more out; do sleep 0.05; done").collect("/work/out").build());
        assertTrue(texts(result).get("/work/out").startsWith("1\nmore\n"));
        assertEquals(Map.of(), skipped(result));
    }

    @Test
    void boundsHoldToTheByteAndBigFilesAreWhole() throws Exception {
        String script = "head -c 1000 /dev/zero >a; head -c 5000000 /dev/urandom >/tmp/big; sha256sum </tmp/big";
        JobResult exact = launcher.run(job(script).collect(Collect.inMemory("/work/a").within(1000, 1)).collect("/tmp/big").build());
        assertArrayEquals(new byte[1000], exact.files().get("/work/a"));
        byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(exact.files().get("/tmp/big"));
        assertEquals(exact.stdoutText().substring(0, 64), java.util.HexFormat.of().formatHex(digest));
        JobResult less = launcher.run(job(script).collect(Collect.inMemory("/work/a").within(999, 1)).build());
        assertEquals(Map.of("/work/a", "too-large"), skipped(less));
    }

    @Test
    void withoutAMountNamespaceOrAUserNamespace(@TempDir Path directory) throws Exception {
        shared(directory);
        JobResult bare = launcher.run(JobSpec.bare().cwd(directory.toString()).command("sh", "-c", "echo x >a").collect(directory.toString()).build());
        assertEquals(Map.of(directory + "/a", "x\n"), texts(bare), bare.stderrText());
        JobResult first = launcher.run(job("echo x >a").asPid1(true).collect("/work/a").build());
        assertEquals(Map.of("/work/a", "x\n"), texts(first), first.stderrText());
    }

    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void idsThatAreNotTheCallersOwn() throws Exception {
        JobResult result = launcher.run(job("umask 077; echo mine >a").idMaps(IdMaps.of(IdMaps.Preset.AUTO)).user(1000, 1000)
            .tmpfs("/work", 1 << 20).collect("/work/a").build());
        assertTrue(result.outcome().success(), result::stderrText);
        assertEquals(Map.of("/work/a", "mine\n"), texts(result), result.stderrText());
    }
}
