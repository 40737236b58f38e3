package io.nsjob.cli.demo;

import io.nsjob.cli.Cells;
import java.util.ArrayList;
import java.util.List;

/** Texts as lines of a certain width, in cells of a terminal. */
final class Lines {
    private static final int TAB = 8;

    private Lines() {}

    /** Output of a command as it can be shown in a pane: tabs are spaces, and what would steer the terminal is shown. */
    static String printable(String line) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (int character : line.codePoints().toArray()) {
            if (character == '\t') {
                int spaces = TAB - column % TAB;
                text.append(" ".repeat(spaces));
                column += spaces;
            } else if (Character.isISOControl(character)) {
                String shown = String.format("\\x%02x", character);
                text.append(shown);
                column += shown.length();
            } else {
                text.appendCodePoint(character);
                column += Cells.of(character);
            }
        }
        return text.toString();
    }

    /** Output or a command: broken after a blank where there is one in the last third, else where the width is full. Nothing is lost. */
    static List<String> fold(String line, int width) {
        List<String> lines = new ArrayList<>();
        String rest = line;
        while (Cells.of(rest) > width) {
            String part = cut(rest, width).get(0);
            int blank = part.lastIndexOf(' ');
            String kept = blank >= part.length() * 2 / 3 ? part.substring(0, blank + 1) : part;
            lines.add(kept);
            rest = rest.substring(kept.length());
        }
        lines.add(rest);
        return lines;
    }

    /** Cut wherever the width is full, as a terminal does. */
    static List<String> cut(String line, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int column = 0;
        for (int character : line.codePoints().toArray()) {
            if (column + Cells.of(character) > width && part.length() > 0) {
                lines.add(part.toString());
                part.setLength(0);
                column = 0;
            }
            part.appendCodePoint(character);
            column += Cells.of(character);
        }
        lines.add(part.toString());
        return lines;
    }

    /** Broken between words, and in them only where one alone is too long. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split("\\s+")) {
            if (line.length() > 0 && Cells.of(line.toString()) + 1 + Cells.of(word) > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            List<String> parts = cut(word, width);
            for (String part : parts.subList(0, parts.size() - 1)) {
                lines.add(part);
            }
            line.append(line.length() == 0 ? "" : " ").append(parts.get(parts.size() - 1));
        }
        lines.add(line.toString());
        return lines;
    }
}
