package io.nsjob.cli.demo;

import java.util.List;

/**
 * A step as it went, for who shows it. All texts are filled in and in the reader's language, but for commands and output.
 *
 * @param id of the step
 * @param session where it ran
 * @param prompt # where the session is root, else $; empty for what is no command
 * @param command as shown
 * @param output what came of it
 * @param say what is told before
 * @param look what to look at
 * @param claims what was checked
 * @param millis how long it took
 */
record StepRun(String id, String session, String prompt, String command, Output output, String say, String look, List<Claim> claims,
        long millis) {
    boolean host() {
        return session.equals(Demo.HOST);
    }

    boolean passed() {
        return claims.stream().allMatch(Claim::passed);
    }

    /**
     * A check that was looked at.
     *
     * @param proves the isolations it proves
     * @param text what is claimed
     * @param passed whether it holds
     * @param found in English, what was found
     */
    record Claim(List<String> proves, String text, boolean passed, String found) {}
}
