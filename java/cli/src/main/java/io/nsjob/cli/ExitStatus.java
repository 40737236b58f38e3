package io.nsjob.cli;

import io.nsjob.SandboxException;

/** What the process ends with when it is not the job's own status: the numbers of timeout(1) and the shell. */
public final class ExitStatus {
    public static final int OK = 0;
    public static final int FAILED = 125;
    static final int CANNOT_EXECUTE = 126;
    static final int NOT_FOUND = 127;
    static final int SIGNAL_BASE = 128;

    private static final int ENOENT = 2;
    private static final int ENOTDIR = 20;

    private ExitStatus() {}

    static int signal(int number) {
        return SIGNAL_BASE + number;
    }

    /** A command that could not be started has the shell's two numbers, every other failure of the sandbox has one. */
    static int of(SandboxException failure) {
        if (!"exec".equals(failure.stage())) {
            return FAILED;
        }
        return switch (failure.errno()) {
            case 0 -> FAILED;
            case ENOENT, ENOTDIR -> NOT_FOUND;
            default -> CANNOT_EXECUTE;
        };
    }
}
