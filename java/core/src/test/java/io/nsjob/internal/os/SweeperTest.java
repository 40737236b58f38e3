package io.nsjob.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweeperTest {
    private static final long UID = HostFacts.real().identity().uid();

    @TempDir
    Path base;

    @BeforeEach
    void privately() throws IOException {
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwx------"));
    }

    private Path run(String name, String... files) throws IOException {
        Path run = Files.createDirectories(base.resolve("run").resolve(name));
        for (String file : files) {
            Files.createFile(run.resolve(file));
        }
        return run;
    }

    private Set<String> gc() {
        Set<String> names = new TreeSet<>();
        new Sweeper(List.of(base)).gc().forEach(path -> names.add(Path.of(path).getFileName().toString()));
        return names;
    }

    @Test
    void whatIsAbandonedIsRemovedAndNothingElse() throws Exception {
        run("4000001-5", "lock", "1.sock", "2.sock");
        run("4000001-5-1", "lock");
        run("4000002-5", "lock", "a-file-of-somebody");
        run("not-a-run", "lock");
        run("4000003-5");
        Files.setLastModifiedTime(run("4000004-5"), FileTime.fromMillis(System.currentTimeMillis() - 120_000));
        run(RunDirectory.ownName(), "lock");
        assertEquals(Set.of("4000001-5", "4000001-5-1", "4000004-5"), gc());
        assertTrue(Files.exists(base.resolve("run/4000002-5/a-file-of-somebody")));
        assertTrue(Files.exists(base.resolve("run/4000003-5")), "too young to be given up");
        assertEquals(Set.of(), gc());
    }

    @Test
    void locksAreRespectedWhicheverKindTheyAre() throws Exception {
        Path ids = Files.createDirectory(base.resolve("ids"));
        for (String name : List.of("524288", "589824", "other")) {
            Files.createFile(ids.resolve(name));
        }
        Path run = run("4000001-5", "lock");
        String script = "exec 8>'" + ids.resolve("524288") + "' 9>'" + run.resolve("lock") + "'; flock 8; flock 9; echo ready; read -r x";
        Process holder = new ProcessBuilder("/bin/sh", "-c", script).start();
        assertEquals('r', holder.getInputStream().read());
        assertEquals(Set.of("589824"), gc());
        holder.getOutputStream().close();
        assertTrue(holder.waitFor(60, TimeUnit.SECONDS));
        assertEquals(Set.of("524288", "4000001-5"), gc());
        assertTrue(Files.exists(ids.resolve("other")));
    }

    @Test
    void theRunDirectoryIsSharedAndRemovedByItsLastUser() throws Exception {
        RunDirectory first = RunDirectory.acquire(base, UID);
        RunDirectory second = RunDirectory.acquire(base, UID);
        Path socket = first.newSocket();
        assertFalse(socket.equals(second.newSocket()));
        assertTrue(Files.exists(socket.resolveSibling("lock")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
        assertEquals(Set.of(), gc());
        first.release();
        assertTrue(Files.exists(socket.getParent()));
        second.release();
        assertFalse(Files.exists(socket.getParent()));
    }

    @Test
    void aDirectoryThatOthersMayWriteIsNotUsed() throws IOException {
        Path open = Files.createDirectory(base.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(IOException.class, () -> PrivateDirectory.require(open, UID));
        assertThrows(IOException.class, () -> PrivateDirectory.require(Files.createSymbolicLink(base.resolve("link"), base), UID));
        assertThrows(IOException.class, () -> PrivateDirectory.require(base, UID + 1));
        assertEquals(base.resolve("new"), PrivateDirectory.require(base.resolve("new"), UID));
    }

    @Test
    void secretsAreLongAndDiffer() throws IOException {
        String one = Entropy.secret();
        assertTrue(one.matches("[0-9a-f]{64}"), one);
        assertFalse(one.equals(Entropy.secret()));
        assertTrue(Entropy.isSame(one, new String(one.toCharArray())));
        for (String other : List.of("", one.substring(1), one + "0", "x" + one.substring(1), one.substring(0, 63) + "x")) {
            assertFalse(Entropy.isSame(one, other) || Entropy.isSame(other, one), other);
        }
    }
}
