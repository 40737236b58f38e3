package io.nsjob.cli.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Words as a POSIX shell takes them. */
final class Shell {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    /** A variable that the shell is to put in: ours alone, made by {@link #variable}. */
    private static final Pattern VARIABLE = Pattern.compile("\u0000([A-Za-z_][A-Za-z0-9_]*)\u0000");

    private Shell() {}

    /** A word that stands for the value of a variable, as values are not shown. A NUL cannot be in any word of a command. */
    static String variable(String name) {
        return "\u0000" + name + "\u0000";
    }

    static boolean canBeVariable(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]*");
    }

    static String line(List<String> words) {
        List<String> quoted = new ArrayList<>();
        words.forEach(word -> quoted.add(quote(word)));
        return String.join(" ", quoted);
    }

    static String quote(String word) {
        if (VARIABLE.matcher(word).matches()) {
            return "\"$" + word.substring(1, word.length() - 1) + "\"";
        }
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
