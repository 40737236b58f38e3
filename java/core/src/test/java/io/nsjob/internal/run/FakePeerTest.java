package io.nsjob.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Collected;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.FakePeer;
import io.nsjob.testing.SampleEvents;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a helper says that does what a test lets it: everything that a real one says only when it breaks. */
class FakePeerTest extends WithFakePeer {
    @Test
    void aJobThatEndsByItself() throws Exception {
        AtomicReference<String> plan = new AtomicReference<>();
        JobResult result = run(helper -> {
            plan.set(helper.greet());
            assertFalse(Files.exists(helper.socket()), "nobody else can connect");
            helper.send(66, SampleEvents.PREPARED);
            helper.send(67, SampleEvents.STARTED);
            helper.end(SampleEvents.EXITED);
        });
        assertTrue(plan.get().startsWith("{\"protocol\":1,\"job\":\"fake\""), plan.get());
        assertEquals(new Outcome.Exited(3), result.outcome());
        assertEquals(3, result.exitStatus());
        assertEquals(Duration.ofMillis(1300), result.usage().wall());
        assertEquals(List.of("clone", "exec"), result.report().stages().stream().map(stage -> stage.name()).toList());
        assertEquals(80, result.report().hostPid());
        assertThrows(io.nsjob.JobFailedException.class, result::orThrow);
        for (String field : List.of("\"kind\": \"exited\"", "\"exitCode\": 3", "\"signal\": null", "\"host\": 80",
                "\"wallMillis\": 1300", "\"maxRssBytes\": 1048576", "\"weakened\": []", "\"isolated\": true", "\"micros\": 95")) {
            assertTrue(result.toJson().contains(field), field + " in " + result.toJson());
        }
        assertFalse((result.toJson() + result + result.report()).contains("s3cr3t"));
    }

    @Test
    void nobodyCanChangeAReport() throws Exception {
        String cgroups = ",\"cgroups\":[{\"directory\":\"/cg/a\",\"values\":{\"pids.max\":\"9\"}}]}";
        JobReport report = run(helper -> {
            helper.greet();
            helper.send(66, SampleEvents.PREPARED.substring(0, SampleEvents.PREPARED.length() - 1) + cgroups);
            helper.send(67, SampleEvents.STARTED);
            helper.end(SampleEvents.EXITED);
        }).report();
        assertEquals(Map.of("/cg/a", Map.of("pids.max", "9")), report.cgroups());
        for (Executable change : List.<Executable>of(report.cgroups()::clear, report.cgroups().get("/cg/a")::clear,
                report.uidMap()::clear, report.stages()::clear, report.weakened()::clear, report.limits().rlimits()::clear,
                report.limits().enforcement()::clear, report.credentials().groups()::clear, report.namespaces().all()::clear)) {
            assertThrows(UnsupportedOperationException.class, change);
        }
    }

    @Test
    void theHelpersErrorArrivesUnchanged() {
        SandboxException e = fails(helper -> {
            helper.greet();
            helper.send(70, "{\"stage\":\"exec\",\"syscall\":\"execve\",\"errno\":2,\"subject\":\"x\",\"message\":\"no such program\","
                + "\"hint\":\"install it\"}");
        });
        assertEquals("exec execve 2 x no such program Optional[install it]", e.stage() + " " + e.syscall() + " " + e.errno() + " "
            + e.subject() + " " + e.getMessage() + " " + e.hint());
        assertTrue(e.toJson().contains("\"job\": \"fake\"") && e.toJson().contains("\"errno\": 2"), e.toJson());
    }

    @Test
    void aHelperThatDoesNotEvenReadThePlanIsHeard() {
        assertEquals("connect", fails(helper -> {
            helper.connect().send(65, SampleEvents.hello(1, helper.secret()));
            helper.send(70, "{\"stage\":\"connect\",\"syscall\":\"\",\"errno\":0,\"subject\":\"\",\"message\":\"no\",\"hint\":\"\"}");
            helper.hangUp();
        }).stage());
    }

    @Test
    void aHelperThatDiesBeforeItConnects() {
        SandboxException e = fails(helper -> helper.exit(7));
        assertEquals("supervisor", e.stage());
        assertTrue(e.getMessage().contains("exit status 7"), e.getMessage());
    }

