package io.nsjob.cli.picture;

/**
 * Writes SVG. What processes call themselves is a stranger's text: every text and attribute goes through {@link #escape}, and
 * numbers are numbers.
 */
final class Svg {
    private static final char UNREADABLE = '\uFFFD';

    private final StringBuilder out = new StringBuilder();

    /** Text for between tags and for between quotes; what XML 1.0 does not allow, and what would turn the reading order, is replaced. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n' -> escaped.append("&#10;");
                default -> escaped.appendCodePoint(isPlain(c) ? c : UNREADABLE);
            }
        });
        return escaped.toString();
    }

    private static boolean isPlain(int c) {
        boolean allowed = c >= 0x20 && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c >= 0x10000;
        boolean control = c >= 0x7F && c <= 0x9F;
        // Marks and overrides of direction: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
        boolean turns = c == 0x61C || c == 0x200E || c == 0x200F || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        return allowed && !control && !turns;
    }

    Svg raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Opens an element; attributes are names and values in turn. */
    Svg open(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append('>');
        return this;
    }

    Svg close(String tag) {
        out.append("</").append(tag).append(">\n");
        return this;
    }

    /** An element without content. */
    Svg empty(String tag, Object... attributes) {
        tag(tag, attributes);
        out.append("/>\n");
        return this;
    }

    private void tag(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"").append(escape(String.valueOf(attributes[i + 1]))).append('"');
        }
    }

    /** What a reader sees while the pointer is on the element that is open. */
    Svg title(String text) {
        out.append("<title>").append(escape(text)).append("</title>");
        return this;
    }

    Svg text(int x, int y, String style, String text) {
        out.append("<text x=\"").append(x).append("\" y=\"").append(y).append("\" class=\"").append(style).append("\">")
            .append(escape(text)).append("</text>\n");
        return this;
    }

    Svg rect(int x, int y, int width, int height, int radius, String style) {
        return empty("rect", "x", x, "y", y, "width", width, "height", height, "rx", radius, "class", style);
    }

    /** A text that ends where its place ends, however wide the font of the reader is. */
    Svg clipped(int x, int y, int width, int height, String style, String text) {
        open("svg", "x", x, "y", y, "width", Math.max(width, 0), "height", height);
        // The base line leaves room for what hangs below it.
        text(0, height - height / 4, style, text);
        return close("svg");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
