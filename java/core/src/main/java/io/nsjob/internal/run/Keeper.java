package io.nsjob.internal.run;

import io.nsjob.Bind;
import io.nsjob.Driver;
import io.nsjob.IdMaps;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Propagation;
import io.nsjob.SandboxException;
import io.nsjob.Stdio;
import io.nsjob.Tmpfs;
import io.nsjob.UnshareOptions;
import io.nsjob.UnsharedProcess;
import io.nsjob.internal.launch.HelperLocator;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.internal.os.JobFiles;
import io.nsjob.internal.os.NetnsNames;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.os.StateBase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A process of the user's that outlives this JVM and does nothing but hold a user and a mount namespace: in the latter
 * {@code /run/netns} is the user's own, and what is mounted there stays for as long as the process. The user's other processes
 * find it by a file in the private directory, {@code PID STARTTIME PIDNAMESPACE}.
 *
 * @param pid as this JVM sees it
 * @param startTime of it
 */
record Keeper(long pid, long startTime) {
    private static final String RECORD = "netns.keeper";
    private static final String LOCK = "netns.lock";
    private static final long NAMES_BYTES = 1 << 20;
    private static final long RUN_BYTES = 16 << 20;
    private static final Path RUN = Path.of("/run");
    private static final ReentrantLock HERE = new ReentrantLock();
    private static final int EAGAIN = 11;
    /** Far above what a keeper and a launch take on a busy machine: their own limits come first. */
    private static final long ALONE_SECONDS = 60;
    private static final long LOCK_POLL_MILLIS = 10;

    /** The one that runs. */
    static Optional<Keeper> find() {
        return StateBase.existing(HostFacts.real().identity()).stream().map(Keeper::read).flatMap(Optional::stream).findFirst();
    }

