package io.nsjob.cli;

import io.nsjob.SandboxException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Failures in one line. */
public final class Failure {
    private Failure() {}

    /** {@code stage: message: subject: errno text (hint)}; parts that are empty, or said already, leave no trace. */
    public static String describe(SandboxException e) {
        String message = e.getMessage();
        StringBuilder line = new StringBuilder(e.stage()).append(": ").append(message);
        if (!e.subject().isEmpty() && !message.contains(e.subject())) {
            line.append(": ").append(e.subject());
        }
        if (e.errno() != 0 && !message.contains(ErrnoText.of(e.errno()))) {
            line.append(": ").append(ErrnoText.of(e.errno()));
        }
        return line.append(e.hint().map(hint -> " (" + hint + ")").orElse("")).toString();
    }

    public static String describe(Throwable e) {
        if (e instanceof IOException io) {
            return describe(io);
        }
        String message = e.getMessage();
        // Not a failure of the user's: the class name is what a report of the mistake needs.
        return "internal: " + e.getClass().getSimpleName() + (message == null ? "" : ": " + message) + " (--debug shows more)";
    }

    /** Messages of java.nio.file hold the path alone. */
    public static String describe(IOException e) {
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": No such file or directory";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": Permission denied";
        }
        if (e instanceof FileSystemException other && other.getReason() != null) {
            return other.getFile() + ": " + other.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
