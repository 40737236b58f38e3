package io.nsjob.cli;

import io.nsjob.Diagnosis;
import io.nsjob.Diagnosis.Cause;
import io.nsjob.Diagnosis.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the doctor found, for people: a line for each area and state, then each cause once with its remedy. */
final class DoctorText {
    private static final int AREA = 12;
    private static final int STATE = 10;
    private static final int NUMBER = 4;

    private final Style style;
    private final int width;
    private final StringBuilder text = new StringBuilder();
    /** What has the same cause is told once. */
    private final Map<Cause, List<String>> causes = new LinkedHashMap<>();

    DoctorText(Style style, int width) {
        this.style = style;
        this.width = width;
    }

    String render(List<Diagnosis> diagnoses, boolean isolated) {
        for (Diagnosis diagnosis : diagnoses) {
            diagnosis.cause().ifPresent(cause -> causes.computeIfAbsent(cause, none -> new ArrayList<>())
                .add(diagnosis.feature()));
        }
        diagnoses.stream().map(Diagnosis::area).distinct().forEach(area -> {
            String title = area;
            for (State state : State.values()) {
                List<String> entries = diagnoses.stream().filter(one -> one.area().equals(area) && one.state() == state)
                    .map(this::entry).toList();
                if (!entries.isEmpty()) {
                    line(title, state, String.join(", ", entries));
                    title = "";
                }
            }
        });
        remedies();
        text.append('\n').append(isolated ? style.green("profile isolated can be had")
            : style.red("profile isolated cannot be had"))
            .append('\n');
        return text.toString();
    }

    private String entry(Diagnosis diagnosis) {
        String name = diagnosis.feature().substring(diagnosis.area().length() + 1);
        String detail = diagnosis.detail().isEmpty() ? "" : " (" + diagnosis.detail() + ")";
        int number = diagnosis.cause().map(cause -> List.copyOf(causes.keySet()).indexOf(cause) + 1).orElse(0);
        return Console.oneLine(name + (number == 0 ? "" : "[" + number + "]") + detail);
    }

    private void line(String title, State state, String words) {
        String indent = " ".repeat(AREA + STATE);
        String start = pad(title, AREA, style.bold(title)) + pad(state.jsonName(), STATE, colour(state));
        for (String line : HelpText.wrap(words, width - AREA - STATE)) {
            text.append(start).append(line).append('\n');
            start = indent;
        }
    }

    private static String pad(String plain, int column, String shown) {
        return shown + " ".repeat(Math.max(1, column - plain.length()));
    }

    private String colour(State state) {
        return switch (state) {
            case OK -> style.green(state.jsonName());
            case DEGRADED -> style.cyan(state.jsonName());
            case MISSING -> style.red(state.jsonName());
        };
    }

    private void remedies() {
        int number = 0;
        for (Map.Entry<Cause, List<String>> entry : causes.entrySet()) {
            Cause cause = entry.getKey();
            number++;
            text.append('\n');
            String start = "[" + number + "]" + " ".repeat(Math.max(1, NUMBER - 2 - Integer.toString(number).length()));
            wrapped(start, Console.oneLine(cause.text()));
            // Whole, whatever the width: it is there to be copied.
            cause.command().ifPresent(command -> text.append(" ".repeat(NUMBER))
                .append(style.bold("$ " + Console.oneLine(command))).append('\n'));
            if (!cause.hint().isEmpty()) {
                wrapped(" ".repeat(NUMBER), Console.oneLine(cause.hint()));
            }
        }
    }

    private void wrapped(String start, String words) {
        String indent = start;
        for (String line : HelpText.wrap(words, width - NUMBER)) {
            text.append(indent).append(line).append('\n');
            indent = " ".repeat(NUMBER);
        }
    }
}
