package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.Capabilities;
import io.nsjob.IdMaps;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.RootKind;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.Tmpfs;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job with a root of its own sees, may write, and cannot get out of. */
@JobTest
class FilesystemIT extends WithLauncher {
    private static JobSpec.Builder minimal(String script) {
        return JobSpec.isolated().command("/bin/sh", "-c", script);
    }

    /** A directory that a job with other ids can walk to. */
    private static Path open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    /** Mount point and options of each line. */
    private static Map<String, String> mounts(String mountinfo) {
        Map<String, String> mounts = new TreeMap<>();
        mountinfo.lines().map(line -> line.split(" ")).forEach(word -> mounts.put(word[4], word[5] + " " + word[6]));
        return mounts;
    }

    private static String options(String point) {
        if (point.equals("/tmp") || point.equals("/work") || point.equals("/run") || point.equals("/var/tmp")) {
            return "rw,nosuid,nodev,relatime -";
        }
        if (point.equals("/dev/pts") || point.matches("/dev/(null|zero|full|random|urandom|tty)")) {
            return "rw,nosuid,noexec,relatime -";
        }
        if (point.equals("/proc") || point.equals("/dev/shm") || point.equals("/dev/mqueue")) {
            return "rw,nosuid,nodev,noexec,relatime -";
        }
        return point.equals("/dev") || point.startsWith("/proc/") ? "ro,nosuid,nodev,noexec,relatime -" : "ro,nosuid,nodev,relatime -";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyMountIsOneWeMade(boolean asPid1) throws Exception {
        Map<String, String> mounts = mounts(output(minimal("cat /proc/self/mountinfo").asPid1(asPid1)));
        mounts.forEach((point, options) -> {
            assertTrue(point.matches("/|/usr|/(bin|sbin|lib\\w*)|/etc/.+|/proc|/proc/.+|/dev(/\\w+)?|/tmp|/work|/run|/var/tmp"), point);
            // Other flags that the host has on a mount stay, and come behind.
            String expected = options(point);
            assertTrue(options.equals(expected) || options.startsWith(expected.replace(",relatime -", "")), point + " " + options);
            assertFalse(options.contains("shared:") || options.contains("master:"), point + " " + options);
        });
        for (String point : List.of("/", "/usr", "/proc", "/proc/sys", "/dev", "/dev/null", "/dev/pts", "/dev/shm", "/tmp", "/work")) {
            assertTrue(mounts.containsKey(point), point);
        }
    }

    /** Those of all jobs together are as many as the machine has, 4,096 less a reserve: the control would take them from others. */
    @Test
    void aJobHasItsShareOfTheMachinesTerminals() throws Exception {
        String open = "n=0; while [ $n -lt 100 ] && exec {f}<>/dev/ptmx; do n=$((n + 1)); done 2>/dev/null; echo $n";
        assertEquals("64\n", output(JobSpec.isolated().command("bash", "-c", open)));
    }

    /** As when /etc/ld.so.cache is made anew: what was taken has no name any more when it is to be mounted, and the kernel refuses. */
    @Test
    void aFileThatIsReplacedMeanwhileIsMountedAsItIsThen(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(open(directory).resolve("file"), "content");
        JobSpec spec = minimal("cat /data").bind(new Bind(file.toString(), "/data", true, false)).build();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger replaced = new AtomicInteger();
        CompletableFuture<Void> replacing = CompletableFuture.runAsync(() -> {
            try {
                while (!over.get()) {
                    Files.move(Files.writeString(directory.resolve("next"), "content"), file, StandardCopyOption.ATOMIC_MOVE);
                    replaced.incrementAndGet();
                    Thread.sleep(1);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            for (int i = 0; i < 20; i++) {
                assertEquals("content", output(spec.toBuilder()));
            }
        } finally {
            over.set(true);
            replacing.get();
        }
        assertTrue(replaced.get() > 20, replaced::toString);
    }

    @Test
    void theHostIsAbsent() throws Exception {
        String seen = output(minimal("ls -A / ; for f in /root /home /sys /boot /etc/shadow /etc/machine-id /var/lib /.nsjob-empty-file;"
            + " do [ -e $f ] && echo there: $f; done; ls -A /run /tmp /work /var/tmp; readlink /proc/self/cwd"));
        assertFalse(seen.contains("there:"), seen);
        assertTrue(seen.endsWith("/run:\n\n/tmp:\n\n/var/tmp:\n\n/work:\n/work\n"), seen);
        // The control: the same look at the host's root finds it.
        assertTrue(output(JobSpec.isolated().root(RootKind.HOST).command("/bin/sh", "-c", "[ -e /etc/shadow ] && echo there")).contains("there"));
    }

    @Test
    void onlyTheJobsProcessesAreSeen() throws Exception {
        assertEquals("nsjob-init\nsh\n", output(minimal("cat /proc/[0-9]*/comm")));
        assertEquals("sh\n", output(minimal("cat /proc/[0-9]*/comm").asPid1(true)));
    }

    @Test
    void onlyThePrivateDirectoriesAreWritable() throws Exception {
        String script = "for d in / /usr /etc /dev /proc /proc/sys/kernel /var; do (echo x >$d/nsjob-x) 2>/dev/null && echo $d; done;"
            + " for d in /tmp /work /run /var/tmp /dev/shm; do echo x >$d/x || exit 1; done; (: >/proc/sys/kernel/hostname) 2>&1";
        JobResult result = launcher.run(minimal(script).build());
        assertFalse(result.stdoutText().lines().anyMatch(line -> line.matches("/[a-z/]*")), result.stdoutText());
        assertTrue(result.stdoutText().contains("Read-only file system"), result.stdoutText());
        assertTrue(Files.notExists(Path.of("/usr/nsjob-x")));
    }

    @Test
    void memoryDirectoriesAreBounded() throws Exception {
        String script = "head -c 2097152 /dev/zero >/t/big; wc -c </t/big; rm /t/big; i=0;"
            + " while [ $i -lt 20 ]; do touch /u/$i || break; i=$((i+1)); done; echo $i";
        JobResult result = launcher.run(minimal(script).tmpfs("/t", 1 << 20).tmpfs(new Tmpfs("/u", 1 << 20, 9)).build());
        assertEquals("1048576\n8\n", result.stdoutText());
        assertTrue(result.stderrText().contains("No space left on device"), result.stderrText());
    }

    @Test
    void bindsFilesAndLinksAreWhereTheyWereAskedFor(@TempDir Path directory) throws Exception {
        Files.writeString(open(directory).resolve("f"), "host");
        String seen = output(minimal("cat /data/f /box/a /box/l; (echo x >/data/f) 2>&1; ls -A /box; [ -e /absent ] || echo none")
            .bind(new Bind(directory.toString(), "/data", true, false)).bind(new Bind("/nonexistent", "/absent", true, true))
            .file("/box/a", "A").symlink("/box/l", "a").directory("/box/d"));
        assertTrue(seen.startsWith("hostAA") && seen.contains("Read-only file system") && seen.endsWith("a\nd\nl\nnone\n"), seen);
    }

    /** A root caller's job has unprivileged ids that cannot walk to it; the supervisor takes it. */
    @Test
    void aSourceBelowAClosedDirectoryIsReached(@TempDir Path directory) throws Exception {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Path inner = Files.createDirectory(closed.resolve("inner"));
        Files.writeString(open(inner).resolve("f"), "inner");
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        assertEquals("inner", output(minimal("cat /data/f").bind(new Bind(inner.toString(), "/data", true, false))));
    }

    @Test
    void aWritableBindIsTheHosts(@TempDir Path directory) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        output(minimal("echo made >/w/f").bind(directory.toString(), "/w"));
        assertEquals("made\n", Files.readString(directory.resolve("f")));
    }

    /** The tree that is bound is full of traps; mounts on paths through them land inside the job's root or nowhere. */
    @Test
    void trapsInABoundTreeLeadNowhere(@TempDir Path directory) throws Exception {
        Path victim = Files.createDirectory(directory.resolve("victim"));
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(tree, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(tree.resolve("absolute"), victim);
        Files.createSymbolicLink(tree.resolve("climbing"), Path.of("../../../../../.." + victim));
        Files.createSymbolicLink(tree.resolve("magic"), Path.of("/proc/self/root" + victim));
        Files.createSymbolicLink(tree.resolve("top"), Path.of("/"));
        String before = Files.readString(Path.of("/proc/self/mountinfo"));
        for (String path : List.of("/w/absolute", "/w/absolute/x", "/w/climbing/x", "/w/magic/x", "/w/x/y")) {
            SandboxException e = assertThrows(SandboxException.class,
                () -> launcher.run(minimal("true").bind(tree.toString(), "/w").tmpfs(path, 4096).build()), path);
            assertEquals("mount", e.stage());
        }
        // A link to / is the job's own /: what it leads to exists inside.
        assertEquals("tmpfs\n", output(minimal("grep -c ' /box/t ' /proc/mounts >/dev/null && echo tmpfs")
            .bind(tree.toString(), "/w").tmpfs("/w/top/box/t", 4096)));
        for (String path : List.of("/w/absolute/x", "/w/climbing/x", "/w/magic/x")) {
            assertThrows(SandboxException.class,
                () -> launcher.run(minimal("true").bind(tree.toString(), "/w").file(path, "planted").build()), path);
        }
        try (var left = Files.list(victim)) {
            assertEquals(0, left.count());
        }
        // The control: an ordinary open of the same path arrives at the victim.
        Files.writeString(tree.resolve("absolute/x"), "planted");
        assertTrue(Files.exists(victim.resolve("x")));
        assertEquals(before, Files.readString(Path.of("/proc/self/mountinfo")));
        Files.delete(tree.resolve("top")); // JUnit warns of it
    }

    @Test
    void masksHoldAgainstAJobWithoutCapabilities() throws Exception {
        String peel = "umount /proc/interrupts 2>&1; umount -l /proc/sys 2>&1; mount -o remount,bind,rw /proc/sys 2>&1;"
            + " wc -c </proc/interrupts; [ -w /proc/sys/kernel/hostname ] && echo writable; true";
        // Without the system call filter, which would stop all of this before the masks had to.
        String held = output(minimal(peel).seccomp(Seccomp.NONE));
        assertTrue(held.contains("\n0\n") && !held.contains("writable"), held);
        // Nor through a user namespace of the job's own: there they are locked.
        String nested = output(minimal("unshare -Urmpf sh -c 'echo in; umount /proc/interrupts; mount -t proc p /proc && echo fresh' 2>&1;"
            + " unshare -Urm sh -c 'echo in; mount -o remount,bind,rw /usr && echo rw' 2>&1; true").seccomp(Seccomp.NONE)
            .allowNestedUserNamespaces(true));
        assertEquals(2, nested.lines().filter(line -> line.equals("in")).count(), nested);
        assertFalse(nested.contains("fresh") || nested.contains("rw\n"), nested);
        // Nor with capabilities: they are about a second user namespace, where the mounts are locked as well.
        String powerful = output(minimal(peel).capabilities(Capabilities.KEEP).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .seccomp(Seccomp.NONE));
        assertTrue(powerful.contains("\n0\n") && !powerful.contains("writable"), powerful);
        // The control: in bare, the namespaces and their mounts are its own.
        String peeled = output(JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT)
            .command("/bin/sh", "-c", "umount /proc/interrupts && wc -c </proc/interrupts").rootMinimal()
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)));
        assertFalse(peeled.equals("0\n"), peeled);
    }

    @Test
    void ordinaryProgramsRun() throws Exception {
        assertEquals("job\n", output(minimal("id -un").idMaps(IdMaps.of(IdMaps.Preset.DEFAULT))));
        assertEquals("ok\n", output(minimal("echo ok | cat - >/dev/stderr; echo ok >/dev/fd/1")));
        String java = Path.of(System.getProperty("java.home")).toRealPath().toString();
        JobSpec.Builder jvm = JobSpec.isolated().command(java + "/bin/java", "/box/Main.java")
            .file("/box/Main.java", "class Main { public static void main(String[] a) { System.out.println(new java.io.File(\"/\").list().length); } }");
        String count = output(java.startsWith("/usr/") ? jvm : jvm.bindReadOnly(java));
        assertTrue(Integer.parseInt(count.strip()) > 8, count);
    }

    /** It reads many files of the host's that are not in /usr/bin. */
    @Test
    @RequiresFeature(Feature.PYTHON)
    void pythonFindsItsModules() throws Exception {
        assertEquals("3\n", output(minimal("/usr/bin/python3 -c 'import ssl, hashlib; print(1 + 2)'")));
    }

    @Test
    void theReportNamesBothStages() throws Exception {
        JobResult result = launcher.run(minimal("true").build());
        List<String> stages = result.report().stages().stream().map(stage -> stage.name()).toList();
        assertTrue(stages.contains("mount") && stages.contains("pivot"), stages.toString());
        assertFalse(launcher.run(JobSpec.isolated().root(RootKind.HOST).command("true").build()).report().stages().stream()
            .anyMatch(stage -> stage.name().equals("pivot")));
    }

    @Test
    void theHostsTreeTakesMountsButNothingNew(@TempDir Path directory) throws Exception {
        String point = Files.createDirectory(open(directory).resolve("d")).toString();
        assertEquals("bin\n", output(JobSpec.isolated().root(RootKind.HOST).command("/bin/sh", "-c", "ls " + point + " | grep '^bin$'")
            .bind(new Bind("/usr", point, true, false))));
        SandboxException e = assertThrows(SandboxException.class,
            () -> launcher.run(JobSpec.isolated().root(RootKind.HOST).command("true").tmpfs(point + "/missing", 4096).build()));
        assertTrue(e.hint().orElse("").contains("make it there first"), e::toJson);
        assertTrue(Files.notExists(Path.of(point, "missing")));
    }
}
