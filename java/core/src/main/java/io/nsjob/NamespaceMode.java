package io.nsjob;

import java.util.Objects;
import java.util.OptionalLong;

/** What a job gets of one kind of namespace: the caller's, a new one, or one that exists already. */
public sealed interface NamespaceMode {

    /**
     * The caller's own namespace.
     *
     * @return the mode
     */
    static NamespaceMode inherit() {
        return Inherit.INSTANCE;
    }

    /**
     * A namespace of the job's own.
     *
     * @return the mode
     */
    static NamespaceMode fresh() {
        return New.INSTANCE;
    }

    /**
     * A mount namespace of the job's own, that begins as a copy of another process's: what nsenter(1) with unshare(1) makes.
     * Whatever else of the process the job is to have is joined beside it, its user namespace first of all.
     *
     * @param pid a pid as this JVM sees it
     * @return the mode, for {@link NamespaceKind#MNT} only
     */
    static NamespaceMode copyOf(long pid) {
        return new New(OptionalLong.of(pid));
    }

    /**
     * The namespace that a file stands for, such as {@code /proc/7/ns/net} or {@code /run/netns/blue}. It is a string
     * because a {@code java.nio.Path} cannot hold every name in every locale.
     *
     * @param path absolute
     * @return the mode
     */
    static NamespaceMode join(String path) {
        return new JoinPath(path);
    }

    /**
     * The namespace of a running process.
     *
     * @param pid a pid as this JVM sees it
     * @return the mode
     */
    static NamespaceMode join(long pid) {
        return new JoinPid(pid);
    }

    /** The caller's own namespace. */
    record Inherit() implements NamespaceMode {
        private static final Inherit INSTANCE = new Inherit();
    }

    /**
     * A namespace of the job's own.
     *
     * @param copyOf for a mount namespace the process whose mounts it begins with, as this JVM sees it; empty: the caller
     */
    record New(OptionalLong copyOf) implements NamespaceMode {
        private static final New INSTANCE = new New(OptionalLong.empty());

        /** Checks that it is said. */
        public New {
            Objects.requireNonNull(copyOf, "copyOf");
        }
    }

    /**
     * The namespace that a file stands for.
     *
     * @param path absolute
     */
    record JoinPath(String path) implements NamespaceMode {
        /** Checks that there is a path; its form is checked with the rest of the spec. */
        public JoinPath {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * The namespace of a running process.
     *
     * @param pid a pid as this JVM sees it
     */
    record JoinPid(long pid) implements NamespaceMode {
    }
}
