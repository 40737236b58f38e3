package io.nsjob;

import io.nsjob.internal.os.Libc;
import io.nsjob.internal.os.NamespaceThread;
import io.nsjob.internal.os.NetnsNames;
import io.nsjob.internal.os.ProcStat;
import io.nsjob.internal.os.ErrnoException;
import io.nsjob.internal.run.NetnsHome;
import io.nsjob.internal.run.RelayedSockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/**
 * A network namespace that is there, network_namespaces(7): by its name, by a file or by a process. Nothing is opened before it
 * is used, so it may be gone by then, which is a {@link SandboxException} of stage {@code netns}.
 *
 * <p>Names are those of {@code ip netns}, in {@code /run/netns}, for who has CAP_SYS_ADMIN, and for everybody else names of the
 * user's own: see ip-netns(8), which {@code nsjob netns} follows. All methods may be called from any thread.
 */
public final class NetNamespace {
    private static final String HINT_CALL = "a thread may enter another network namespace with CAP_SYS_ADMIN only, that is, as root:"
        + " listen() and connect() are for the owner of the namespace, too";

    private final String name;
    private final Path file;
    /** When the process behind the file started; 0 where there is none. */
    private final long startTime;

    private NetNamespace(String name, Path file, long startTime) {
        this.name = name;
        this.file = file;
        this.startTime = startTime;
    }

    /**
     * One that has a name.
     *
     * @param name as in {@link #list}
     * @return the namespace
     * @throws IllegalArgumentException when that cannot be a name: empty, with a slash or a control character, . or ..
     */
    public static NetNamespace named(String name) {
        NetnsNames.check(name);
        return new NetNamespace(name, NetnsHome.ofThisCaller().file(name), 0);
    }

    /**
     * The one that a file stands for.
     *
     * @param file such as {@code /proc/7/ns/net}, or one that a namespace is mounted on
     * @return the namespace
     */
    public static NetNamespace of(Path file) {
        return new NetNamespace("", file.toAbsolutePath(), 0);
    }

    /**
     * That of a running process.
     *
     * @param pid as this JVM sees it; a later process with the same pid is not taken for it
     * @return the namespace
     * @throws IllegalArgumentException when there is no such process
     */
    public static NetNamespace of(long pid) {
        Path process = Path.of("/proc", Long.toString(pid));
        long started = ProcStat.startTime(process.resolve("stat"))
            .orElseThrow(() -> new IllegalArgumentException("there is no process " + pid));
        return new NetNamespace("", process.resolve("ns/net"), started);
    }

    /**
     * That of a job which runs, or is held.
     *
     * @param job any, with or without a network of its own
     * @return the namespace
     * @throws IllegalArgumentException when it has ended
     */
    public static NetNamespace of(Job job) {
        return of(job.report().hostPid());
    }

    /**
     * All that have a name.
     *
     * @return in the order of the directory, which is that of {@code ip netns list}: mostly the newest first
     */
    public static List<NetNamespace> list() {
        NetnsHome home = NetnsHome.ofThisCaller();
        return home.list().stream().map(entry -> new NetNamespace(entry.name(), home.file(entry.name()), 0)).toList();
    }

    /**
     * Makes one with a name. Its loopback interface is down, as {@code ip netns add} leaves it.
     *
     * @param name a new one
     * @return the namespace; it is there until {@link #delete} and the end of whatever is in it
     * @throws IllegalArgumentException when that cannot be a name
     * @throws SandboxException when the name is taken, or it cannot be made
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static NetNamespace create(String name) throws SandboxException, InterruptedException {
        return create(name, false);
    }

    /**
     * Makes one with a name.
     *
     * @param name a new one
     * @param loopback whether lo is brought up
     * @return the namespace; it is there until {@link #delete} and the end of whatever is in it
     * @throws IllegalArgumentException when that cannot be a name
     * @throws SandboxException when the name is taken, or it cannot be made
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static NetNamespace create(String name, boolean loopback) throws SandboxException, InterruptedException {
        NetnsHome.ofThisCaller().create(NetnsNames.check(name), loopback);
        return named(name);
    }

    /**
     * Takes a name away. The namespace ends with the last process and socket in it, its interfaces with it.
     *
     * @param name of one that is there
     * @throws IllegalArgumentException when that cannot be a name
     * @throws SandboxException when there is no such name, or this caller may not
     * @throws InterruptedException when the calling thread was interrupted
     */
    public static void delete(String name) throws SandboxException, InterruptedException {
        NetnsHome.ofThisCaller().delete(NetnsNames.check(name));
    }

