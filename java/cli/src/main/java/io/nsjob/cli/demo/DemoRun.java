package io.nsjob.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A demo as it went.
 *
 * @param name of the demo
 * @param title in the reader's language
 * @param about likewise
 * @param sessions what each session is, by name
 * @param notes what is different on this machine or for this caller
 * @param rows the steps; two in one row are beside each other
 * @param skipped why it was not run, or empty
 */
record DemoRun(String name, String title, String about, Map<String, String> sessions, List<String> notes, List<List<StepRun>> rows,
        String skipped) {

    List<StepRun> steps() {
        List<StepRun> steps = new ArrayList<>();
        rows.forEach(steps::addAll);
        return steps;
    }

    long claims(boolean passed) {
        return steps().stream().flatMap(step -> step.claims().stream()).filter(claim -> claim.passed() == passed).count();
    }

    /** Whoever shows a demo while it runs. */
    interface Audience {
        /** Called before the first step, without any rows. */
        void begin(DemoRun demo);

        /** One or two steps beside each other. */
        void row(List<StepRun> row);

        /** Called after the last step, or when the demo is skipped. */
        void end(DemoRun demo);

        /** Called before a row is run, so that somebody can read the one before it. */
        default void pause() {}
    }
}