    @Test
    void theHelpersOwnSetUpTimeout() {
        SandboxException e = fails(helper -> {
            helper.greet();
            helper.exit(142);
        });
        assertEquals("setup", e.stage());
        assertEquals(110, e.errno());
    }

    @Test
    void anEndBetweenReportAndExecIsNoJobThatRan() {
        assertEquals("supervisor", fails(helper -> {
            helper.prepare();
            helper.exit(1);
        }).stage());
    }

    @Test
    void anEndAfterExecIsALostJob() throws Exception {
        assertEquals(new Outcome.Lost("supervisor"), run(helper -> {
            helper.start();
            helper.exit(137);
        }).outcome());
        assertEquals(125, new Result(new Outcome.Lost("init"), null, null, null, Optional.empty(), Map.of()).exitStatus());
    }

    @Test
    void anEndBetweenExitedAndUsageIsALostJob() throws Exception {
        assertEquals(new Outcome.Lost("supervisor"), run(helper -> {
            helper.start();
            helper.send(68, SampleEvents.EXITED);
        }).outcome());
    }

    /** The job had ended well, and a part of its results is here: it is a lost job all the same, and what is missing is said. */
    @Test
    void anEndWhileResultsComeInIsALostJob() throws Exception {
        Path to = directory.resolve("results");
        JobSpec spec = SPEC.toBuilder().collect("/out", to).collect("/mem").build();
        peer.play(helper -> {
            helper.start();
            helper.send(68, "{\"exit\":{\"code\":0},\"wallMillis\":5}");
            helper.send(71, "{\"source\":0,\"path\":\"whole\",\"size\":3,\"mode\":420}");
            helper.send(72, "one");
            helper.send(71, "{\"source\":0,\"path\":\"cut\",\"size\":4,\"mode\":420}");
            helper.send(72, "two");
            helper.exit(0);
        });
        JobResult result = launcher.run(spec);
        peer.check();
        assertEquals(new Outcome.Lost("supervisor"), result.outcome());
        assertEquals(125, result.exitStatus());
        assertEquals(List.of(new Collected.Skipped("/out/cut", "incomplete"), new Collected.Skipped("/", "failed")),
            result.collected().orElseThrow().skipped());
        try (Stream<Path> there = Files.list(to)) {
            assertEquals(List.of(to.resolve("whole")), there.toList());
        }
    }

    /** Files of cgroups differ from kernel to kernel: what is missing or strange is empty, and the outcome stands. */
    @ParameterizedTest
    @ValueSource(strings = {"[]", "[{\"directory\":\"/cg/a\",\"values\":{}}]",
        "[{\"directory\":\"/cg/a\",\"values\":{\"memory.events\":\"oom_kill\",\"cpu.pressure\":\"some total=x\"}}]"})
    void missingFiguresAreEmpty(String cgroups) throws Exception {
        JobResult result = run(helper -> {
            helper.start();
            helper.send(68, "{\"exit\":{\"signal\":9,\"core\":false},\"wallMillis\":5}");
            helper.send(69, SampleEvents.USAGE.replace("}", ",\"cgroups\":" + cgroups + "}"));
        });
        assertEquals(new Outcome.Signaled(9, false), result.outcome());
        assertEquals(List.of(), result.limitsHit());
        assertEquals(!cgroups.equals("[]"), result.usage().cgroup().isPresent());
        result.usage().cgroup().ifPresent(figures -> assertEquals("" + OptionalLong.empty() + Map.of(),
            "" + figures.oomKills() + figures.pressure()));
        assertTrue(result.toJson().contains("\"cgroup\": "), result.toJson());
    }