    /**
     * Its name.
     *
     * @return empty when it was found otherwise
     */
    public Optional<String> name() {
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    /**
     * The file that stands for it.
     *
     * @return to be opened, or joined by {@link NamespaceMode#join(String)}
     */
    public Path file() {
        return file;
    }

    /**
     * Its number, as {@code readlink /proc/PID/ns/net} shows it.
     *
     * @return empty when it is gone, or a name whose file is there and stands for nothing any more
     */
    public OptionalLong inode() {
        try {
            boolean isNamespace = startTime > 0 || name.isEmpty()
                || NetnsHome.ofThisCaller().list().stream().anyMatch(entry -> entry.name().equals(name) && entry.inode() > 0);
            return isNamespace ? OptionalLong.of(((Number) Files.getAttribute(file, "unix:ino")).longValue()) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * A job in this network, as {@code ip netns exec} runs one: profile bare, a mount namespace of its own in which {@code /sys}
     * is that of the network and, for one with a name, what is in {@code /etc/netns/NAME} is in {@code /etc}.
     *
     * @return to be given a command and what else it is to have
     * @throws SandboxException when there is no such namespace
     */
    public JobSpec.Builder job() throws SandboxException {
        if (name.isEmpty()) {
            requireProcess();
            return NetnsHome.ofFile(file).namespace(NamespaceKind.MNT, NamespaceMode.fresh()).propagation(Propagation.SLAVE).freshSys(true);
        }
        NetnsNames.require(file, name);
        return NetnsHome.withEtc(NetnsHome.ofThisCaller().job(name), name).freshSys(true);
    }

    /**
     * A job that sees all names, in a network of none of them: for commands that wire namespaces together, such as
     * {@code ip link add veth1 netns ns1 type veth peer name veth2 netns ns2}. For who has CAP_SYS_ADMIN that is where the caller
     * is, for others a network that is there for as long as there are names.
     *
     * @return to be given a command and what else it is to have
     * @throws SandboxException when there is no name yet
     */
    public static JobSpec.Builder home() throws SandboxException {
        return NetnsHome.ofThisCaller().home().orElseThrow(() -> new SandboxException(NetnsNames.STAGE, "", Libc.ENOENT, "",
            "there are no network namespaces yet", "\"nsjob netns add NAME\" makes one"));
    }

    /**
     * Calls something in this namespace, for callers with CAP_SYS_ADMIN: on one platform thread that enters it, by setns(2), and
     * ends after the call. Sockets keep the network in which they were made, wherever they are used later.
     *
     * <p>What works in there: {@code new ServerSocket(port)}, a {@code Socket} that is connected there, channels that are opened
     * there, {@code HttpURLConnection}, an {@code HttpClient} that is used there, {@code ProcessBuilder}.
     *
     * <p>What does not: {@code new Socket()} that is connected outside, since its descriptor is made only then; an
     * {@code HttpClient} that is built there and used outside; {@code NetworkInterface}, which remembers what it saw.
     *
     * <p><b>Threads that are started in there are in this namespace for good</b>, those of pools, too: a worker of the common
     * pool that is born there does later work of the whole JVM in the wrong network. So open sockets and return them; no parallel
     * streams, no {@code CompletableFuture.supplyAsync}, no executor and nothing asynchronous. A launcher of this library refuses
     * to start jobs there.
     *
     * @param <T> of what is returned
     * @param work what to do
     * @return what it returns
     * @throws SandboxException when the namespace is gone, or this caller may not enter it
     * @throws InterruptedException when the calling thread was interrupted; so was the work, which has ended
     * @throws Exception what the work throws
     */
    public <T> T call(Callable<T> work) throws Exception {
        Objects.requireNonNull(work, "work");
        return NamespaceThread.call(this::enter, work);
    }

    /**
     * Listens in this namespace, on all its IPv4 addresses. For every owner of the namespace, as well as for root: a process in
     * there has the socket, and passes what comes to this JVM. It ends with the listener and its connections, and with this JVM.
     *
     * @param port 0 to 65535; 0 lets the kernel choose. Those below 1024 may be taken, too
     * @return to be closed
     * @throws java.net.BindException when somebody has the port
     * @throws IOException when the namespace is gone or not the caller's ({@link SandboxException}), or no process can be started
     * @throws InterruptedException when the calling thread was interrupted
     */
    public NetListener listen(int port) throws IOException, InterruptedException {
        return listen(new InetSocketAddress("0.0.0.0", port));
    }

    /**
     * Listens in this namespace, as {@link #listen(int)}.
     *
     * @param address an address of this namespace, or the wildcard
     * @return to be closed
     * @throws java.net.BindException when the address is none here, or somebody has the port
     * @throws IOException when the namespace is gone or not the caller's ({@link SandboxException}), or no process can be started
     * @throws InterruptedException when the calling thread was interrupted
     */
    public NetListener listen(InetSocketAddress address) throws IOException, InterruptedException {
        requireProcess();
        return RelayedSockets.listen(file, toString(), address);
    }

    /**
     * Connects from this namespace. For every owner of the namespace, as well as for root: a process in there has the socket, one
     * for each connection, and ends with it.
     *
     * @param host an address, or a name that is looked up by this JVM, in its own network
     * @param port 1 to 65535
     * @return to be closed
     * @throws java.net.ConnectException when nobody answers there
     * @throws IOException when the namespace is gone or not the caller's ({@link SandboxException}), or no process can be started
     * @throws InterruptedException when the calling thread was interrupted
     */
    public NetConnection connect(String host, int port) throws IOException, InterruptedException {
        requireProcess();
        return RelayedSockets.connect(file, toString(), new InetSocketAddress(host, port));
    }

    private void enter() throws SandboxException {
        int fd = -1;
        try {
            fd = Libc.openFile(file.toString(), Libc.O_RDONLY | Libc.O_NONBLOCK);
            // Looked at after the open: from here on the descriptor holds what it was.
            requireProcess();
            Libc.enter(fd, Libc.CLONE_NEWNET, toString());
        } catch (ErrnoException e) {
            String hint = e.errno() == Libc.EPERM || e.errno() == Libc.EACCES ? HINT_CALL : "";
            SandboxException failure = new SandboxException(NetnsNames.STAGE, e.syscall(), e.errno(), e.subject(),
                e.errno() == Libc.ENOENT ? "there is no " + this : "cannot enter " + this, hint);
            failure.initCause(e);
            throw failure;
        } finally {
            Libc.closeQuietly(fd);
        }
    }

    private void requireProcess() throws SandboxException {
        if (startTime > 0) {
            OptionalLong now = ProcStat.startTime(file.getParent().resolveSibling("stat"));
            if (now.isEmpty() || now.getAsLong() != startTime) {
                throw new SandboxException(NetnsNames.STAGE, "", 0, file.toString(), "the process of " + this + " is gone", "");
            }
        }
    }

    /** Its name, or its file. */
    @Override
    public String toString() {
        return "network namespace " + (name.isEmpty() ? file.toString() : name);
    }
}
