package io.nsjob.attack;

import io.nsjob.NamespaceKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.TestJobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What attacks aim at: files, sockets, processes and memory of the host, all made for the test. */
final class Canaries implements AutoCloseable {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([a-z-]+)\\}");
    /** What is in files that no job may read. */
    static final String TEXT = "canary";
    private static final String FOR_ALL = "rwxrwxrwx";

    private final Map<String, String> values = new TreeMap<>();
    private final Process canary;
    private final BufferedReader said;
    private final ServerSocketChannel socket;
    private final ServerSocket tcp;

    /** @param directory one that everybody may enter */
    Canaries(Path directory) throws IOException {
        String name = "nsjob-canary-" + ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
        canary = new ProcessBuilder(TestJobs.path("outside/canary").toString(), name)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        said = new BufferedReader(new InputStreamReader(canary.getInputStream(), StandardCharsets.US_ASCII));
        values.put("shm-key", String.valueOf(said.readLine()));
        values.put("canary-pid", Long.toString(canary.pid()));
        values.put("abstract", name);
        values.put("queue", "/" + name);
        Path host = open(Files.createDirectory(directory.resolve("host")));
        values.put("host-dir", host.toString());
        values.put("host-file", open(Files.writeString(host.resolve("canary"), TEXT)).toString());
        values.put("secret-file", Files.setPosixFilePermissions(Files.writeString(host.resolve("secret"), TEXT),
            PosixFilePermissions.fromString("rw-------")).toString());
        setuid(open(Files.createDirectory(directory.resolve("setuid"))));
        Path outside = open(Files.createDirectory(host.resolve("outside")));
        open(Files.createDirectory(outside.resolve("inside")));
        Files.createSymbolicLink(open(Files.createDirectory(host.resolve("tree"))).resolve("link"), outside);
        String[] handle = output("handle", values.get("host-file")).split(" ");
        values.put("handle-type", handle[0]);
        values.put("handle", handle.length > 1 ? handle[1] : "");
        if (HostFacts.real().identity().uid() == 0) {
            Path disk = host.resolve("disk");
            new ProcessBuilder("mknod", disk.toString(), "b", "7", "0").inheritIO().start().onExit().join();
            values.put("disk", disk.toString());
        }
        values.put("workspace", Files.createDirectory(host.resolve("workspace")).toString());
        roots(Files.createDirectory(directory.resolve("roots")), outside);
        Path path = host.resolve("socket");
        socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        values.put("socket", open(path).toString());
        tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        values.put("port", Integer.toString(tcp.getLocalPort()));
        values.put("hostname", Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        // The helper's own file and nothing that a job's mounts come from.
        values.put("helper", Path.of(System.getProperty("nsjob.helper")).getFileName().toString());
        values.put("sockets",
            HostFacts.real().identity().uid() == 0 ? "/nsjob/run/" : "/run/" + ProcessHandle.current().pid() + "-");
        values.put("outside", TestJobs.path("outside").toString());
        values.put("variable", HostFacts.real().environment().keySet().stream()
            .filter(key -> !Set.of("PATH", "HOME", "LANG", "TMPDIR").contains(key)).findFirst().orElseThrow());
        for (NamespaceKind kind : NamespaceKind.values()) {
            Path link = Path.of("/proc/self/ns", kind.kernelName());
            values.put("ns-" + kind.kernelName(), Files.readSymbolicLink(link).toString().replaceAll("\\D", ""));
        }
    }

    /** Roots with one symlink where a directory should be, or a file. */
    private void roots(Path roots, Path outside) throws IOException {
        values.put("roots", roots.toString());
        String climb = "../".repeat(20) + outside.toString().substring(1);
        root(roots, "dev-absolute", "dev", outside.toString());
        root(roots, "dev-climbing", "dev", climb);
        root(roots, "proc-absolute", "proc", outside.toString());
        root(roots, "proc-magic", "proc", "/proc/self/root" + outside);
        root(roots, "work-climbing", "work", climb);
        root(roots, "etc", "etc", outside.toString());
    }

    private static void root(Path roots, String name, String link, String target) throws IOException {
        Path root = roots.resolve(name);
        for (String directory : List.of("dev", "proc", "work", "etc", TestJobs.path("attacks").toString().substring(1))) {
            if (!directory.equals(link)) {
                Files.createDirectories(root.resolve(directory));
            }
        }
        Files.createSymbolicLink(root.resolve(link), Path.of(target));
        if (!link.equals("etc")) {
            Files.writeString(root.resolve("etc/passwd"), "");
        }
        for (Path path = root; path != null && !path.equals(roots); path = path.getParent()) {
            open(path);
        }
    }

    private static String output(String program, String argument) throws IOException {
        Process process = new ProcessBuilder(TestJobs.path("outside").resolve(program).toString(), argument)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }

    /** A copy of the attacks that runs as its owner: for a root caller the job's inside root, else this user. */
    private void setuid(Path directory) throws IOException {
        Path program = Files.copy(TestJobs.path("attacks/attacks"), directory.resolve("run-setuid"));
        if (HostFacts.real().identity().uid() == 0) {
            Files.setAttribute(program, "unix:uid", 1_900_000_000);
            Files.setAttribute(program, "unix:gid", 1_900_000_000);
        }
        Files.setAttribute(program, "unix:mode", 0106755);
        values.put("setuid-dir", directory.toString());
        values.put("setuid-file", program.toString());
    }

    /** Anybody's, so that nothing but what is tried stands between a job and it. */
    static Path open(Path path) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(FOR_ALL));
    }

    void put(String name, String value) {
        values.put(name, value);
    }

    String fill(String text) {
        return PLACEHOLDER.matcher(text).replaceAll(match -> {
            if (!values.containsKey(match.group(1))) {
                throw new IllegalArgumentException("no canary is called " + match.group(1));
            }
            return Matcher.quoteReplacement(values.get(match.group(1)));
        });
    }

    /** How many SIGURG have come to a process of this JVM's group. */
    synchronized int signals() throws IOException {
        canary.getOutputStream().write("count\n".getBytes(StandardCharsets.US_ASCII));
        canary.getOutputStream().flush();
        return Integer.parseInt(said.readLine());
    }

    /** Whether a job has made a file outside of its root. It is taken away. */
    boolean takePlanted() throws IOException {
        Path outside = Path.of(values.get("host-dir"), "outside");
        return Files.deleteIfExists(outside.resolve("planted")) | Files.deleteIfExists(outside.resolve("passwd"));
    }

    /** Whether a process has this text on its command line. It is ended: it is of this test. */
    static boolean endProcesses(String text) throws IOException, InterruptedException {
        List<ProcessHandle> left = processes(text);
        // A pid namespace is taken down in the kernel's own time.
        for (int i = 0; i < 3000 && !left.isEmpty(); i++) {
            Thread.sleep(10);
            left = processes(text);
        }
        left.forEach(ProcessHandle::destroyForcibly);
        return !left.isEmpty();
    }

    private static List<ProcessHandle> processes(String text) {
        return ProcessHandle.allProcesses().filter(process -> {
            try {
                return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1)
                    .contains(text);
            } catch (IOException e) {
                return false;
            }
        }).toList();
    }

    @Override
    public void close() throws IOException {
        canary.getOutputStream().close();
        socket.close();
        tcp.close();
        try {
            canary.waitFor();
        } catch (InterruptedException e) {
            canary.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