    @Test
    void figuresThatAreNoTextAreAProtocolErrorAndTheJobIsLost() throws Exception {
        assertEquals(new Outcome.Lost("supervisor"), run(helper -> {
            helper.start();
            helper.send(68, SampleEvents.EXITED);
            helper.send(69, SampleEvents.USAGE.replace("}", ",\"cgroups\":[{\"directory\":\"/a\",\"values\":{\"pids.peak\":3}}]}"));
        }).outcome());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wall", "cancel", "terminated", "connection"})
    void causesBecomeOutcomes(String cause) throws Exception {
        Outcome outcome = run(helper -> {
            helper.start();
            helper.end("{\"exit\":{\"signal\":9,\"core\":false},\"cause\":\"" + cause + "\",\"wallMillis\":5}");
        }).outcome();
        assertEquals(cause.equals("wall") ? new Outcome.TimedOut(Outcome.Clock.WALL) : new Outcome.Cancelled(), outcome);
    }

    @Test
    void aLostInitIsToldWhateverTheCause() throws Exception {
        assertEquals(new Outcome.Lost("init"), run(helper -> {
            helper.start();
            helper.end("{\"lost\":\"init\",\"cause\":\"wall\",\"wallMillis\":5}");
        }).outcome());
    }

    @Test
    void aWrongSecretOrVersionGetsNoPlan() throws Exception {
        SandboxException wrong = fails(helper -> {
            helper.connect().send(65, SampleEvents.hello(1, "0".repeat(64)));
            helper.awaitEndOfFile();
        });
        assertEquals("protocol", wrong.stage());
        assertTrue(wrong.getMessage().contains("secret"), wrong.getMessage());
        peer.check();
    }

    @Test
    void anotherProtocolGetsNoPlan() {
        SandboxException e = fails(helper -> {
            helper.connect().send(65, SampleEvents.hello(2, helper.secret()));
            helper.awaitEndOfFile();
        });
        assertEquals("protocol", e.stage());
        assertTrue(e.getMessage().contains("protocol 2"), e.getMessage());
        peer.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"66", "67", "68", "69"})
    void framesOutOfOrderAreAProtocolError(int type) {
        List<String> bodies = List.of(SampleEvents.PREPARED, SampleEvents.STARTED, SampleEvents.EXITED, SampleEvents.USAGE);
        SandboxException e = fails(helper -> {
            helper.greet();
            helper.send(type, bodies.get(type - 66));
            if (type == 66) {
                helper.send(type, bodies.get(0));
            }
            helper.awaitEndOfFile();
        });
        assertEquals("protocol", e.stage());
    }

    @Test
    void garbageIsAProtocolErrorAndTheHelperIsToldToEnd() {
        assertEquals("protocol", fails(helper -> {
            helper.greet();
            helper.raw("HTTP/1.1 200 OK\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            helper.awaitEndOfFile();
        }).stage());
        peer.check();
    }

    /** Cut off at, just before and just behind the end of every frame: an exception before exec, a lost job after. */
    @Test
    void noCutLeavesAnybodyWaiting(@TempDir Path more) throws Exception {
        String secret = "00".repeat(32);
        byte[] whole = SampleEvents.conversation(secret);
        int hello = SampleEvents.frame(65, SampleEvents.hello(1, secret)).length;
        int prepared = hello + SampleEvents.frame(66, SampleEvents.PREPARED).length;
        int started = prepared + SampleEvents.frame(67, SampleEvents.STARTED).length;
        int exited = started + SampleEvents.frame(68, SampleEvents.EXITED).length;
        List<Integer> cuts = new ArrayList<>();
        for (int end : List.of(hello, prepared, started, exited)) {
            cuts.addAll(List.of(end - 1, end, end + 1, end + 5));
        }
        cuts.add(0);
        cuts.add(whole.length - 1);
        for (int cut : cuts) {
            FakePeer cutPeer = new FakePeer(Files.createDirectory(more.resolve("cut-" + cut)));
            cutPeer.play(helper -> {
                byte[] ours = SampleEvents.conversation(helper.secret());
                helper.connect().raw(Arrays.copyOf(ours, cut));
                helper.hangUp();
            });
            try (Launcher other = PerJobLauncher.open(cutPeer.helper(), HostFacts.real())) {
                JobResult result = other.run(SPEC);
                assertTrue(cut >= started, "a result after " + cut + " bytes");
                assertEquals(new Outcome.Lost("supervisor"), result.outcome());
            } catch (SandboxException e) {
                assertTrue(cut < started, "an exception after " + cut + " bytes: " + e);
                assertTrue(List.of("protocol", "supervisor").contains(e.stage()), e.stage());
            }
        }
    }
}
