package io.nsjob;

import io.nsjob.internal.wire.ErrorJson;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/** The sandbox could not be made, or the command not be executed in it. A command that ran and failed is a result instead. */
public class SandboxException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String stage;
    private final String syscall;
    private final int errno;
    private final String subject;
    private final String hint;
    private String job = "";

    /**
     * A failure with everything the helper said about it.
     *
     * @param stage the stage of the launch that failed
     * @param syscall the system call that failed, or empty
     * @param errno its error number, or 0
     * @param subject what it was about, such as a path, or empty
     * @param message one line for people
     * @param hint what to do about it, or empty
     */
    public SandboxException(String stage, String syscall, int errno, String subject, String message, String hint) {
        super(Objects.requireNonNull(message, "message"));
        this.stage = Objects.requireNonNull(stage, "stage");
        this.syscall = Objects.requireNonNull(syscall, "syscall");
        this.errno = errno;
        this.subject = Objects.requireNonNull(subject, "subject");
        this.hint = Objects.requireNonNull(hint, "hint");
    }

    /**
     * A failure on this side of the wire.
     *
     * @param stage the stage of the launch that failed
     * @param message one line for people
     * @param cause what led to it
     */
    public SandboxException(String stage, String message, Throwable cause) {
        this(stage, "", 0, "", message, "");
        initCause(cause);
    }

    /**
     * The stage of the launch that failed, such as {@code clone}, {@code exec} or {@code protocol}.
     *
     * @return a name
     */
    public String stage() {
        return stage;
    }

    /**
     * The system call that failed.
     *
     * @return its name, or empty
     */
    public String syscall() {
        return syscall;
    }

    /**
     * The error number of the system call.
     *
     * @return such as 2 for ENOENT, or 0
     */
    public int errno() {
        return errno;
    }

    /**
     * What the failure was about.
     *
     * @return such as a path, or empty
     */
    public String subject() {
        return subject;
    }

    /**
     * What to do about it.
     *
     * @return one line for people, or empty
     */
    public Optional<String> hint() {
        return hint.isEmpty() ? Optional.empty() : Optional.of(hint);
    }

    /**
     * The name of the job that was to be started.
     *
     * @return a name, or empty when it was not about one job
     */
    public String job() {
        return job;
    }

    /**
     * Says which job this is about.
     *
     * @param name the job's name
     * @return this
     */
    public SandboxException about(String name) {
        job = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * The failure as one JSON object with {@code job} and {@code error}.
     *
     * @return indented
     */
    public String toJson() {
        return ErrorJson.write(this);
    }
}
