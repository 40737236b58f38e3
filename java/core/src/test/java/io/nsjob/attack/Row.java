package io.nsjob.attack;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What became of one attack.
 *
 * @param attack which
 * @param verdict in profile isolated as it is
 * @param layers with the other defences off, and the one of the control left alone
 * @param controls with that one off as well
 */
record Row(Attack attack, Verdict verdict, Map<Attack.Control, Verdict> layers, Map<Attack.Control, Verdict> controls) {
    /** Whether this machine lacks what is attacked. */
    static boolean isAbsent(Attack.Control control, Verdict verdict) {
        return verdict.is(Verdict.Kind.NOT_HERE) || !control.absent().isEmpty() && verdict.seen().contains(control.absent());
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        boolean due = attack.known() ? verdict.is(Verdict.Kind.ESCAPED) : verdict.is(Verdict.Kind.REFUSED);
        if (!due && !verdict.is(Verdict.Kind.NOT_HERE)) {
            problems.add(attack + ": " + verdict);
        }
        layers.forEach((control, one) -> {
            if (!one.is(Verdict.Kind.REFUSED) && !one.is(Verdict.Kind.NOT_HERE)) {
                problems.add(attack + ", " + control.off() + " alone, without " + control.without() + ": " + one);
            }
        });
        controls.forEach((control, one) -> {
            if (!one.is(Verdict.Kind.ESCAPED) && !isAbsent(control, one)) {
                problems.add(attack + ", control " + control + ": " + one);
            }
        });
        return problems;
    }

    String controlText(Attack.Control control) {
        Verdict one = controls.get(control);
        if (one.is(Verdict.Kind.ESCAPED)) {
            return "flips";
        }
        return isAbsent(control, one) ? "not here" : "NO";
    }
}
