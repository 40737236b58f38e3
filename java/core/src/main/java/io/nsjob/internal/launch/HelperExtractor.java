package io.nsjob.internal.launch;

import io.nsjob.internal.os.Entropy;
import io.nsjob.internal.os.PrivateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/**
 * Copies the helper out of the jar into a directory that nobody else may write, named after its checksum, so that versions
 * live side by side and JVMs share one copy. The checksum is taken when it is copied; later starts check owner, mode and
 * size, which is what an outsider could not change.
 */
final class HelperExtractor {
    /** The system property that names the one directory to use. */
    static final String PROPERTY = "nsjob.cache";

    private static final String NAME = "nsjob-helper";
    private static final int SHA_PREFIX = 16;

    private final String resources;
    private final List<String> caches;
    private final long uid;

    /**
     * Makes an extractor.
     *
     * @param resources the directory within the class path
     * @param caches directories to try, absolute
     * @param uid the effective user id of this process
     */
    HelperExtractor(String resources, List<String> caches, long uid) {
        this.resources = resources;
        this.caches = List.copyOf(caches);
        this.uid = uid;
    }

    static HelperExtractor real(long uid) {
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        return new HelperExtractor("/META-INF/native/linux-" + arch, cachePlaces(uid), uid);
    }

    private static List<String> cachePlaces(long uid) {
        String named = System.getProperty(PROPERTY);
        if (named != null && !named.isEmpty()) {
            return List.of(named);
        }
        List<String> places = new ArrayList<>();
        if (uid == 0) {
            places.add("/var/cache/nsjob");
            places.add("/run/nsjob/cache");
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home", "");
        if (xdg != null && xdg.startsWith("/")) {
            places.add(xdg + "/nsjob");
        } else if (home.startsWith("/") && home.length() > 1) {
            places.add(home + "/.cache/nsjob");
        }
        places.add(System.getProperty("java.io.tmpdir") + "/nsjob-cache-" + uid);
        return places;
    }

    /**
     * Copies the helper, or finds the copy that is there.
     *
     * @param refused receives every place that was refused, and why
     * @return its path
     */
    Optional<Path> extract(List<String> refused) {
        Properties properties = properties();
        String sha256 = properties.getProperty("sha256", "");
        if (!sha256.matches("[0-9a-f]{64}")) {
            refused.add("the library's own jar: it carries no helper for this machine (" + resources + ")");
            return Optional.empty();
        }
        for (String cache : caches) {
            try {
                return Optional.of(extractInto(cache, sha256));
            } catch (IOException | InvalidPathException e) {
                refused.add(cache + ": " + reason(e));
            }
        }
        return Optional.empty();
    }

    private static String reason(Exception e) {
        boolean plain = e.getClass() == IOException.class;
        return plain ? e.getMessage() : e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
    }

    private Properties properties() {
        Properties properties = new Properties();
        try (InputStream in = HelperExtractor.class.getResourceAsStream(resources + "/" + NAME + ".properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            // As if it were not there; the caller says so.
            properties.clear();
        }
        return properties;
    }

    private Path extractInto(String cache, String sha256) throws IOException {
        if (!cache.startsWith("/")) {
            throw new IOException("not an absolute path");
        }
        Path root = Path.of(cache);
        Path parent = root.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path directory = PrivateDirectory.require(PrivateDirectory.require(root, uid).resolve(sha256.substring(0, SHA_PREFIX)), uid);
        Path helper = directory.resolve(NAME);
        byte[] content = null;
        if (!Files.exists(helper, LinkOption.NOFOLLOW_LINKS)) {
            content = content(sha256);
            write(directory, helper, content);
        }
        String problem = HelperLocator.problem(helper, Set.of(uid));
        if (!problem.isEmpty()) {
            throw new IOException(helper + ": " + problem);
        }
        if (content == null && Files.size(helper) != size()) {
            throw new IOException(helper + ": its size differs from the one in the jar; remove it");
        }
        return helper;
    }

    private long size() throws IOException {
        try (InputStream in = HelperExtractor.class.getResourceAsStream(resources + "/" + NAME)) {
            return in == null ? -1 : in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private byte[] content(String sha256) throws IOException {
        try (InputStream in = HelperExtractor.class.getResourceAsStream(resources + "/" + NAME)) {
            if (in == null) {
                throw new IOException("the jar has a checksum but no helper");
            }
            byte[] content = in.readAllBytes();
            String actual = Entropy.hex(MessageDigest.getInstance("SHA-256").digest(content));
            if (!actual.equals(sha256)) {
                throw new IOException("the helper in the jar has another sha256 than the jar says");
            }
            return content;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Complete under its name, or not there: another JVM may look at any moment. */
    private static void write(Path directory, Path helper, byte[] content) throws IOException {
        Path temporary = directory.resolve(".tmp-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        try {
            try (FileChannel file = FileChannel.open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("r-x------"));
            Files.move(temporary, helper, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
