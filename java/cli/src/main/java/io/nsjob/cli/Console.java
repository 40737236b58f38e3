package io.nsjob.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The two streams a command writes to, each with its own colours. Always UTF-8, whatever the locale says. */
public record Console(PrintStream out, PrintStream err, Style outStyle, Style errStyle) {

    static Console system() {
        var environment = System.getenv();
        return new Console(
            utf8(FileDescriptor.out),
            utf8(FileDescriptor.err),
            Style.choose(Terminal.isTerminal(1), environment),
            Style.choose(Terminal.isTerminal(2), environment));
    }

    private static PrintStream utf8(FileDescriptor fd) {
        return new PrintStream(new FileOutputStream(fd), true, StandardCharsets.UTF_8);
    }

    /** One line on standard error, whatever is in the message. */
    public void error(String message) {
        err.println(errStyle.red("nsjob:") + " " + oneLine(message));
    }

    /** Control characters in names and paths must neither break the line nor reach the terminal. */
    public static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line.append("\\n");
            } else if (c == '\t') {
                line.append("\\t");
            } else if (Character.isISOControl(c)) {
                line.append(String.format("\\x%02x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }
}
