package io.nsjob;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A command for a sandbox that is open. Immutable. What is empty is as the sandbox's spec says.
 *
 * @param argv the program and its arguments; the program is looked for in the sandbox's PATH
 * @param environment variables to be set beside those of the sandbox
 * @param cwd where to run it, as the sandbox sees it; empty for the sandbox's own working directory
 * @param wallTime how long it may take
 * @param cpuTime how much processor time all its processes together may use
 * @param outputLimit how many bytes of each captured stream are kept
 * @param outputAction what becomes of it when it writes more
 * @param rlimits limits of each of its processes, not above those of the sandbox
 */
public record CommandSpec(List<String> argv, Map<String, String> environment, Optional<String> cwd, Optional<Duration> wallTime,
        Optional<Duration> cpuTime, OptionalLong outputLimit, Optional<OutputAction> outputAction, Map<Rlimit, ResourceLimit> rlimits) {
    /** Copies the collections; the rest is checked when it is run. */
    public CommandSpec {
        argv = List.copyOf(argv);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        rlimits = Collections.unmodifiableMap(new LinkedHashMap<>(rlimits));
        Objects.requireNonNull(cwd, "cwd");
        Objects.requireNonNull(wallTime, "wallTime");
        Objects.requireNonNull(cpuTime, "cpuTime");
        Objects.requireNonNull(outputLimit, "outputLimit");
        Objects.requireNonNull(outputAction, "outputAction");
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
        return of(List.of(argv));
    }

    /**
     * A command with nothing of its own.
     *
     * @param argv the program and its arguments
     * @return the command
     */
    public static CommandSpec of(List<String> argv) {
        return new CommandSpec(argv, Map.of(), Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(),
            Optional.empty(), Map.of());
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
        return new CommandSpec(argv, more, cwd, wallTime, cpuTime, outputLimit, outputAction, rlimits);
    }

    /**
     * The same elsewhere.
     *
     * @param directory absolute, as the sandbox sees it
     * @return the command
     */
    public CommandSpec withCwd(String directory) {
        return new CommandSpec(argv, environment, Optional.of(directory), wallTime, cpuTime, outputLimit, outputAction, rlimits);
    }

    /**
     * The same with another limit of time.
     *
     * @param limit more than zero
     * @return the command
     */
    public CommandSpec withWallTime(Duration limit) {
        return new CommandSpec(argv, environment, cwd, Optional.of(limit), cpuTime, outputLimit, outputAction, rlimits);
    }

    /**
     * The same with another limit of processor time.
     *
     * @param limit more than zero
     * @return the command
     */
    public CommandSpec withCpuTime(Duration limit) {
        return new CommandSpec(argv, environment, cwd, wallTime, Optional.of(limit), outputLimit, outputAction, rlimits);
    }

    /**
     * The same with another limit of output.
     *
     * @param bytes of each captured stream that are kept
     * @param action what becomes of it when it writes more
     * @return the command
     */
    public CommandSpec withOutputLimit(long bytes, OutputAction action) {
        return new CommandSpec(argv, environment, cwd, wallTime, cpuTime, OptionalLong.of(bytes), Optional.of(action), rlimits);
    }

    /**
     * The same with another limit of each process.
     *
     * @param name which
     * @param limit soft and hard, the latter not above that of the sandbox
     * @return the command
     */
    public CommandSpec withRlimit(Rlimit name, ResourceLimit limit) {
        Map<Rlimit, ResourceLimit> more = new LinkedHashMap<>(rlimits);
        more.put(name, limit);
        return new CommandSpec(argv, environment, cwd, wallTime, cpuTime, outputLimit, outputAction, more);
    }

    /** Names of variables only. */
    @Override
    public String toString() {
        return "CommandSpec[" + argv + ", environment " + environment.keySet() + "]";
    }
}
