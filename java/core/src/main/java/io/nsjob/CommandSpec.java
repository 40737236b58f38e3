package io.nsjob;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command for a sandbox that is open. Immutable.
 *
 * @param argv the program and its arguments; the program is looked for in the sandbox's PATH
 * @param environment variables to be set beside those of the sandbox
 * @param cwd where to run it, as the sandbox sees it; empty for the sandbox's own working directory
 * @param wallTime how long it may take; empty for what the sandbox's spec says of one command
 */
public record CommandSpec(List<String> argv, Map<String, String> environment, Optional<String> cwd, Optional<Duration> wallTime) {
    /** Copies the collections; the rest is checked when it is run. */
    public CommandSpec {
        argv = List.copyOf(argv);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("no command");
        }
    }

    /**
     * A command with nothing of its own.
     *
     * @param argv the program and its arguments
     * @return the command
     */
    public static CommandSpec of(String... argv) {
        return new CommandSpec(List.of(argv), Map.of(), Optional.empty(), Optional.empty());
    }

    /**
     * The same with a variable more.
     *
     * @param name its name
     * @param value its value
     * @return the command
     */
    public CommandSpec withEnvironment(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(environment);
        more.put(name, value);
        return new CommandSpec(argv, more, cwd, wallTime);
    }

    /**
     * The same elsewhere.
     *
     * @param directory absolute, as the sandbox sees it
     * @return the command
     */
    public CommandSpec withCwd(String directory) {
        return new CommandSpec(argv, environment, Optional.of(directory), wallTime);
    }

    /**
     * The same with another limit of time.
     *
     * @param limit more than zero
     * @return the command
     */
    public CommandSpec withWallTime(Duration limit) {
        return new CommandSpec(argv, environment, cwd, Optional.of(limit));
    }

    /** Names of variables only. */
    @Override
    public String toString() {
        return "CommandSpec[" + argv + ", environment " + environment.keySet() + "]";
    }
}
