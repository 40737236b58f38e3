package io.nsjob.cli;

import java.util.Collection;

/** "Did you mean": the nearest known word, when one is near enough to be a typing mistake. */
public final class Suggestion {
    private Suggestion() {}

    /** Text to append to a message, empty when nothing is near. */
    public static String didYouMean(String typed, Collection<String> known) {
        String best = nearest(typed, known);
        return best.isEmpty() ? "" : "; did you mean " + best + "?";
    }

    private static String nearest(String typed, Collection<String> known) {
        String best = "";
        int limit = Math.max(1, typed.replace("-", "").length() / 3) + 1;
        for (String word : known) {
            int distance = distance(typed, word);
            if (distance < limit) {
                limit = distance;
                best = word;
            }
        }
        return best;
    }

    /** Damerau-Levenshtein (adjacent swaps count one), by three rolling rows. */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, 1 + Math.min(last[j], row[j - 1]));
                boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
