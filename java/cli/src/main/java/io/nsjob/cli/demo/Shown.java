package io.nsjob.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** How much of a step is shown, alike in every form. */
final class Shown {
    /** A command that writes more than a page is not one to look at. */
    private static final int MAX_LINES = 30;

    private Shown() {}

    static List<String> lines(String output, Texts texts) {
        String text = Output.strip(output);
        if (text.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>(text.lines().map(Lines::printable).toList());
        if (lines.size() > MAX_LINES) {
            int more = lines.size() - MAX_LINES + 1;
            lines = new ArrayList<>(lines.subList(0, MAX_LINES - 1));
            lines.add(texts.word("more", more));
        }
        return lines;
    }

    static String proves(StepRun.Claim claim) {
        return claim.proves().isEmpty() ? "" : " [" + String.join(", ", claim.proves()) + "]";
    }
}
