package io.nsjob;

/** What a job sees at {@code /}. */
public enum RootKind {
    /** The host's file tree, as it is: what {@link Profile#BARE} has. */
    HOST("host"),
    /**
     * A read-only root of its own: /usr and a few settings of the host, everything else private and empty. What
     * {@link Profile#ISOLATED} has.
     */
    MINIMAL("minimal"),
    /**
     * The host's file tree, read-only, with private directories over those that hold what is the host's own: /tmp, /var/tmp,
     * /run, /dev, /proc, /sys and everybody's home. What {@link Profile#BUILD} has.
     */
    READONLY_HOST("readonly-host"),
    /** A directory with a file tree of its own, see {@link Rootfs}. */
    DIRECTORY("directory");

    private final String jsonName;

    RootKind(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in the job spec.
     *
     * @return such as {@code minimal}
     */
    public String jsonName() {
        return jsonName;
    }
}
