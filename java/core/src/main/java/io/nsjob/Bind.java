package io.nsjob;

import java.util.Objects;

/**
 * A file or directory of the host that a job sees, with all that is mounted below it. Set-user-id programs and devices in it do
 * not work.
 *
 * @param source absolute, as the caller sees it
 * @param target absolute, as the job sees it
 * @param readOnly whether the job may only read
 * @param optional whether a source that is not there is left out instead of being an error
 */
public record Bind(String source, String target, boolean readOnly, boolean optional) {
    /** Checks that both are there. */
    public Bind {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(target, "target");
    }

    /**
     * A bind that the job may read, at the path that it has on the host.
     *
     * @param path absolute
     * @return a bind
     */
    public static Bind readOnly(String path) {
        return new Bind(path, path, true, false);
    }

    /**
     * A bind that the job may write to, as far as its ids may.
     *
     * @param source absolute, as the caller sees it
     * @param target absolute, as the job sees it
     * @return a bind
     */
    public static Bind writable(String source, String target) {
        return new Bind(source, target, false, false);
    }
}
