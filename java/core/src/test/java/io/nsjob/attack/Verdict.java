package io.nsjob.attack;

import io.nsjob.JobResult;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import java.util.List;

/**
 * How an attack ended.
 *
 * @param kind which of the endings
 * @param seen one line that says what was seen
 */
record Verdict(Kind kind, String seen) {
    private static final int LONGEST = 70;

    /** The endings; the first three are those of test-fixtures/attacks/attack.h. */
    enum Kind {
        ESCAPED, REFUSED, NOT_HERE, BROKEN
    }

    boolean is(Kind other) {
        return kind == other;
    }

    static Verdict of(JobResult result, List<String> refusals) {
        Outcome outcome = result.outcome();
        String seen = firstLine(result.stdoutText());
        if (outcome.kind() == Outcome.Kind.LOST) {
            return new Verdict(Kind.ESCAPED, "the job's end was not told as it was: " + outcome.describe());
        }
        if (refusals.contains(outcome.kind().jsonName())) {
            return new Verdict(Kind.REFUSED, outcome.describe());
        }
        int code = outcome.exitCode().orElse(-1);
        if (code == 0 && result.truncated() && refusals.contains("truncated")) {
            return new Verdict(Kind.REFUSED, "kept " + result.stdout().length + " bytes of its output");
        }
        // A status without its line is none: other programs use these numbers too.
        if (code < 0 || code > 2 || seen.isEmpty()) {
            return new Verdict(Kind.BROKEN, outcome.describe() + ": " + seen + firstLine(result.stderrText()));
        }
        return new Verdict(Kind.values()[code], seen);
    }

    static Verdict of(SandboxException e, List<String> refusals) {
        boolean due = refusals.contains(e.stage());
        return new Verdict(due ? Kind.REFUSED : Kind.BROKEN, (due ? e.stage() + ": " + e.errno() + " " : "") + e.getMessage());
    }

    static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
    }
}
