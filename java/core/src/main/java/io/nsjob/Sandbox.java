package io.nsjob;

/**
 * A world that is kept: namespaces, mounts, control groups and files of a job in which nothing runs but what is started there.
 * Its commands see each other and each other's files. Every command has the ids, the capabilities, the system call filter and the
 * limits of the sandbox's spec. Over {@link Driver#RESIDENT} they also share its session keyring and its Landlock domain: a key that one
 * leaves there is there for the next, and signals and abstract sockets pass between them, until {@link #reset}; over
 * {@link Driver#PER_JOB}, and where the sandbox's process that starts commands was killed, each has its own. A command that kills all
 * processes it can ends the sandbox too. All methods may be called from any thread, also a virtual one, and any number of commands may
 * run at once.
 */
public interface Sandbox extends AutoCloseable {

    /**
     * The sandbox's name.
     *
     * @return as in its spec, or generated; a reset does not change it
     */
    String name();

    /**
     * What the kernel said about the world.
     *
     * @return the report of the process that holds it; after a reset, of the new one
     */
    JobReport report();

    /**
     * Whether the world is still there.
     *
     * @return false once it is closed, or was ended from inside
     */
    boolean isOpen();

    /**
     * Runs a command and waits for its end. Its output is captured.
     *
     * @param command the program and its arguments
     * @return how it ended
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    default JobResult run(String... command) throws SandboxException, InterruptedException {
        return run(CommandSpec.of(command), StartOptions.defaults());
    }

    /**
     * Runs a command and waits for its end. Its output is captured.
     *
     * @param command what to run
     * @return how it ended
     * @throws InvalidSpecException when the command has a part that cannot be
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    default JobResult run(CommandSpec command) throws SandboxException, InterruptedException {
        return run(command, StartOptions.defaults());
    }

    /**
     * Runs a command and waits for its end.
     *
     * @param command what to run
     * @param options streams; a held command cannot be waited for, as nobody could release it
     * @return how it ended: cancelled where the sandbox was closed or reset while it ran. One that had not begun when a reset came
     *     is run in the world after it
     * @throws InvalidSpecException when the command has a part that cannot be
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed: it has not run then, unless the message
     *     says that nobody had told
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    default JobResult run(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
        if (options.hold()) {
            throw new IllegalArgumentException("a held command cannot be waited for: nobody could release it");
        }
        try (Job job = start(command, options)) {
            return job.await();
        }
    }

    /**
     * Starts a command.
     *
     * @param command what to run
     * @param options streams, and whether to hold it
     * @return the running command, to be closed; a reset, or the end of the sandbox, ends it too
     * @throws InvalidSpecException when the command has a part that cannot be
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException;

    /**
     * Kills all that runs, gives the world up and makes it anew from its spec, so that nothing of what has run is seen by what runs
     * next: no process, file in memory, name, key, queue, counter, mount or connection, as all of them were the old world's. What is
     * outside of it stays: what was written to a bind of the host's, or to an overlay or root that keeps its changes.
     *
     * <p>A command that is started meanwhile waits for the new world. A sandbox that was ended from inside is there again afterwards.
     * When a reset fails, or is interrupted, the sandbox is closed, and nothing is left of it.
     *
     * @throws InvalidSpecException when the spec cannot be any more what it could be before, such as for a directory that is gone
     * @throws SandboxException when the world could not be made anew, or the sandbox is closed, or was meanwhile
     * @throws InterruptedException when this thread was interrupted
     */
    void reset() throws SandboxException, InterruptedException;

    /** Kills all that runs in the world, waits until it is reaped, and gives the world up. Closing it again does nothing. */
    @Override
    void close();
}
