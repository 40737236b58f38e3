package io.nsjob;

import java.util.Objects;
import java.util.Optional;

/**
 * What belongs to one start of a job and not to its description: its standard streams, and whether it is held. With a
 * terminal, input and output are what is typed on it and what it shows, and error output is not used.
 *
 * @param in standard input
 * @param out standard output; empty captures it, up to the spec's output limit or 8 MiB
 * @param err standard error; likewise
 * @param hold whether the job waits, all set up, for {@link Job#release()} before it runs its command
 */
public record StartOptions(Stdio in, Optional<Stdio> out, Optional<Stdio> err, boolean hold) {
    private static final StartOptions DEFAULTS =
        new StartOptions(Stdio.discard(), Optional.empty(), Optional.empty(), false);

    /** Checks that each stream goes the right way. */
    public StartOptions {
        Objects.requireNonNull(in, "in");
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
        if (in instanceof Stdio.Capture || in instanceof Stdio.Lines || in instanceof Stdio.File file && file.append()) {
            throw new IllegalArgumentException("standard input cannot be " + in);
        }
        if (out.orElse(null) instanceof Stdio.Bytes || err.orElse(null) instanceof Stdio.Bytes) {
            throw new IllegalArgumentException("output cannot be " + Stdio.Bytes.class.getSimpleName());
        }
    }

    /**
     * Empty input, output and error captured, not held.
     *
     * @return the options
     */
    public static StartOptions defaults() {
        return DEFAULTS;
    }

    /**
     * As {@link #defaults()}, but held.
     *
     * @return the options
     */
    public static StartOptions held() {
        return DEFAULTS.withHold(true);
    }

    /**
     * All three streams of the JVM.
     *
     * @return the options
     */
    public static StartOptions inherited() {
        return DEFAULTS.withIn(Stdio.inherit()).withOut(Stdio.inherit()).withErr(Stdio.inherit());
    }

    /**
     * For a job with a terminal that this JVM looks at and types to: a live stream each way.
     *
     * @return the options, for a spec with {@link JobSpec.Builder#terminal}
     */
    public static StartOptions terminal() {
        return DEFAULTS.withIn(Stdio.stream()).withOut(Stdio.stream());
    }

    /**
     * The same with another input.
     *
     * @param stdio the input
     * @return the options
     */
    public StartOptions withIn(Stdio stdio) {
        return new StartOptions(stdio, out, err, hold);
    }

    /**
     * The same with another output.
     *
     * @param stdio the output
     * @return the options
     */
    public StartOptions withOut(Stdio stdio) {
        return new StartOptions(in, Optional.of(stdio), err, hold);
    }

    /**
     * The same with another error output.
     *
     * @param stdio the error output
     * @return the options
     */
    public StartOptions withErr(Stdio stdio) {
        return new StartOptions(in, out, Optional.of(stdio), hold);
    }

    /**
     * The same, held or not.
     *
     * @param held whether to wait for {@link Job#release()}
     * @return the options
     */
    public StartOptions withHold(boolean held) {
        return new StartOptions(in, out, err, held);
    }
}
