package io.nsjob.cli.demo;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoReaderTest {
    private static final String STEP = "'id': 'a', 'run': 'true'";

    private static String message(String json) {
        return assertThrows(DemoException.class, () -> DemoReader.read(json.replace('\'', '"'))).getMessage();
    }

    private static String demo(String step) {
        return "{'demo': 1, 'name': 'x', 'sessions': {'in': {'job': {'namespaces': {'uts': 'new'}}}}, 'steps': [{" + step + "}]}";
    }

    /** What is between the bars is one step's fields; the message names the place. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'id': 'a'|steps[0]: exactly one of run, job, do is needed",
        "'id': 'a', 'run': 'true', 'do': {'open': {}}|steps[0]: exactly one of run, job, do is needed",
        "'id': 'A', 'run': 'true'|steps[0].id: not a name",
        "'id': 'in', 'run': 'true'|steps[0].id: in is the name of something else",
        "'id': 'a', 'run': 7|steps[0].run: an array is needed",
        "'id': 'a', 'run': 'true', 'session': 'out'|steps[0].session: there is no session out",
        "'id': 'a', 'run': 'true', 'colour': 'red'|steps[0].colour: no such field",
        "'id': 'a', 'run': 'echo ${b.out}'|steps[0].run: there is no ${b.out} here",
        "'id': 'a', 'run': 'echo ${a.out}'|steps[0].run: there is no ${a.out} here",
        "'id': 'a', 'run': 'echo ${in.ns.dog}'|steps[0].run: there is no ${in.ns.dog} here",
        "'id': 'a', 'run': 'true', 'status': 'bad'|steps[0].status: an exit status",
        "'id': 'a', 'run': 'true', 'timeout': 10|steps[0].timeout: a string is needed",
        "'id': 'a', 'run': 'true', 'timeout': '0s'|steps[0].timeout: seconds are needed",
        "'id': 'a', 'run': 'true', 'beside': true|steps[0].beside: the step before it",
        "'id': 'a', 'run': 'true', 'when': 'monday'|steps[0].when: one of root, user",
        "'id': 'a', 'run': 'true', 'capture': {'q': '['}|steps[0].capture.q: not a regular expression",
        "'id': 'a', 'run': 'true', 'capture': {'q': 'x'}|steps[0].capture.q: there is no group",
        "'id': 'a', 'run': 'true', 'say': {'fr': 'x'}|steps[0].say.fr: no such field",
        "'id': 'a', 'do': {'dance': {}}|steps[0].do.dance: no such field",
        "'id': 'a', 'do': {'serve': {'port': 80}}|steps[0].do.serve: text is missing",
        "'id': 'a', 'do': {'kill': {'target': 'init', 'signal': 'FOO'}}|steps[0].do.kill.signal: there is no such signal",
        "'id': 'a', 'job': {'command': []}|steps[0].job.command: is empty",
        "'id': 'a', 'job': {'spec': {'command': ['x']}, 'command': ['x']}|steps[0].job.spec.command: is not for a demo to say",
        "'id': 'a', 'run': 'true', 'checks': [{'equals': 'a', 'lacks': 'b'}]|steps[0].checks[0]: exactly one comparison",
        "'id': 'a', 'run': 'true', 'checks': [{'equals': 'a', 'plus': 1}]|steps[0].checks[0].plus: is for comparisons of numbers",
        "'id': 'a', 'run': 'true', 'checks': [{'matches': '['}]|steps[0].checks[0].matches: not a regular expression",
        "'id': 'a', 'run': 'true', 'checks': [{'namespace': 'uts', 'of': 'in'}]|steps[0].checks[0]: either differsFrom or sameAs",
        "'id': 'a', 'run': 'true', 'checks': [{'namespace': 'dog', 'of': 'in', 'sameAs': 'host'}]|steps[0].checks[0].namespace: there is",
    })
    void aMistakeInAStepIsNamedByItsPath(String step, String message) {
        assertTrue(message(demo(step)).startsWith(message), () -> message(demo(step)));
    }

    @Test
    void aMistakeAboveTheStepsIsNamedByItsPath() {
        assertTrue(message("{").startsWith("not JSON: "));
        assertTrue(message("[]").startsWith("an object is needed"));
        assertTrue(message("{'demo': 2, 'name': 'x', 'steps': []}").startsWith("demo: one of 1 is needed, not 2"));
        assertTrue(message("{'demo': 1, 'name': 'x', 'steps': []}").startsWith("steps: 1 to "));
        assertTrue(message("{'demo': 1, 'name': 'x'}").startsWith("steps is missing"));
        assertTrue(message("{'demo': 1, 'demo': 1}").contains("demo"));
        assertTrue(message("{'demo': 1, 'name': 'x', 'needs': [{}], 'steps': [{" + STEP + "}]}").startsWith("needs[0]: either"));
        assertTrue(message("{'demo': 1, 'name': 'x', 'sessions': {'host': {}}, 'steps': [{" + STEP + "}]}").startsWith("sessions.host: not"));
        assertTrue(message("{'demo': 1, 'name': 'x', 'sessions': {'b': {'joins': {'net': 'c'}}}, 'steps': [{" + STEP + "}]}")
            .startsWith("sessions.b.joins.net: there is no earlier session c"));
    }
}