    private static Optional<Keeper> read(Path base) {
        try {
            String[] words = Files.readString(base.resolve(RECORD), StandardCharsets.US_ASCII).trim().split(" ");
            Keeper keeper = new Keeper(Long.parseLong(words[0]), Long.parseLong(words[1]));
            boolean seen = Long.parseLong(words[2]) == JobFiles.pidNamespace();
            return seen && keeper.isAlive() ? Optional.of(keeper) : Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private boolean isAlive() {
        OptionalLong now = ProcStat.startTime(proc("stat"));
        return now.isPresent() && now.getAsLong() == startTime;
    }

    private Path proc(String entry) {
        return Path.of("/proc", Long.toString(pid), entry);
    }

    /** Its names. */
    List<NetnsNames.Entry> list() {
        return NetnsNames.list(proc("root"), proc("mountinfo"));
    }

    /** The file of a name, as other processes of the user reach it. */
    Path file(String name) {
        return proc("root").resolve(NetnsNames.DIRECTORY.substring(1)).resolve(name);
    }

    /** Two at once would start two of them, or one would end it just when another adds a name. */
    static <T> T alone(Callable<T> work) throws SandboxException, InterruptedException {
        return alone(work, ALONE_SECONDS, TimeUnit.SECONDS);
    }

    /** The same, for a time that is not always what others take. */
    static <T> T alone(Callable<T> work, long time, TimeUnit unit) throws SandboxException, InterruptedException {
        long until = System.nanoTime() + unit.toNanos(time);
        // A lock of fcntl(2) is the process's: for threads of this one it takes another.
        if (!HERE.tryLock(time, unit)) {
            throw busy("another thread has been");
        }
        try {
            Path base = StateBase.require(HostFacts.real().identity());
            try (FileChannel file = FileChannel.open(base.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = lock(file, until)) {
                if (lock == null) {
                    throw busy("another process has been, with a lock on " + base.resolve(LOCK));
                }
                return work.call();
            }
        } catch (SandboxException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new SandboxException(NetnsNames.STAGE, "cannot reach this user's network namespaces: " + e.getMessage(), e);
        } finally {
            HERE.unlock();
        }
    }

    private static SandboxException busy(String who) {
        return new SandboxException(NetnsNames.STAGE, "fcntl", EAGAIN, "", who + ", changing this user's network namespaces for too long", "");
    }

    /** No lock that is waited for can be given up after a time: it is asked for again and again, and null is returned at the end. */
    private static FileLock lock(FileChannel file, long until) throws IOException, InterruptedException {
        FileLock lock = file.tryLock();
        while (lock == null && System.nanoTime() - until < 0) {
            Thread.sleep(LOCK_POLL_MILLIS);
            lock = file.tryLock();
        }
        return lock;
    }

    /** Starts one; to be called alone. */
    static Keeper start() throws IOException, InterruptedException {
        Identity identity = HostFacts.real().identity();
        Path base = StateBase.require(identity);
        try (Launcher launcher = Launcher.open(Driver.PER_JOB)) {
            UnsharedProcess process = launcher.unshare(spec(HelperLocator.locate(identity.uid())),
                UnshareOptions.defaults().withStreams(Stdio.stream(), Stdio.discard(), Stdio.discard()));
            // Until it hears that it can be found it ends with this JVM, and with this block: nobody would ever find it.
            try (OutputStream lifeline = process.asProcess().getOutputStream()) {
                Keeper keeper = new Keeper(process.pid(),
                    ProcStat.startTime(Path.of("/proc", Long.toString(process.pid()), "stat")).orElse(0));
                Path file = Files.createTempFile(base, RECORD, ".tmp", PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, keeper.pid + " " + keeper.startTime + " " + JobFiles.pidNamespace() + "\n");
                Files.move(file, base.resolve(RECORD), StandardCopyOption.ATOMIC_MOVE);
                lifeline.write('\n');
                return keeper;
            }
        }
    }

    /** What is shared in it is the host's no more, as it is in another user namespace, but that of those who copy its mounts. */
    private static JobSpec spec(Path helper) {
        JobSpec.Builder spec = JobSpec.bare(NamespaceKind.USER, NamespaceKind.MNT, NamespaceKind.NET).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .propagation(Propagation.SHARED).clearEnvironment(true).cwd("/").newSession(true).loopback(true)
            .command(helper.toString(), "--keep");
        if (!Files.isDirectory(Path.of(NetnsNames.DIRECTORY))) {
            // Nobody but root makes a directory there: a /run of its own, with all that is in the host's.
            spec.tmpfs(new Tmpfs(RUN.toString(), RUN_BYTES));
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(RUN)) {
                for (Path entry : entries) {
                    if (Files.isReadable(entry) && !Files.isSymbolicLink(entry)) {
                        spec.bind(new Bind(entry.toString(), entry.toString(), false, true));
                    }
                }
            } catch (IOException e) {
                // Then it is empty, for this user.
                spec.loopback(true);
            }
        }
        return spec.tmpfs(new Tmpfs(NetnsNames.DIRECTORY, NAMES_BYTES)).build();
    }

    /** What a job joins to be in its world. */
    JobSpec.Builder world() {
        return JobSpec.bare().namespace(NamespaceKind.USER, NamespaceMode.join(pid)).namespace(NamespaceKind.MNT, NamespaceMode.join(pid));
    }

    /** Ends it when it holds no name any more; to be called alone. */
    void endUnlessNeeded() throws IOException, InterruptedException {
        if (isAlive() && !NetnsNames.isEmpty(proc("root"))) {
            return;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(handle -> isAlive());
        if (process.isPresent() && process.get().destroyForcibly()) {
            try {
                process.get().onExit().get(5, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
                throw new IOException("the process that held them does not end", e);
            }
        }
        forget();
    }

    private static void forget() throws IOException {
        for (Path base : StateBase.existing(HostFacts.real().identity())) {
            Files.deleteIfExists(base.resolve(RECORD));
        }
    }

    /** What a reboot or a kill left: a record of nobody, or somebody without a name. */
    static List<String> sweep() {
        List<Path> records = StateBase.existing(HostFacts.real().identity()).stream().map(base -> base.resolve(RECORD)).filter(Files::exists).toList();
        if (records.isEmpty()) {
            return List.of();
        }
        try {
            return alone(() -> {
                Optional<Keeper> alive = find();
                if (alive.isPresent()) {
                    alive.get().endUnlessNeeded();
                } else {
                    forget();
                }
                return records.stream().filter(record -> !Files.exists(record)).map(Path::toString).toList();
            });
        } catch (SandboxException e) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }
}
