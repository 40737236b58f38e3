package io.nsjob.cli.demo;

import java.util.ArrayList;
import java.util.List;

/**
 * Texts in columns of a terminal. Which characters take two of them is in UAX #11 (East Asian Width W and F, Unicode 16); marks and
 * what only formats take none.
 */
final class Columns {
    /** First and last of each range, in order. */
    private static final int[] WIDE = {
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE, 0x2614, 0x2615,
        0x2630, 0x2637, 0x2648, 0x2653, 0x267F, 0x267F, 0x268A, 0x268F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE,
        0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA, 0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD,
        0x2705, 0x2705, 0x270A, 0x270B, 0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
        0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x2E99, 0x2E9B, 0x2EF3, 0x2F00, 0x2FD5,
        0x2FF0, 0x303E, 0x3041, 0x3096, 0x3099, 0x30FF, 0x3105, 0x312F, 0x3131, 0x318E, 0x3190, 0x31E5, 0x31EF, 0x321E, 0x3220, 0x3247,
        0x3250, 0xA48C, 0xA490, 0xA4C6, 0xA960, 0xA97C, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19, 0xFE30, 0xFE52, 0xFE54, 0xFE66,
        0xFE68, 0xFE6B, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x16FF1, 0x17000, 0x18CD5, 0x18CFF, 0x18D08, 0x1AFF0, 0x1B2FB,
        0x1D300, 0x1D356, 0x1D360, 0x1D376, 0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320,
        0x1F32D, 0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393, 0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4, 0x1F3F4,
        0x1F3F8, 0x1F43E, 0x1F440, 0x1F440, 0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550, 0x1F567, 0x1F57A, 0x1F57A,
        0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC, 0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6D7,
        0x1F6DC, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FC, 0x1F7E0, 0x1F7EB, 0x1F7F0, 0x1F7F0, 0x1F90C, 0x1F93A, 0x1F93C, 0x1F945,
        0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x2FFFD, 0x30000, 0x3FFFD};
    private static final int TAB = 8;

    private Columns() {}

    static int of(int character) {
        int type = Character.getType(character);
        boolean none = type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK
            || type == Character.FORMAT && character != 0xAD
            || character >= 0x1160 && character <= 0x11FF;
        return none ? 0 : wide(character) ? 2 : 1;
    }

    private static boolean wide(int character) {
        int low = 0;
        int high = WIDE.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) / 2;
            if (character < WIDE[2 * middle]) {
                high = middle - 1;
            } else if (character > WIDE[2 * middle + 1]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    static int of(String text) {
        return text.codePoints().map(Columns::of).sum();
    }

    static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - of(text)));
    }

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
                column += of(character);
            }
        }
        return text.toString();
    }

    /** Cut wherever the width is full, as a terminal does. */
    static List<String> cut(String line, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int column = 0;
        for (int character : line.codePoints().toArray()) {
            if (column + of(character) > width && part.length() > 0) {
                lines.add(part.toString());
                part.setLength(0);
                column = 0;
            }
            part.appendCodePoint(character);
            column += of(character);
        }
        lines.add(part.toString());
        return lines;
    }

    /** Broken between words, and in them only where one alone is too long. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split("\\s+")) {
            if (line.length() > 0 && of(line.toString()) + 1 + of(word) > width) {
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
