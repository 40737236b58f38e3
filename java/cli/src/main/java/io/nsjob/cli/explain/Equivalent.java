package io.nsjob.cli.explain;

import java.util.List;
import java.util.Map;

/**
 * How another tool is asked for the same job.
 *
 * @param tool its name
 * @param words the command line; empty where there is none
 * @param document the configuration that the tool reads in place of a command line; empty for most
 * @param misses what the job would not have, or would have otherwise; a reason, where there are neither words nor a document
 */
public record Equivalent(String tool, List<String> words, Map<String, Object> document, List<String> misses) {
    /** Those that can be asked for. */
    public static final List<String> TOOLS = List.of("unshare", "nsenter", "ip-netns", "bwrap", "oci");

    /** Copies the lists. */
    public Equivalent {
        words = List.copyOf(words);
        misses = List.copyOf(misses);
    }

    static Equivalent none(String tool, String why) {
        return new Equivalent(tool, List.of(), Map.of(), List.of(why));
    }

    /**
     * Whether there is one.
     *
     * @return words or a document
     */
    public boolean exists() {
        return !words.isEmpty() || !document.isEmpty();
    }

    /**
     * The command line as a shell takes it.
     *
     * @return quoted words
     */
    public String line() {
        return Shell.line(words);
    }

    /**
     * What it has as JSON.
     *
     * @return a tree
     */
    public Map<String, Object> tree() {
        Map<String, Object> tree = Tree.of("tool", tool, "possible", exists());
        if (!words.isEmpty()) {
            tree.put("line", line());
        }
        if (!document.isEmpty()) {
            tree.put("document", document);
        }
        tree.put("misses", misses);
        return tree;
    }

    /**
     * Makes one.
     *
     * @param tool one of {@link #TOOLS}
     * @param work the job
     * @return it, or why there is none
     */
    public static Equivalent of(String tool, Work work) {
        return switch (tool) {
            case "unshare" -> UnshareForm.of(work);
            case "nsenter" -> NsenterForm.of(work);
            case "ip-netns" -> NsenterForm.ipNetns(work);
            case "bwrap" -> new BwrapForm(work).equivalent();
            case "oci" -> new OciForm(work).equivalent();
            default -> throw new IllegalArgumentException(tool);
        };
    }
}
