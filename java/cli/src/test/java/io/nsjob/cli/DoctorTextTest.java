package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Diagnosis;
import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.Diagnosis.State;
import io.nsjob.Doctor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the doctor found, as people and as programs read it. */
class DoctorTextTest {
    private static final Cause NO_RANGE = new Cause("no-subordinate-ids", "/etc/subuid and /etc/subgid have no range for alice",
        Optional.of("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 alice"), "");
    private static final Cause MASKED = new Cause("masked-proc", "parts of /proc are covered around this process",
        Optional.empty(),
        "start the container with: docker run --security-opt systempaths=unconfined");
    private static final List<Diagnosis> SOME = List.of(
        ok("namespaces.user", ""), ok("namespaces.mnt", ""), ok("ids.one", "1000 is 0 inside"),
        missing("ids.range", NO_RANGE), missing("files.proc", MASKED),
        new Diagnosis("limits.memory", State.DEGRADED, "by rlimit only", Optional.empty(), Optional.of(MASKED)),
        missing(Doctor.ISOLATED, MASKED));

    private static Diagnosis ok(String feature, String detail) {
        return new Diagnosis(feature, State.OK, detail, Optional.empty(), Optional.empty());
    }

    private static Diagnosis missing(String feature, Cause cause) {
        return new Diagnosis(feature, State.MISSING, "", Optional.of(new Failure("mount", "mount", 1, "/proc", "refused")),
            Optional.of(cause));
    }

    @Test
    void eachCauseIsToldOnceWithItsRemedy() {
        String text = new DoctorText(Style.PLAIN, 60).render(SOME, Doctor.canIsolate(SOME));
        assertEquals(String.join("\n",
            "namespaces  ok        user, mnt",
            "ids         ok        one (1000 is 0 inside)",
            "            missing   range[1]",
            "files       missing   proc[2]",
            "limits      degraded  memory[2] (by rlimit only)",
            "profiles    missing   isolated[2]",
            "",
            "[1] /etc/subuid and /etc/subgid have no range for alice",
            "    $ sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 alice",
            "",
            "[2] parts of /proc are covered around this process",
            "    start the container with: docker run --security-opt",
            "    systempaths=unconfined",
            "",
            "profile isolated cannot be had",
            ""), text);
    }

    @Test
    void coloursChangeNothingElse() {
        String plain = new DoctorText(Style.PLAIN, 80).render(SOME, true);
        String coloured = new DoctorText(Style.COLOUR, 80).render(SOME, true);
        assertTrue(coloured.contains("\u001b["));
        assertEquals(plain, coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
    }

    @Test
    void programsReadTheSame() {
        Map<String, Object> tree = DoctorCommand.tree(SOME, false);
        assertEquals(List.of("isolated", "features"), List.copyOf(tree.keySet()));
        Map<String, Object> range = Redaction.cast(((List<?>) tree.get("features")).get(3));
        assertEquals(List.of("feature", "state", "detail", "failure", "cause"), List.copyOf(range.keySet()));
        assertEquals(List.of("code", "text", "command", "hint"), List.copyOf(Redaction.cast(range.get("cause")).keySet()));
    }

    @Test
    void mistakesAreOneLine() {
        assertEquals("nsjob: doctor: unknown option --jsn; did you mean --json?\n", error("doctor", "--jsn"));
        assertEquals("nsjob: doctor: takes no argument, not heal\n", error("doctor", "heal"));
    }

    private static String error(String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        assertEquals(ExitStatus.FAILED, new Cli(new Console(stream, stream, Style.PLAIN, Style.PLAIN)).run(args));
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theWidthIsTheTerminals() {
        assertEquals(80, TextWidth.choose(Map.of(), ""));
        assertEquals(80, TextWidth.choose(Map.of(), "0 0"));
        assertEquals(132, TextWidth.choose(Map.of(), "24 132\n"));
        assertEquals(100, TextWidth.choose(Map.of("COLUMNS", "100"), "24 132"));
        assertEquals(40, TextWidth.choose(Map.of("COLUMNS", "7"), ""));
        assertEquals(80, TextWidth.choose(Map.of("COLUMNS", "many"), ""));
    }
}
