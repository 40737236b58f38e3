package io.nsjob.internal.os;

import io.nsjob.SandboxException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The way of a helper into a network namespace. Without CAP_SYS_ADMIN it leads through the user namespace that owns it, where the
 * one who made that has all capabilities, user_namespaces(7); only an ioctl tells which that is, and only a descriptor stands for it.
 */
public final class NetDoor implements AutoCloseable {
    private static final Path OWN_USER = Path.of("/proc/self/ns/user");
    private static final Path OWN_NET = Path.of("/proc/self/ns/net");

    private static final String NOT_YOURS = "it belongs to a user namespace that is not yours: only its owner, or root, can";

    private final Optional<String> net;
    private final Optional<String> user;
    private final int[] descriptors;

    private NetDoor(Optional<String> net, Optional<String> user, int... descriptors) {
        this.net = net;
        this.user = user;
        this.descriptors = descriptors;
    }

    /**
     * Opens it.
     *
     * @param file of the namespace
     * @param privileged whether this process has CAP_SYS_ADMIN
     * @param name for messages
     * @return to be closed when the helper is in
     * @throws SandboxException when the namespace is gone, or is not the caller's
     */
    public static NetDoor open(Path file, boolean privileged, String name) throws SandboxException {
        try {
            if (inode(file) == inode(OWN_NET)) {
                return new NetDoor(Optional.empty(), Optional.empty());
            }
            return privileged ? new NetDoor(Optional.of(file.toString()), Optional.empty()) : throughItsOwner(file.toString(), name);
        } catch (ErrnoException e) {
            SandboxException failure = new SandboxException(NetnsNames.STAGE, e.syscall(), e.errno(), file.toString(), "cannot enter " + name,
                e.errno() == Libc.EPERM || e.errno() == Libc.EACCES ? NOT_YOURS : "");
            failure.initCause(e);
            throw failure;
        } catch (AccessDeniedException e) {
            throw new SandboxException(NetnsNames.STAGE, "stat", Libc.EACCES, file.toString(), "cannot enter " + name, NOT_YOURS);
        } catch (IOException e) {
            throw new SandboxException(NetnsNames.STAGE, "", Libc.ENOENT, file.toString(), "there is no " + name, "");
        }
    }

    private static NetDoor throughItsOwner(String file, String name) throws IOException {
        int net = Libc.openFile(file, Libc.O_RDONLY | Libc.O_NONBLOCK);
        int user = -1;
        try {
            user = Libc.control(net, Libc.NS_GET_USERNS, null, name);
            if (inode(path(user)) == inode(OWN_USER)) {
                throw new ErrnoException("setns", Libc.EPERM, name);
            }
            NetDoor door = new NetDoor(Optional.of(path(net).toString()), Optional.of(path(user).toString()), net, user);
            net = -1;
            user = -1;
            return door;
        } finally {
            Libc.closeQuietly(net);
            Libc.closeQuietly(user);
        }
    }

    /** As the helper, another process of this user, opens it. */
    private static Path path(int descriptor) {
        return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", Integer.toString(descriptor));
    }

    private static long inode(Path file) throws IOException {
        return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    }

    /**
     * The network namespace.
     *
     * @return a path to join by; empty when this process is in it already
     */
    public Optional<String> net() {
        return net;
    }

    /**
     * The user namespace to join first.
     *
     * @return a path to join by; empty when none is needed
     */
    public Optional<String> user() {
        return user;
    }

    @Override
    public void close() {
        for (int descriptor : descriptors) {
            Libc.closeQuietly(descriptor);
        }
    }
}
