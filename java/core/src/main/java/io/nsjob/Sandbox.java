package io.nsjob;

/**
 * A world that is kept: namespaces, mounts, control groups and files of a job in which nothing runs but what is started there.
 * Its commands see each other and each other's files. Every command has the ids, the capabilities, the system call filter and the
 * limits of the sandbox's spec. A command that kills all processes it can ends the sandbox too. All methods may be called from any
 * thread.
 */
public interface Sandbox extends AutoCloseable {

    /**
     * The sandbox's name.
     *
     * @return as in its spec, or generated
     */
    String name();

    /**
     * What the kernel said about the world.
     *
     * @return the report of the process that holds it
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
    default JobResult exec(String... command) throws SandboxException, InterruptedException {
        return exec(CommandSpec.of(command), StartOptions.defaults());
    }

    /**
     * Runs a command and waits for its end.
     *
     * @param command what to run
     * @param options streams; a held command cannot be waited for, as nobody could release it
     * @return how it ended
     * @throws InvalidSpecException when the command has a part that cannot be
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    default JobResult exec(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException {
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
     * @return the running command, to be closed; closing the sandbox ends it too
     * @throws InvalidSpecException when the command has a part that cannot be
     * @throws SandboxException when the sandbox has ended, or the command cannot be executed
     * @throws InterruptedException when this thread was interrupted; the command has been killed and reaped
     */
    Job start(CommandSpec command, StartOptions options) throws SandboxException, InterruptedException;

    /** Kills all that runs in the world, waits until it is reaped, and gives the world up. Closing it again does nothing. */
    @Override
    void close();
}
