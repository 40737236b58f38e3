package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.Profile;
import io.nsjob.RootKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Feature;
import io.nsjob.testing.Fixtures;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real work in profile build: what is built is there, belongs to the caller, and nothing else on the host has changed. */
@JobTest
class BuildIT extends WithLauncher {
    private static final String CONNECT = "perl -MIO::Socket::UNIX -e 'exit(IO::Socket::UNIX->new(Peer => $ARGV[0]) ? 0 : 1)' \"$0\"";
    private static final int DEPTH = 3;
    /** Ids from here on are those of root callers' jobs. */
    private static final int FIRST_BLOCK = 524_288;
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    Path directory;
    private Path workspace;
    private Map<Path, String> before;

    /** Closed to all but the caller: a root caller's job has other ids, and reaches it all the same. */
    @BeforeEach
    void make() throws Exception {
        workspace = Files.createDirectory(directory.resolve("workspace"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(workspace, PosixFilePermissions.fromString("rwx------"));
        before = snapshot();
    }

    @AfterEach
    void onlyTheWorkspaceWasWritten() throws Exception {
        assertEquals(before, snapshot());
        try (Stream<Path> made = Files.walk(workspace)) {
            for (Path path : made.toList()) {
                assertEquals(owner(directory), owner(path), path.toString());
            }
        }
    }

    private static String owner(Path path) throws IOException {
        return Files.readAttributes(path, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS).toString();
    }

    /** All that lies beside the workspace, and of the rest of the system what belongs to those who work there: others work too. */
    private Map<Path, String> snapshot() throws IOException {
        Map<Path, String> seen = new TreeMap<>();
        walk(directory, Integer.MAX_VALUE, false, seen);
        for (String top : List.of(System.getProperty("user.home"), "/etc", "/opt", "/srv", "/home", "/usr/local", "/var/lib")) {
            walk(Path.of(top), DEPTH, true, seen);
        }
        return seen;
    }

    private void walk(Path at, int depth, boolean onlyJobs, Map<Path, String> seen) throws IOException {
        if (at.equals(workspace)) {
            return;
        }
        Map<String, Object> found;
        try {
            found = Files.readAttributes(at, "unix:mode,ino,uid,gid,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        int uid = (Integer) found.get("uid");
        if (!onlyJobs || uid >= FIRST_BLOCK || uid != 0 && uid == HostFacts.real().identity().uid()) {
            seen.put(at, found.toString());
        }
        if (depth > 0 && Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS) && Files.isReadable(at)) {
            List<Path> entries;
            try (Stream<Path> list = Files.list(at)) {
                entries = list.toList();
            } catch (NoSuchFileException e) {
                return;
            }
            for (Path entry : entries) {
                walk(entry, depth - 1, onlyJobs, seen);
            }
        }
    }

    /** The control: what is written elsewhere is found. */
    @Test
    void whatIsWrittenElsewhereIsFound() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        before = snapshot();
        output(build("echo x >\"$0\"/f", other.toString()).bind(Bind.writable(other.toString(), other.toString()).idMapped()));
        assertNotEquals(before, snapshot());
        before = snapshot();
    }

    private JobSpec.Builder build(String script, String... arguments) {
        List<String> command = Stream.concat(Stream.of("/bin/sh", "-ec", script), Stream.of(arguments)).toList();
        return JobSpec.buildStep(workspace.toString()).command(command).env("JAVA_HOME", System.getProperty("java.home"));
    }

    @Test
    void aProgramInC() throws Exception {
        Files.writeString(workspace.resolve("hello.c"), "#include <stdio.h>\nint main(void) { return puts(\"hello\") < 0; }\n");
        assertEquals("hello\n", output(build("gcc -O2 -Wall -o hello hello.c && ./hello")));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(workspace.resolve("hello"))));
    }

    @Test
    void aProgramInJava() throws Exception {
        Files.writeString(workspace.resolve("Hello.java"), "class Hello { public static void main(String[] a) throws Exception {"
            + " System.out.println(System.getProperty(\"user.home\").equals(System.getenv(\"HOME\")) + \" \""
            + " + java.net.InetAddress.getLocalHost().isLoopbackAddress()); } }");
        assertEquals("true true\n", output(build("\"$JAVA_HOME\"/bin/javac -d out Hello.java && \"$JAVA_HOME\"/bin/java -cp out Hello")));
        assertTrue(Files.exists(workspace.resolve("out/Hello.class")));
    }

    @Test
    @RequiresFeature(Feature.MAVEN)
    void aMavenProject() throws Exception {
        Path project = Fixtures.directory("projects/maven");
        try (Stream<Path> files = Files.walk(project)) {
            for (Path file : files.filter(path -> !path.equals(project)).toList()) {
                Files.copy(file, workspace.resolve(project.relativize(file).toString()));
            }
        }
        // Root's own is closed to everybody else, and so to a root caller's job, whose ids are not root's.
        Bind repository = new Bind(Feature.mavenRepository().toString(), "/tmp/repository", true, false).idMapped(IdMapping.TRY);
        output(build("mvn -o -q -B -Dmaven.repo.local=/tmp/repository package").bind(repository).wallTime(LONG));
        assertTrue(Files.exists(workspace.resolve("target/hello-1.jar")));
        assertTrue(Files.readString(workspace.resolve("target/surefire-reports/example.HelloTest.txt")).contains("Tests run: 1, Failures: 0"));
    }

