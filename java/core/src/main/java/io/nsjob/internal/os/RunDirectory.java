package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This JVM's directory for sockets, {@code BASE/run/PID-STARTTIME}, with a lock that ends with the JVM however it ends:
 * a directory whose lock is free may be swept. All launchers of a JVM share one, as closing any descriptor of a file gives
 * up this process's fcntl locks on it.
 */
public final class RunDirectory {
    private static final Map<Path, RunDirectory> OPEN = new HashMap<>();
    /** Of the whole JVM: a name that comes again would be that of somebody who is still being woken up by a connection to it. */
    private static final AtomicLong SOCKETS = new AtomicLong();
    private static final int TRIES = 100;
    private static final String OWN_NAME = ProcessHandle.current().pid() + "-" + ProcStat.startTime(Path.of("/proc/self/stat")).orElse(0);

    private final Path base;
    private final long uid;
    private final Path directory;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final Thread atExit = new Thread("nsjob-run-directory") {
        @Override
        public void run() {
            delete();
        }
    };
    private int users;
    /** Where blocks of ids are locked, once it was made or checked: in a directory of ours, nobody else puts another there. */
    private volatile Path ids;

    private RunDirectory(Path base, long uid, Path directory, FileChannel lockFile, FileLock lock) {
        this.base = base;
        this.uid = uid;
        this.directory = directory;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Opens the directory, or shares the one that is open.
     *
     * @param base a private directory
     * @param uid its owner
     * @return to be released
     * @throws IOException when it cannot be made
     */
    public static RunDirectory acquire(Path base, long uid) throws IOException {
        synchronized (OPEN) {
            RunDirectory open = OPEN.get(base);
            if (open == null) {
                open = create(base, uid);
                OPEN.put(base, open);
                Runtime.getRuntime().addShutdownHook(open.atExit);
            }
            open.users++;
            return open;
        }
    }

    private static RunDirectory create(Path base, long uid) throws IOException {
        Path runs = PrivateDirectory.require(base.resolve("run"), uid);
        String name = ownName();
        for (int i = 0; i < TRIES; i++) {
            Path directory = runs.resolve(i == 0 ? name : name + "-" + i);
            try {
                Files.createDirectory(directory,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // Of a JVM with the same pid, in another pid namespace or before a reboot.
                continue;
            }
            FileChannel file = FileChannel.open(directory.resolve(Sweeper.LOCK), StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE);
            FileLock lock = file.tryLock();
            if (lock != null && Files.exists(directory.resolve(Sweeper.LOCK))) {
                return new RunDirectory(base, uid, directory, file, lock);
            }
            // A sweeper was between us and the lock.
            file.close();
        }
        throw new IOException("no run directory of its own in " + runs);
    }

    static String ownName() {
        return OWN_NAME;
    }

    /**
     * Whether a directory is this JVM's: its lock must not even be looked at.
     *
     * @param path a run directory
     * @return whether
     */
    static boolean isOpenHere(Path path) {
        synchronized (OPEN) {
            for (RunDirectory open : OPEN.values()) {
                if (open.directory.equals(path)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * The private directory that it is in.
     *
     * @return as it was acquired
     */
    public Path base() {
        return base;
    }

    /**
     * A path for one more socket.
     *
     * @return nothing is there
     */
    public Path newSocket() {
        return directory.resolve(SOCKETS.incrementAndGet() + ".sock");
    }

    /**
     * Where blocks of ids are locked.
     *
     * @return made when it is first asked for
     * @throws IOException when it cannot be made
     */
    public Path idDirectory() throws IOException {
        Path known = ids;
        if (known == null || !Files.isDirectory(known, LinkOption.NOFOLLOW_LINKS)) {
            known = PrivateDirectory.require(base.resolve(Sweeper.IDS), uid);
            ids = known;
        }
        return known;
    }

    /** Gives it back; the last one removes it. */
    public void release() {
        synchronized (OPEN) {
            users--;
            if (users > 0) {
                return;
            }
            OPEN.remove(base);
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException e) {
                // The JVM is ending; the hook does it.
                return;
            }
            delete();
        }
    }

    private void delete() {
        Sweeper.deleteRun(directory);
        try {
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            // The kernel closes it with the process.
            Log.debug(RunDirectory.class, "lock file", e);
        }
    }
}
