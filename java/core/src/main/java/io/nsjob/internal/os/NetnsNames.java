package io.nsjob.internal.os;

import io.nsjob.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Named network namespaces as iproute2 keeps them, ip-netns(8): files in /run/netns on each of which a namespace is mounted. The
 * directory is a shared mount of itself, so that what one process names or deletes is named and deleted in every mount namespace
 * that was copied meanwhile, too.
 */
public final class NetnsNames {
    /** Where they are. */
    public static final String DIRECTORY = "/run/netns";
    /** The stage of a failure. */
    public static final String STAGE = "netns";

    private static final int NAME_MAX = 255;
    /** Who does in there what the lock is for takes far less. */
    private static final long LOCK_MILLIS = 5000, LOCK_LOOK_MILLIS = 20;
    private static final String SELF = "/proc/thread-self/ns/net";

    private NetnsNames() {
    }

    /**
     * One name.
     *
     * @param name the file's
     * @param inode of the namespace, as {@code readlink /proc/PID/ns/net} shows it; 0 where no namespace is mounted on the file any more
     */
    public record Entry(String name, long inode) {
    }

    /**
     * Checks a name.
     *
     * @param name any
     * @return the name
     * @throws IllegalArgumentException when it cannot be a file's, or would break a line of the list
     */
    public static String check(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0
                || name.chars().anyMatch(Character::isISOControl) || !StandardCharsets.UTF_8.newEncoder().canEncode(name)
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
            throw new IllegalArgumentException("not a name for a network namespace: 1 to " + NAME_MAX
                + " bytes, without a slash or control characters, not . or ..");
        }
        return name;
    }

    /**
     * All names.
     *
     * @param root of the tree to look in: {@code /}, or the root link of a process
     * @param mountinfo what is mounted there
     * @return in the order of the directory, as iproute2 lists them; empty where there is none
     */
    public static List<Entry> list(Path root, Path mountinfo) {
        List<String> mounts = ProcText.lines(mountinfo);
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(DIRECTORY.substring(1)))) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                entries.add(new Entry(name, inode(mounts, DIRECTORY + "/" + name)));
            }
        } catch (IOException | DirectoryIteratorException e) {
            // No directory, no names.
            return List.of();
        }
        return entries;
    }

    /**
     * Whether there is no name, for who takes away what holds them: not what is merely not seen.
     *
     * @param root of the tree to look in
     * @return false where one is, also one that stands for nothing any more
     * @throws IOException when that cannot be seen
     */
    public static boolean isEmpty(Path root) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(DIRECTORY.substring(1)))) {
            return !files.iterator().hasNext();
        } catch (NoSuchFileException e) {
            return true;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** A line of mountinfo, proc_pid_mountinfo(5): "36 35 0:4 net:[4026532190] /run/netns/ns1 rw shared:7 - nsfs nsfs rw". */
    private static long inode(List<String> mounts, String path) {
        String escaped = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1).replace("\\", "\\134")
            .replace(" ", "\\040");
        for (String line : mounts) {
            String[] fields = line.split(" ");
            if (fields.length > 4 && fields[4].equals(escaped) && fields[3].matches("net:\\[[0-9]{1,18}\\]")) {
                return Long.parseLong(fields[3].substring("net:[".length(), fields[3].length() - 1));
            }
        }
        return 0;
    }

    /**
     * Makes a namespace and names it. The calling thread stays where it is.
     *
     * @param name checked
     * @param loopback whether lo is brought up
     * @throws SandboxException when the name is taken, or this caller may not
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static void create(String name, boolean loopback) throws SandboxException, InterruptedException {
        String path = DIRECTORY + "/" + name;
        boolean made = false;
        try {
            shareDirectory();
            Libc.closeQuietly(Libc.openFile(path, Libc.O_RDONLY | Libc.O_CREAT | Libc.O_EXCL));
            made = true;
            NamespaceThread.call(() -> {
                Libc.leave(Libc.CLONE_NEWNET, "net");
                if (loopback) {
                    Libc.loopbackUp();
                }
                Libc.mountAt(SELF, path, "", Libc.MS_BIND);
            }, () -> null);
            made = false;
        } catch (ErrnoException e) {
            throw failure(e, e.errno() == Libc.EEXIST ? "there is a network namespace " + name + " already"
                : "cannot make network namespace " + name, e.errno() == Libc.EPERM ? ROOT_HINT : "");
        } catch (SandboxException e) {
            throw e;
        } catch (IOException e) {
            throw new SandboxException(STAGE, "cannot make network namespace " + name + ": " + e.getMessage(), e);
        } catch (RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            if (made) {
                removeQuietly(path);
            }
        }
    }

    private static final String ROOT_HINT = "it takes CAP_SYS_ADMIN here, which this process has in part only; run it as root";

    private static void removeQuietly(String path) {
        try {
            Libc.remove(path);
        } catch (ErrnoException e) {
            Log.debug(NetnsNames.class, "cannot remove " + path, e);
        }
    }

    /**
     * As iproute2 does it, and under the same lock where it matters: two that make it a mount at once would do so twice. Once it is
     * one nobody is waited for, as whoever may open the directory, that is everybody, may hold the lock for ever.
     */
    private static void shareDirectory() throws IOException, InterruptedException, SandboxException {
        try {
            Files.createDirectory(Path.of(DIRECTORY));
        } catch (FileAlreadyExistsException e) {
            // So it mostly is.
        }
        if (isShared()) {
            return;
        }
        int fd = Libc.openFile(DIRECTORY, Libc.O_RDONLY);
        try {
            lock(fd);
            if (!isShared()) {
                Libc.mountAt(DIRECTORY, DIRECTORY, "none", Libc.MS_BIND | Libc.MS_REC);
                Libc.mountAt("", DIRECTORY, "none", Libc.MS_SHARED | Libc.MS_REC);
            }
        } finally {
            Libc.closeQuietly(fd);
        }
    }

    private static void lock(int fd) throws ErrnoException, InterruptedException, SandboxException {
        for (long waited = 0; !Libc.tryLockExclusively(fd, DIRECTORY); waited += LOCK_LOOK_MILLIS) {
            if (waited >= LOCK_MILLIS) {
                throw new SandboxException(STAGE, "flock", Libc.EAGAIN, DIRECTORY, "another process does not let go of the lock of " + DIRECTORY,
                    "\"lsof " + DIRECTORY + "\" shows who has it open");
            }
            Thread.sleep(LOCK_LOOK_MILLIS);
        }
    }

    /** Makes it so when it is a mount already. */
    private static boolean isShared() throws ErrnoException {
        try {
            Libc.mountAt("", DIRECTORY, "none", Libc.MS_SHARED | Libc.MS_REC);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Libc.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Takes a name away. The namespace itself ends with its last process and socket.
     *
     * @param name checked
     * @throws SandboxException when there is no such name, or this caller may not
     */
    public static void delete(String name) throws SandboxException {
        String path = DIRECTORY + "/" + name;
        try {
            try {
                Libc.unmount(path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW);
            } catch (ErrnoException e) {
                // A file alone is what a reboot or a lost mount left: it goes as well.
                if (e.errno() != Libc.EINVAL) {
                    throw e;
                }
            }
            Libc.remove(path);
        } catch (ErrnoException e) {
            throw failure(e, e.errno() == Libc.ENOENT ? "there is no network namespace " + name
                : "cannot delete network namespace " + name, e.errno() == Libc.EPERM ? ROOT_HINT : "");
        }
    }

    /**
     * Whether there is such a name, and what keeps it from being used.
     *
     * @param file of the name
     * @param name for the message
     * @throws SandboxException when there is no such name
     */
    public static void require(Path file, String name) throws SandboxException {
        try {
            Files.readAttributes(file, "unix:ino");
        } catch (NoSuchFileException e) {
            throw new SandboxException(STAGE, "stat", Libc.ENOENT, file.toString(), "there is no network namespace " + name,
                "\"nsjob netns list\" shows which there are");
        } catch (IOException e) {
            throw new SandboxException(STAGE, "cannot use network namespace " + name + ": " + e.getMessage(), e);
        }
    }

    private static SandboxException failure(ErrnoException e, String message, String hint) {
        SandboxException failure = new SandboxException(STAGE, e.syscall(), e.errno(), e.subject(), message, hint);
        failure.initCause(e);
        return failure;
    }
}
