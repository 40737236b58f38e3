package io.nsjob.cli.explain;

import io.nsjob.cli.Console;
import io.nsjob.cli.HelpText;
import io.nsjob.cli.Style;
import io.nsjob.cli.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command line of another tool, read into what {@code nsjob run} takes.
 *
 * @param words options and command for {@code nsjob run}
 * @param spec what has no option and stands in a job spec; empty for most
 * @param notes what was not carried over, or means something else
 */
public record Reading(List<String> words, Map<String, Object> spec, List<String> notes) {
    /** The tools whose lines are read. */
    public static final List<String> TOOLS = List.of("unshare", "nsenter", "ip", "bwrap");

    private static final int INDENT = 2;

    /** Copies the lists. */
    public Reading {
        words = List.copyOf(words);
        notes = List.copyOf(notes);
    }

    /**
     * Reads a line.
     *
     * @param tool one of {@link #TOOLS}
     * @param args what follows its name
     * @param root whether the caller is root
     * @return what it means here
     * @throws UsageException naming the option that is not known
     */
    public static Reading of(String tool, List<String> args, boolean root) throws UsageException {
        return switch (tool) {
            case "unshare" -> new UnshareReader(args, root).read();
            case "nsenter" -> new NsenterReader(args).read();
            case "ip" -> IpReader.read(args);
            case "bwrap" -> new BwrapReader(args, root).read();
            default -> throw new IllegalArgumentException(tool);
        };
    }

    /**
     * Reads a config.json.
     *
     * @param document of an OCI bundle
     * @return what it means here
     * @throws UsageException naming the field that cannot be
     */
    public static Reading ofOci(Map<String, Object> document) throws UsageException {
        return new OciReader(document).read();
    }

    /** The line that runs it. What has no option is in the spec, which is to be saved first. */
    private String line() {
        List<String> line = new ArrayList<>(List.of("nsjob", "run"));
        line.addAll(spec.isEmpty() ? words : List.of("-f", "SPEC.json"));
        return Shell.line(line);
    }

    /**
     * All of it, as JSON.
     *
     * @param full the whole spec
     * @return a tree
     */
    public Map<String, Object> tree(Map<String, Object> full) {
        return Tree.of("spec", full, "line", line(), "notes", notes);
    }

    /**
     * All of it, for people.
     *
     * @param full the whole spec, indented
     * @param style colours or none
     * @param width of a line
     * @return lines
     */
    public String text(String full, Style style, int width) {
        StringBuilder text = new StringBuilder();
        text.append(full).append("\n\n").append(style.bold("$ " + Console.oneLine(line()))).append('\n');
        for (String note : notes) {
            String lead = "- ";
            for (String part : HelpText.wrap(Console.oneLine(note), width - INDENT)) {
                text.append(lead).append(part).append('\n');
                lead = " ".repeat(INDENT);
            }
        }
        return text.toString();
    }
}
