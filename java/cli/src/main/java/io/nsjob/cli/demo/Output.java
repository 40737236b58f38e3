package io.nsjob.cli.demo;

/**
 * What a step left.
 *
 * @param out standard output
 * @param err standard error
 * @param status exit status, -1 where there is none
 * @param problem why there is none; else empty
 */
record Output(String out, String err, int status, String problem) {
    static Output failed(String problem) {
        return new Output("", "", -1, problem);
    }

    static Output of(String out) {
        return new Output(out, "", 0, "");
    }

    /** Standard output as command substitution has it: without the line breaks at its end. */
    String value() {
        return strip(out);
    }

    static String strip(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '\n') {
            end--;
        }
        return text.substring(0, end);
    }
}
