package io.nsjob.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.HelperUnavailableException;
import io.nsjob.internal.os.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HelperLocatorTest {
    private static final long UID = HostFacts.real().identity().uid();
    /** A helper of the tests' own on the class path, with its checksum beside it. */
    private static final String RESOURCES = "/io/nsjob/fake-native";

    @TempDir
    Path root;

    private static Path helper(Path file, int protocol) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\necho 'nsjob-helper 0.1.0 (protocol " + protocol + ")'\n");
        return mode(file, "rwxr-xr-x");
    }

    private static Path mode(Path file, String mode) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private HelperExtractor extractor(String resources, Path... caches) {
        return new HelperExtractor(resources, Stream.of(caches).map(Path::toString).toList(), UID);
    }

    private Path locate(Optional<String> named, Optional<Path> jar, List<Path> installed, HelperExtractor extractor)
            throws HelperUnavailableException {
        return new HelperLocator(new HelperLocator.Places(named, jar, installed, extractor), UID).locate();
    }

    @Test
    void aNamedHelperIsUsedOrNoneIs() throws Exception {
        Path good = helper(root.resolve("good"), 1);
        Path beside = helper(root.resolve("libexec/nsjob-helper"), 1);
        Optional<Path> jar = Optional.of(Files.createFile(Files.createDirectory(root.resolve("lib")).resolve("nsjob.jar")));
        HelperExtractor none = extractor("/nowhere");
        assertEquals(good, locate(Optional.of(good.toString()), jar, List.of(), none));
        assertEquals(beside.toRealPath(), locate(Optional.empty(), jar, List.of(), none));
        HelperUnavailableException missing = assertThrows(HelperUnavailableException.class,
            () -> locate(Optional.of(root.resolve("bad").toString()), jar, List.of(), none));
        assertEquals(1, missing.tried().size());
        assertTrue(missing.tried().get(0).endsWith(": no such file"), missing.getMessage());
        mode(good, "rw-r--r--");
        HelperUnavailableException plain = assertThrows(HelperUnavailableException.class,
            () -> locate(Optional.of(good.toString()), jar, List.of(), none));
        assertTrue(plain.getMessage().contains("not executable"), plain.getMessage());
    }

    @Test
    void anInstalledTreeIsFoundFromItsJar() throws Exception {
        Path jar = Files.createDirectories(root.resolve("share/java/nsjob")).resolve("nsjob.jar");
        Files.createFile(jar);
        Path helper = helper(root.resolve("libexec/nsjob/nsjob-helper"), 1);
        assertEquals(helper.toRealPath(), locate(Optional.empty(), Optional.of(jar), List.of(), extractor("/nowhere")));
    }

    @Test
    void everyPlaceThatWasRefusedIsListedWithItsReason() throws Exception {
        Path jar = Files.createFile(Files.createDirectory(root.resolve("lib")).resolve("nsjob.jar"));
        mode(helper(root.resolve("libexec/nsjob-helper"), 1), "rwxrwxrwx");
        Path other = helper(root.resolve("other/nsjob-helper"), 99);
        HelperUnavailableException e = assertThrows(HelperUnavailableException.class, () -> locate(Optional.empty(), Optional.of(jar),
            List.of(root.resolve("gone/nsjob-helper"), other), extractor("/nowhere")));
        assertEquals(4, e.tried().size(), e.getMessage());
        assertTrue(e.tried().get(0).contains("others may write it (mode 0777)"), e.getMessage());
        assertTrue(e.tried().get(1).endsWith("no such file"), e.getMessage());
        assertTrue(e.tried().get(2).contains("(protocol 99)"), e.getMessage());
        assertTrue(e.tried().get(3).contains("carries no helper"), e.getMessage());
        assertTrue(e.hint().orElse("").contains("nsjob.helper"));
    }

    @Test
    void theJarsCopyIsExtractedOnceAndChecked() throws Exception {
        Path cache = root.resolve("a/b/cache");
        List<String> refused = new ArrayList<>();
        Path helper = extractor(RESOURCES, cache).extract(refused).orElseThrow(() -> new AssertionError(refused.toString()));
        assertEquals("nsjob-helper 0.1.0 (protocol 1)", HelperLocator.version(helper));
        assertEquals("r-x------", PosixFilePermissions.toString(Files.getPosixFilePermissions(helper)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(helper.getParent())));
        Object inode = Files.getAttribute(helper, "unix:ino");
        assertEquals(helper, extractor(RESOURCES, cache).extract(refused).orElseThrow());
        assertEquals(inode, Files.getAttribute(helper, "unix:ino"));
        try (Stream<Path> files = Files.list(helper.getParent())) {
            assertEquals(1, files.count(), "no temporary file is left");
        }
        mode(helper, "rwx------");
        Files.writeString(helper, "shorter");
        assertTrue(extractor(RESOURCES, cache).extract(refused).isEmpty());
        assertTrue(refused.get(0).contains("its size differs"), refused.toString());
    }

    @Test
    void cachesThatAreNotOursAreRefusedAndTheNextIsTried() throws Exception {
        Path open = mode(Files.createDirectory(root.resolve("open")), "rwxrwxrwx");
        Path link = Files.createSymbolicLink(root.resolve("link"), Files.createDirectory(root.resolve("target")));
        Path file = Files.createFile(root.resolve("file"));
        List<String> refused = new ArrayList<>();
        Path helper = extractor(RESOURCES, open, link, file, Path.of("relative"), root.resolve("good")).extract(refused).orElseThrow();
        assertTrue(helper.startsWith(root.resolve("good")));
        assertEquals(4, refused.size(), refused.toString());
        assertTrue(refused.get(0).contains("others may write it"), refused.toString());
        assertTrue(refused.get(1).contains("not a directory"), refused.toString());
        assertTrue(refused.get(2).contains("not a directory"), refused.toString());
        assertTrue(refused.get(3).contains("not an absolute path"), refused.toString());
    }

    @Test
    void aCopyThatIsNotWhatTheJarSaysIsNotWritten() {
        List<String> refused = new ArrayList<>();
        assertTrue(extractor(RESOURCES + "-wrong", root.resolve("cache")).extract(refused).isEmpty());
        assertTrue(refused.get(0).contains("another sha256"), refused.toString());
        assertFalse(Files.exists(root.resolve("cache").resolve("0000000000000000").resolve("nsjob-helper")));
    }

    @Test
    void manyAtOnceGetTheSameWholeCopy() throws Exception {
        ConcurrentLinkedQueue<String> versions = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> versions.add(HelperLocator.version(
                extractor(RESOURCES, root.resolve("cache")).extract(new ArrayList<>()).orElseThrow())));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(8, versions.stream().filter("nsjob-helper 0.1.0 (protocol 1)"::equals).count(), versions.toString());
    }
}
