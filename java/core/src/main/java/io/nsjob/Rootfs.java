package io.nsjob;

import java.util.Objects;
import java.util.Optional;

/**
 * A directory with a file tree of its own, such as an unpacked image, as the job's root. On it come /proc, /dev, /tmp and /run of the
 * job's own, and a few settings over plain files that are there. Files of an image belong to many users: root's jobs have them all,
 * a user's job only those that the user owns.
 *
 * @param directory absolute, as the caller sees it
 * @param access what the job may do to it
 * @param size bytes of what changes, with {@link Access#OVERLAY}
 * @param inodes files and directories of what changes, with {@link Access#OVERLAY}
 * @param upper where what changes is kept, with {@link Access#OVERLAY_KEPT}: absolute
 */
public record Rootfs(String directory, Access access, long size, long inodes, Optional<String> upper) {
    /** What a throw-away layer holds where nothing is said. */
    public static final long DEFAULT_SIZE = 256L << 20;
    /** How many files a throw-away layer holds where nothing is said. */
    public static final long DEFAULT_INODES = 65536;

    /** What a job may do to it. */
    public enum Access {
        /** Read. */
        READ_ONLY("readOnly"),
        /** Change it for itself: in memory, gone with the job. */
        OVERLAY("overlay"),
        /** Change it for itself and for the next job with the same upper directory. */
        OVERLAY_KEPT("overlayKept"),
        /** Change it. */
        WRITABLE("writable");

        private final String jsonName;

        Access(String jsonName) {
            this.jsonName = jsonName;
        }

        /**
         * The name in the job spec.
         *
         * @return such as {@code overlay}
         */
        public String jsonName() {
            return jsonName;
        }
    }

    /** Checks that all are there. */
    public Rootfs {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(upper, "upper");
    }

    private static Rootfs of(String directory, Access access) {
        return new Rootfs(directory, access, DEFAULT_SIZE, DEFAULT_INODES, Optional.empty());
    }

    /**
     * To be read only.
     *
     * @param directory absolute
     * @return a root
     */
    public static Rootfs readOnly(String directory) {
        return of(directory, Access.READ_ONLY);
    }

    /**
     * With changes in memory.
     *
     * @param directory absolute
     * @return a root
     */
    public static Rootfs overlay(String directory) {
        return of(directory, Access.OVERLAY);
    }

    /**
     * With changes that are kept elsewhere.
     *
     * @param directory absolute
     * @param upper absolute; its directories upper and work are made where they are missing
     * @return a root
     */
    public static Rootfs overlayKept(String directory, String upper) {
        return new Rootfs(directory, Access.OVERLAY_KEPT, DEFAULT_SIZE, DEFAULT_INODES, Optional.of(upper));
    }

    /**
     * To be changed.
     *
     * @param directory absolute
     * @return a root
     */
    public static Rootfs writable(String directory) {
        return of(directory, Access.WRITABLE);
    }

    /**
     * The directory of the host that the job writes to as its files' owner.
     *
     * @return empty when it writes to none
     */
    public Optional<String> written() {
        return access == Access.WRITABLE ? Optional.of(directory) : upper;
    }
}
