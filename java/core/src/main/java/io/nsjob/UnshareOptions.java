package io.nsjob;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * What belongs to one process that leaves its namespaces in place. {@link Stdio#stream()} is a pipe whose other end is a stream
 * of {@link UnsharedProcess#asProcess()}, and which somebody has to read, or to feed.
 *
 * @param in standard input: {@code inherit}, {@code discard}, {@code file} or {@code stream}
 * @param out standard output: likewise
 * @param err standard error: likewise
 * @param fork whether the command is a child of the process, as after {@code unshare --fork}: then a new pid namespace, which
 *     only children enter, is its own, and it is pid 1 of it
 * @param killSignal with {@code fork}, the number of the signal that the command gets when the process that waits for it ends
 *     ({@code PR_SET_PDEATHSIG}, prctl(2)); empty: none
 */
public record UnshareOptions(Stdio in, Stdio out, Stdio err, boolean fork, OptionalInt killSignal) {
    private static final UnshareOptions DEFAULTS =
        new UnshareOptions(Stdio.discard(), Stdio.stream(), Stdio.stream(), false, OptionalInt.empty());

    /** Checks that the streams need nobody to pump them, and that only a child is killed. */
    public UnshareOptions {
        requirePlain(in, "standard input");
        requirePlain(out, "standard output");
        requirePlain(err, "standard error");
        if (in instanceof Stdio.File file && file.append()) {
            throw new IllegalArgumentException("standard input cannot be written at its end");
        }
        Objects.requireNonNull(killSignal, "killSignal");
        if (killSignal.isPresent() && (!fork || killSignal.getAsInt() < 1 || killSignal.getAsInt() > 64)) {
            throw new IllegalArgumentException("killSignal is 1 to 64, and for a child: it needs fork");
        }
    }

    private static void requirePlain(Stdio stdio, String what) {
        if (!(stdio instanceof Stdio.Inherit || stdio instanceof Stdio.Discard || stdio instanceof Stdio.File
                || stdio instanceof Stdio.Stream)) {
            throw new IllegalArgumentException(what + " in place is inherit, discard, file or stream, not "
                + (stdio == null ? "null" : stdio.getClass().getSimpleName()));
        }
    }

    /**
     * No input, output and error as streams, no fork.
     *
     * @return the options
     */
    public static UnshareOptions defaults() {
        return DEFAULTS;
    }

    /**
     * All three streams of the JVM, no fork.
     *
     * @return the options
     */
    public static UnshareOptions inherited() {
        return DEFAULTS.withStreams(Stdio.inherit(), Stdio.inherit(), Stdio.inherit());
    }

    /**
     * The same with other streams.
     *
     * @param input standard input
     * @param output standard output
     * @param error standard error
     * @return the options
     */
    public UnshareOptions withStreams(Stdio input, Stdio output, Stdio error) {
        return new UnshareOptions(input, output, error, fork, killSignal);
    }

    /**
     * The same, with the command as a child or in place.
     *
     * @param forks whether to fork
     * @return the options
     */
    public UnshareOptions withFork(boolean forks) {
        return new UnshareOptions(in, out, err, forks, forks ? killSignal : OptionalInt.empty());
    }

    /**
     * The same, with a command that is a child and dies with the process that waits for it.
     *
     * @param signal its number: 9 is KILL
     * @return the options
     */
    public UnshareOptions withKillSignal(int signal) {
        return new UnshareOptions(in, out, err, true, OptionalInt.of(signal));
    }
}
