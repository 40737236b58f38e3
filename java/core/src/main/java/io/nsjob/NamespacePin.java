package io.nsjob;

import io.nsjob.internal.os.PinFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A namespace of a job that is pinned to a file, so that it stays when its last process is gone: a bind mount of
 * {@code /proc/PID/ns/KIND}, namespaces(7). The file can be joined by {@link NamespaceMode#join(String)}, nsenter(1) and
 * {@code ip netns}. A pin is made before the command runs, and taken back when it cannot be run; after that it is nobody's but
 * {@link #remove}'s.
 *
 * <p>Only who may mount can pin: root, or, with {@code inside}, everybody. A mount namespace can be pinned only on a mount
 * that is not shared (mount_namespaces(7)), and a pid namespace, in place, only with {@link UnshareOptions#fork()}.
 *
 * @param kind which of the job's namespaces
 * @param path of a file that is not there yet, or is empty: absolute, without empty, {@code .} or {@code ..} parts
 * @param inside whether the mount is made in the job's own mount namespace, where it is seen only from there, and stays as long
 *     as that does
 */
public record NamespacePin(NamespaceKind kind, String path, boolean inside) {
    /** Checks that nothing is missing. */
    public NamespacePin {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(path, "path");
    }

    /**
     * Lets go of a namespace: unmounts what is pinned to a file, and removes the file. A namespace that nothing else holds, no
     * process and no other pin, is gone then. Takes the rights to unmount: root, or root of the mount namespace that it is in.
     *
     * @param path of a file that a namespace is pinned to, by whomever
     * @throws IOException when none is pinned there, which is left alone then, or when the mount or the file cannot be removed
     */
    public static void remove(Path path) throws IOException {
        PinFiles.remove(Objects.requireNonNull(path, "path"));
    }
}
