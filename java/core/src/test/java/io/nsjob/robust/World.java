package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.nsjob.Driver;
import io.nsjob.Launcher;
import io.nsjob.SandboxException;
import io.nsjob.internal.run.JobLauncher;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A launcher whose processes can all be told from everything else on the machine: the helper is started by a shell script
 * that sets the limit of file locks to a random number. The kernel has ignored that limit since Linux 2.4.25, every
 * descendant inherits it whatever it does to its session, name or ids, and everybody may read it in /proc/PID/limits.
 * Where no driver is named it is the one of the JVM ({@code nsjob.driver}): the passes of the matrix take one each.
 */
final class World implements AutoCloseable {
    private static final String PROPERTY = "nsjob.helper";
    /** Read once: another world may be about to open its launcher. */
    private static final Path REAL = Path.of(System.getProperty(PROPERTY));
    private static final String PLAIN = "exec \"$HELPER\"";
    /** Long for a machine with too much to do; what is left would be there for two minutes, or for ever. */
    private static final long GONE_MILLIS = 40_000;
    private static final long POLL_MILLIS = 5;

    /** Any number below 2^53 would do; bit 52 keeps it away from limits that somebody sets by hand. */
    private final long mark = 1L << 52 | new SecureRandom().nextLong() >>> 12;
    private final Path directory;
    private final Path helper;
    private final Launcher launcher;

    private World(Path realHelper, String script, Driver driver) throws IOException {
        directory = Scratch.directory(Long.toHexString(mark));
        // The job of a root caller has ids of its own, whatever the umask of the tests is.
        mode(Files.createDirectory(shared()), "rwxrwxrwx");
        Path link = Files.createSymbolicLink(directory.resolve("helper"), realHelper.toAbsolutePath());
        helper = program("wrapper", "#!/bin/sh\nulimit -w " + mark + "\n"
            + "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
            + "HELPER='" + link + "' HOW=\"$*\"\nexport PATH HELPER HOW\n"
            // One word or none, which also a shell within the script knows.
            + script.replace("\"$HELPER\"", "\"$HELPER\" $HOW") + "\n");
        launcher = driver == null ? null : open(helper, driver);
    }

    /** The real helper, as it is. */
    static World plain() throws IOException {
        return plain(driver());
    }

    /** The driver of worlds for which none is named. */
    static Driver driver() {
        return JobLauncher.preferred();
    }

    /** The same, reached in one way or the other. */
    static World plain(Driver driver) throws IOException {
        return new World(REAL, PLAIN, driver);
    }

    /** The helper, but no launcher: another process will open one. */
    static World withoutLauncher() throws IOException {
        return new World(REAL, PLAIN, null);
    }

    /** The real helper, started by a shell script that ends in {@code exec ... "$HELPER"}. */
    static World wrapped(String script) throws IOException {
        return wrapped(script, driver());
    }

    /** The same, reached in one way or the other. */
    static World wrapped(String script, Driver driver) throws IOException {
        return new World(REAL, script, driver);
    }

    /** The helper with fault injection, see native/src/fault.h; a resident one injects it into each supervisor. */
    static World faulty(String fault) throws IOException {
        return new World(Path.of(System.getProperty("nsjob.faultHelper")), "NSJOB_FAULT='" + fault + "' exec \"$HELPER\"", driver());
    }

    /** The property names the helper for a whole JVM: set while a launcher is opened, and by nobody else. */
    private static synchronized Launcher open(Path helper, Driver driver) throws SandboxException {
        String before = System.getProperty(PROPERTY);
        System.setProperty(PROPERTY, helper.toString());
        try {
            return Launcher.open(driver);
        } finally {
            System.setProperty(PROPERTY, before);
        }
    }

    Launcher launcher() {
        return launcher;
    }

    /** What another process has to name as its helper. */
    Path helper() {
        return helper;
    }

    long mark() {
        return mark;
    }

    /** Readable for everybody. */
    Path directory() {
        return directory;
    }

    /** Writable for everybody. */
    Path shared() {
        return directory.resolve("shared");
    }

    /**
     * Writes an executable file. Another process does: what a thread of another lane starts while this one has the file open for
     * writing has it open too for a moment, and until then whoever executes it is told that it is busy.
     */
    Path program(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Process writer = new ProcessBuilder("/bin/sh", "-c", "cat >\"$0\" && chmod 755 \"$0\"", file.toString()).inheritIO()
            .redirectInput(ProcessBuilder.Redirect.PIPE).start();
        try (OutputStream in = writer.getOutputStream()) {
            in.write(text.getBytes(StandardCharsets.UTF_8));
        }
        try {
            assertEquals(0, writer.waitFor(), file::toString);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        return file;
    }

    static Path mode(Path path, String mode) throws IOException {
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    /** All processes of this world that are alive, but for a helper that stays with its launcher, and what that has ready. */
    List<Proc> processes() {
        List<Proc> found = Proc.marked(mark);
        if (launcher != null && launcher.driver() == Driver.RESIDENT) {
            Set<Long> ready = new HashSet<>();
            found.stream().filter(process -> process.isCalled("nsjob-spare")).forEach(process -> ready.add(process.pid()));
            // Called as the launcher also when just forked by it; before it has its name it is this JVM's child.
            found.removeIf(process -> process.parent() == ProcessHandle.current().pid() || process.isCalled("nsjob-launcher")
                || ready.contains(process.pid()) || ready.contains(process.parent()));
        }
        return found;
    }

    /** Fails when any process of this world stays. */
    void assertNothingLeft() throws InterruptedException {
        assertNone(this::processes, GONE_MILLIS);
    }

    /** The same with what stays with the launcher: for when that is closed, or was killed. */
    void assertAllGone() throws InterruptedException {
        assertNone(() -> Proc.marked(mark), GONE_MILLIS);
    }

    private static void assertNone(Supplier<List<Proc>> looked, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        List<Proc> left = looked.get();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(POLL_MILLIS);
            left = looked.get();
        }
        if (!left.isEmpty()) {
            fail(left.size() + " processes left after " + millis + " ms: " + left.subList(0, Math.min(left.size(), 8)));
        }
    }

    /** A launcher that is closed leaves nothing. Whatever there is after a failure is killed, by pid, and only if it is of this world. */
    @Override
    public void close() throws IOException {
        try {
            if (launcher != null) {
                launcher.close();
                assertAllGone();
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        } finally {
            for (Proc process : Proc.marked(mark)) {
                process.kill();
            }
            delete(directory);
        }
    }

    static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            mode(path, "rwx------");
            List<Path> entries = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(path)) {
                stream.forEach(entries::add);
            }
            for (Path entry : entries) {
                delete(entry);
            }
        }
        Files.deleteIfExists(path);
    }
}
