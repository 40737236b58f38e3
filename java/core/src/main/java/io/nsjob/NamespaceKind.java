package io.nsjob;

import java.util.Optional;

/** The eight kinds of namespace, in the order in which a report lists them. */
public enum NamespaceKind {
    /** User and group ids, capabilities. */
    USER("user"),
    /** Mount points. */
    MNT("mnt"),
    /** Process ids. */
    PID("pid"),
    /** Network devices, addresses, routes, ports. */
    NET("net"),
    /** System V IPC objects and POSIX message queues. */
    IPC("ipc"),
    /** Host name and domain name. */
    UTS("uts"),
    /** The root of the cgroup tree as a process sees it. */
    CGROUP("cgroup"),
    /** Offsets of the monotonic and boot-time clocks. */
    TIME("time");

    private final String kernelName;

    NamespaceKind(String kernelName) {
        this.kernelName = kernelName;
    }

    /**
     * The name under {@code /proc/PID/ns}.
     *
     * @return such as {@code mnt}
     */
    public String kernelName() {
        return kernelName;
    }

    /**
     * Finds a kind by its kernel name.
     *
     * @param name such as {@code mnt}
     * @return the kind, or empty
     */
    public static Optional<NamespaceKind> ofKernelName(String name) {
        for (NamespaceKind kind : values()) {
            if (kind.kernelName.equals(name)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
