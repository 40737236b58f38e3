package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Launcher;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a demo can do, in demos that are no good but for that. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
class DemoEngineIT {
    private static final Texts ENGLISH = new Texts("en");

    private static DemoRun play(String json, String... without) throws Exception {
        try (Launcher launcher = Launcher.open()) {
            return Engine.play(DemoReader.read(json.replace('\'', '"')), launcher, Caller.current(false), ENGLISH, Set.of(without),
                new Controls.Nobody());
        }
    }

    private static String demo(String sessions, String... steps) {
        return "{'demo': 1, 'name': 'x', 'title': 'x', 'sessions': {" + sessions + "}, 'steps': [" + String.join(",", steps) + "]}";
    }

    private static Map<String, StepRun> byId(DemoRun run) {
        return run.steps().stream().collect(Collectors.toMap(StepRun::id, step -> step));
    }

    @Test
    void aSessionIsOneShellWhateverItsCommandsDo() throws Exception {
        Map<String, StepRun> steps = byId(play(demo("",
            "{'id': 'syntax', 'run': 'if', 'status': 2}",
            "{'id': 'pid', 'run': 'echo $$; x=7; cd /usr', 'capture': {'q': '^([0-9]+)$'}}",
            "{'id': 'same', 'run': ['cat; echo $$ $x', 'pwd; printf no-newline; echo err >&2; false'], 'status': 1,"
                + "'checks': [{'equals': '${pid.q} 7\\n/usr\\nno-newline'}, {'value': '${same.err}', 'equals': 'err'}]}",
            "{'id': 'shell', 'run': 'echo ${host.pid}', 'checks': [{'equals': '${pid.q}'}]}",
            "{'id': 'korean', 'run': 'echo 한글', 'checks': [{'equals': '한글'}]}",
            "{'id': 'fails', 'run': 'false'}",
            "{'id': 'end', 'do': {'close': {}}, 'checks': [{'matches': 'exited with code'}]}",
            "{'id': 'dead', 'run': 'echo x', 'status': 'any'}")));
        for (StepRun step : steps.values()) {
            assertEquals(!Set.of("fails", "dead").contains(step.id()), step.passed(), step.toString());
        }
    }

    @Test
    void aCommandThatDoesNotEndIsEndedWithItsSession() throws Exception {
        Map<String, StepRun> steps = byId(play(demo("",
            "{'id': 'where', 'run': 'echo ${dir}; ls -d ${dir}'}",
            "{'id': 'slow', 'run': 'echo begun; sleep 1000', 'timeout': '4s'}",
            "{'id': 'after', 'run': 'true'}")));
        assertEquals("begun\n", steps.get("slow").output().out());
        assertTrue(steps.get("slow").claims().get(0).found().contains("no end within 4 s"));
        assertFalse(steps.get("after").passed());
        assertFalse(Files.exists(Path.of(steps.get("where").output().out().lines().findFirst().orElseThrow())), "the directory is gone");
    }

    @Test
    void tooMuchOutputEndsTheSession() throws Exception {
        StepRun step = play(demo("", "{'id': 'much', 'run': 'while :; do echo 0123456789012345678901234567890123456789; done'}")).steps().get(0);
        assertTrue(step.claims().get(0).found().contains("more output than"), step.claims().toString());
    }

    @Test
    void sessionsJoinEachOtherAndServeTheSamePort() throws Exception {
        DemoRun run = play(demo("'ns1': {'job': {'namespaces': {'net': 'new', 'pid': 'new'}}},"
            + "'ns2': {'joins': {'user': 'ns1'}, 'job': {'namespaces': {'net': 'new'}}}",
            "{'id': 's1', 'session': 'ns1', 'do': {'serve': {'port': 8080, 'text': 'hello 1'}}}",
            "{'id': 's2', 'session': 'ns2', 'do': {'serve': {'port': 8080, 'text': 'hello 2'}}}",
            "{'id': 'f1', 'session': 'ns1', 'do': {'fetch': {'host': '127.0.0.1', 'port': 8080}}, 'checks': [{'equals': 'hello 1'}]}",
            "{'id': 'f2', 'session': 'ns2', 'do': {'fetch': {'host': '127.0.0.1', 'port': 8080}}, 'checks': [{'equals': 'hello 2'},"
                + "{'namespace': 'user', 'of': 'ns1', 'sameAs': 'ns2'}, {'namespace': 'net', 'of': 'ns1', 'differsFrom': 'ns2'}]}",
            "{'id': 'one', 'session': 'ns1', 'job': {'of': 'ns1', 'command': ['readlink', '/proc/self/ns/net']},"
                + "'checks': [{'equals': 'net:[${ns1.ns.net}]'}]}",
            "{'id': 'kill', 'session': 'ns1', 'do': {'kill': {'target': 'init', 'signal': 'KILL'}}}",
            "{'id': 'wait', 'session': 'ns1', 'do': {'wait': {}}, 'checks': [{'contains': 'died'}]}"));
        assertEquals(List.of(), run.steps().stream().filter(step -> !step.passed()).toList());
    }

    @Test
    void whatIsMissingSkipsADemoAndSaysWhatToInstall() throws Exception {
        String skipped = play("{'demo': 1, 'name': 'x', 'title': 'x', 'needs': [{'program': 'no-such', 'package': 'such'}],"
            + "'steps': [{'id': 'a', 'run': 'true'}]}").skipped();
        assertEquals("the program no-such is missing (install the package such)", skipped);
    }

    /** The third check claims to prove what it does not. */
    @Test
    void aCheckThatHoldsWithoutItsIsolationIsFoundOut() throws Exception {
        Path file = Files.createTempFile("nsjob-demo", ".json");
        try (Launcher launcher = Launcher.open()) {
            Files.writeString(file, demo("'in': {'job': {'namespaces': {'uts': 'new'}}}",
                "{'id': 'set', 'session': 'in', 'run': 'hostname nsjob-test', 'checks': [{'namespace': 'uts', 'of': 'in', 'differsFrom': 'host',"
                    + "'proves': 'uts', 'claim': 'one'}]}",
                "{'id': 'see', 'run': 'hostname', 'checks': [{'differs': 'nsjob-test', 'proves': 'uts', 'claim': 'two'},"
                    + "{'differs': '', 'proves': 'uts', 'claim': 'three'}]}")
                .replace('\'', '"'));
            Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            Demo demo = Library.find(file.toString());
            Controls.Control control = new Controls(launcher).run(Map.of(file.toString(), demo)).get(0);
            assertEquals(new Controls.Control("x", "uts", 2, List.of("see: three")), control);
            assertFalse(control.passed());
            assertFalse(Files.readString(Path.of("/proc/sys/kernel/hostname")).contains("nsjob-test"), "the host has its name");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void nothingIsLeftOutOnTheHostItself() {
        assertThrows(DemoException.class, () -> OuterSandbox.verify("user:[1],mnt:[2]"));
    }
}
