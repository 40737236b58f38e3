package io.nsjob.cli;

/** How many cells of a terminal or of a picture with characters of one width a text takes. */
public final class Cells {
    /** First and last of the blocks that take two cells: Hangul, CJK, full-width forms, pictographs; East_Asian_Width of Unicode. */
    private static final int[][] WIDE = {
        {0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xA960, 0xA97F},
        {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
        {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };

    private Cells() {}

    /** The cells of a text. */
    public static int of(String text) {
        return text.codePoints().map(Cells::of).sum();
    }

    static int of(int codePoint) {
        int type = Character.getType(codePoint);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        for (int[] block : WIDE) {
            if (codePoint >= block[0] && codePoint <= block[1]) {
                return 2;
            }
        }
        return 1;
    }

    /** The text, or its beginning with an ellipsis, in at most this many cells. */
    public static String clip(String text, int cells) {
        if (of(text) <= cells) {
            return text;
        }
        StringBuilder clipped = new StringBuilder();
        int used = 1;
        for (int codePoint : text.codePoints().toArray()) {
            used += of(codePoint);
            if (used > cells) {
                break;
            }
            clipped.appendCodePoint(codePoint);
        }
        return clipped.append('…').toString();
    }
}
