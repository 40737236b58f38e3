package io.nsjob;

import java.util.concurrent.CompletableFuture;

/**
 * A process that called unshare(2) and became the command by execve(2), under the pid that it was started with. Nobody
 * supervises it: nothing limits its time or collects its results, what it starts is its own affair, and it outlives this JVM
 * unless somebody ends it. Safe for use by several threads.
 */
public interface UnsharedProcess {

    /**
     * The pid before and after: that of the command, or with {@link UnshareOptions#fork()} that of the process which waits for
     * it, while the command's is {@link JobReport#hostPid()}.
     *
     * @return as this JVM sees it
     */
    long pid();

    /**
     * What was read from the kernel before the command could run. Without fork a new pid namespace has inode 0: the command is
     * not in it, and nobody is before it has a child. The stages end with {@code verify}.
     *
     * @return the report
     */
    JobReport report();

    /**
     * The process itself, with its streams. {@code destroy()} ends it.
     *
     * @return a process of this JVM
     */
    Process asProcess();

    /**
     * The end of the process.
     *
     * @return its exit status, or 128 and the number of the signal that ended it; completing or cancelling it does nothing to
     *     the process
     */
    CompletableFuture<Integer> onExit();
}
