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
 * @param idMapping whether what belongs to the source's owner belongs to the job in there
 * @param noSymfollow whether symlinks in it are not followed, by nobody in the job
 */
public record Bind(String source, String target, boolean readOnly, boolean optional, IdMapping idMapping, boolean noSymfollow) {
    /** Checks that all are there. */
    public Bind {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(idMapping, "idMapping");
    }

    /**
     * With ids as on disk, and with symlinks.
     *
     * @param source absolute, as the caller sees it
     * @param target absolute, as the job sees it
     * @param readOnly whether the job may only read
     * @param optional whether a source that is not there is left out instead of being an error
     */
    public Bind(String source, String target, boolean readOnly, boolean optional) {
        this(source, target, readOnly, optional, IdMapping.NONE, false);
    }

    /**
     * The same with its ids mapped: what the job writes there belongs to the owner of the source.
     *
     * @return a bind that is {@link IdMapping#REQUIRED}
     */
    public Bind idMapped() {
        return idMapped(IdMapping.REQUIRED);
    }

    /**
     * The same with its ids mapped or not.
     *
     * @param mapping whether
     * @return a bind
     */
    public Bind idMapped(IdMapping mapping) {
        return new Bind(source, target, readOnly, optional, mapping, noSymfollow);
    }

    /**
     * The same, but symlinks in it lead nowhere.
     *
     * @return a bind
     */
    public Bind withoutSymlinks() {
        return new Bind(source, target, readOnly, optional, idMapping, true);
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
