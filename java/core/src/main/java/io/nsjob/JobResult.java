package io.nsjob;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** How a job ended, with everything that is known about it. */
public interface JobResult {

    /**
     * The job's name.
     *
     * @return as in the spec, or generated
     */
    String name();

    /**
     * How it ended.
     *
     * @return one typed value
     */
    Outcome outcome();

    /**
     * The exit code.
     *
     * @return empty unless the job ended by itself with a code
     */
    default OptionalInt exitCode() {
        return outcome().exitCode();
    }

    /**
     * One number in the manner of shells: the code, 128 + signal, 124 for a timeout, 137 for what nsjob killed for another
     * reason, 125 for a job lost.
     *
     * @return 0 to 255
     */
    int exitStatus();

    /**
     * What it used.
     *
     * @return of the whole tree, once dead
     */
    Usage usage();

    /**
     * The limits that the job ran into, by their names in the spec: {@code wallTime}, {@code cpuTime}, {@code output}, {@code memory}
     * (a process was killed for it), {@code pids} (a fork was refused), {@code cpus} (it had to wait).
     *
     * @return empty where none made a difference, or none that the kernel tells of
     */
    List<String> limitsHit();

    /**
     * What the kernel said about it before its command ran.
     *
     * @return the report, with the stages up to exec
     */
    JobReport report();

    /**
     * Captured standard output.
     *
     * @return a copy; empty when it was not captured
     */
    byte[] stdout();

    /**
     * Captured standard error.
     *
     * @return a copy; empty when it was not captured
     */
    byte[] stderr();

    /**
     * Captured standard output as text.
     *
     * @return decoded as UTF-8, malformed input replaced
     */
    default String stdoutText() {
        return new String(stdout(), StandardCharsets.UTF_8);
    }

    /**
     * Captured standard error as text.
     *
     * @return decoded as UTF-8, malformed input replaced
     */
    default String stderrText() {
        return new String(stderr(), StandardCharsets.UTF_8);
    }

    /**
     * Whether captured output is incomplete: more came than was to be kept, or its end did not come in time.
     *
     * @return true when either stream is
     */
    boolean truncated();

    /**
     * What was collected of the job's results, and what was left out.
     *
     * @return empty when the spec asks for no results
     */
    Optional<Collected> collected();

    /**
     * The results that were collected into memory.
     *
     * @return a copy: their content by their path, as the job saw it, in the order in which they were found
     */
    Map<String, byte[]> files();

    /**
     * This result, if the job succeeded.
     *
     * @return this
     * @throws JobFailedException unless the outcome is {@code exited(0)}
     */
    JobResult orThrow() throws JobFailedException;

    /**
     * The result as one JSON object.
     *
     * @return indented, without the captured output
     */
    String toJson();
}