    @Test
    void aCloneAndItsTestSuite() throws Exception {
        Path origin = Files.createDirectory(directory.resolve("origin"));
        Files.writeString(origin.resolve("Makefile"), "check: double\n\t[ $$(./double 21) = 42 ]\n\t[ $$(./double 0) = 0 ]\n\techo passed\n"
            + "double: double.c\n\t$(CC) -o $@ double.c\n");
        Files.writeString(origin.resolve("double.c"), "#include <stdio.h>\n#include <stdlib.h>\n"
            + "int main(int n, char **a) { (void)n; printf(\"%d\\n\", 2 * atoi(a[1])); }\n");
        String commit = "cd \"$0\" && git init -q && git add . && git -c user.name=n -c user.email=e@example commit -qm first";
        Process git = new ProcessBuilder("sh", "-c", commit, origin.toString()).inheritIO().start();
        assertEquals(0, git.waitFor());
        before = snapshot();
        String out = output(build("git clone -q \"$0\" clone && cd clone && make -s CC=gcc check && git status --porcelain", origin.toString())
            .bind(new Bind(origin.toString(), origin.toString(), true, false).idMapped(IdMapping.TRY)));
        assertEquals("passed\n?? double\n", out);
    }

    private static JobSpec.Builder onTheHostsTree(String script, String... arguments) {
        List<String> command = Stream.concat(Stream.of("/bin/sh", "-ec", script), Stream.of(arguments)).toList();
        return JobSpec.builder(Profile.BUILD).root(RootKind.HOST).command(command);
    }

    @Test
    void whatIsSomebodysIsOutOfReach() throws Exception {
        String look = "ls -A /root /home /run /tmp /var/tmp \"$HOME\" /dev/shm; for d in / /usr /etc /dev /sys /proc/sys/kernel; do"
            + " (echo x >$d/nsjob-x) 2>/dev/null && echo $d; done; for f in /etc/shadow /etc/ssh/ssh_host_*_key; do [ ! -r $f ] || cat $f; done";
        List<String> seen = output(build(look)).lines().filter(line -> !line.isEmpty() && !line.endsWith(":")).distinct().toList();
        // Nothing but the way to the workspace.
        assertTrue(seen.stream().allMatch(name -> workspace.toString().contains("/" + name + "/")), seen.toString());
        // The control: the host's own tree has more.
        assertTrue(output(onTheHostsTree("ls -A /run /tmp")).lines().count() > 4);
    }

    @Test
    void socketsAreOutOfReachUnlessTheyAreNamed() throws Exception {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Path path = directory.resolve("socket");
            socket.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            before = snapshot();
            assertEquals("no\n", output(build("ls \"$0\" 2>/dev/null || echo no", path.toString())));
            assertFalse(launcher.run(build(CONNECT, path.toString()).build()).outcome().success());
            // The control, and a bind of it, which is reported.
            output(onTheHostsTree(CONNECT, path.toString()));
            JobResult bound = launcher.run(build(CONNECT, path.toString()).bindReadOnly(path.toString()).build());
            assertTrue(bound.outcome().success(), bound.stderrText());
            String line = "sockets: there are some of the host in " + path + ", which can be reached";
            assertTrue(bound.report().weakened().contains(line), bound.report().weakened().toString());
        }
    }

    /** Elsewhere than in directories that are covered as a whole: only root can make one there. */
    @Test
    void socketsInTheRestOfTheTreeAreHidden() throws Exception {
        if (!Jobs.isHostRoot()) {
            assertFalse(Files.isWritable(Path.of("/srv")));
            return;
        }
        Path place = Files.createTempDirectory(Path.of("/srv"), "nsjob-test");
        Path path = place.resolve("socket");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertFalse(launcher.run(build(CONNECT, path.toString()).build()).outcome().success());
            output(onTheHostsTree(CONNECT, path.toString()));
        } finally {
            Files.deleteIfExists(path);
            Files.delete(place);
            before = snapshot();
        }
    }

    @Test
    void theNetworkIsAChoice() throws Exception {
        assertEquals("lo\n", output(build("ls /sys/class/net")));
        JobResult shared = launcher.run(build("cat /proc/net/dev").namespace(NamespaceKind.NET, NamespaceMode.inherit()).build());
        assertEquals(Files.readAllLines(Path.of("/proc/net/dev")).size(), shared.stdoutText().lines().count());
        assertTrue(shared.report().weakened().contains("namespaces.net: the caller's"), shared.report().weakened().toString());
        assertFalse(launcher.run(build("true").build()).report().weakened().stream().anyMatch(line -> line.startsWith("namespaces")));
    }

    @Test
    void theJobHasTheIdsThatItNames() throws Exception {
        HostFacts facts = HostFacts.real();
        String expected = Jobs.isHostRoot() ? "job 1000" : facts.userName().orElse("job") + " " + facts.identity().uid();
        assertEquals(expected + "\n", output(build("echo $(id -un) $(id -u)")));
        assertEquals("022\n", output(build("umask | tail -c 4")));
        assertEquals(workspace + "\n", output(build("pwd")));
    }
}
