package io.nsjob.internal.launch;

import io.nsjob.HelperUnavailableException;
import io.nsjob.internal.plan.PlanCompiler;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Finds the helper, and remembers why each place was refused. */
public final class HelperLocator {
    /** The system property that names the helper. */
    public static final String PROPERTY = "nsjob.helper";
    /** The environment variable that does. */
    public static final String VARIABLE = "NSJOB_HELPER";

    private static final List<Path> INSTALLED =
        List.of(Path.of("/usr/local/libexec/nsjob/nsjob-helper"), Path.of("/usr/libexec/nsjob/nsjob-helper"));
    private static final int WRITABLE_BY_OTHERS = 022;
    private static final long VERSION_SECONDS = 5;

    private final Places places;
    private final long uid;
    private final List<String> refused = new ArrayList<>();

    /**
     * Where to look: the real places, or those of a test.
     *
     * @param named what the property or the variable says
     * @param jar where this library was loaded from
     * @param installed helpers of a system-wide installation
     * @param extractor for the copy in the jar
     */
    record Places(Optional<String> named, Optional<Path> jar, List<Path> installed, HelperExtractor extractor) {
    }

    HelperLocator(Places places, long uid) {
        this.places = places;
        this.uid = uid;
    }

    /**
     * Finds the helper.
     *
     * @param uid the effective user id of this process
     * @return its path
     * @throws HelperUnavailableException listing every place and why it was refused
     */
    public static Path locate(long uid) throws HelperUnavailableException {
        String named = System.getProperty(PROPERTY, "");
        if (named.isEmpty() && System.getenv(VARIABLE) != null) {
            named = System.getenv(VARIABLE);
        }
        Optional<String> byName = named.isEmpty() ? Optional.empty() : Optional.of(named);
        return new HelperLocator(new Places(byName, ownJar(), INSTALLED, HelperExtractor.real(uid)), uid).locate();
    }

    Path locate() throws HelperUnavailableException {
        Optional<Path> found = places.named().isPresent() ? named(places.named().get()) : besideBuild();
        if (found.isEmpty() && places.named().isEmpty()) {
            found = installed();
        }
        if (found.isEmpty() && places.named().isEmpty()) {
            found = extracted();
        }
        if (found.isEmpty()) {
            throw new HelperUnavailableException(refused);
        }
        return found.get();
    }

    private static Optional<Path> ownJar() {
        try {
            URL location = HelperLocator.class.getProtectionDomain().getCodeSource().getLocation();
            return Optional.of(Path.of(location.toURI()));
        } catch (URISyntaxException | RuntimeException e) {
            // A jar within a jar, or a path that this locale cannot express: the other places remain.
            return Optional.empty();
        }
    }

    /** What the user names is used or fails: falling back in silence would run something else than was asked for. */
    private Optional<Path> named(String name) {
        String what = name + " (named by " + PROPERTY + " or " + VARIABLE + ")";
        try {
            Path path = Path.of(name).toAbsolutePath();
            if (!Files.isRegularFile(path)) {
                refused.add(what + ": no such file");
            } else if (!Files.isExecutable(path)) {
                refused.add(what + ": not executable, or on a file system mounted noexec");
            } else {
                return Optional.of(path);
            }
        } catch (InvalidPathException | FileSystemNotFoundException e) {
            refused.add(what + ": not a path in this locale");
        }
        return Optional.empty();
    }

    private Optional<Path> besideBuild() {
        Path jar = places.jar().orElse(null);
        Path directory = jar == null ? null : jar.getParent();
        if (directory == null || directory.getFileName() == null) {
            return Optional.empty();
        }
        Path candidate;
        if (directory.endsWith("lib")) {
            candidate = directory.resolveSibling("libexec").resolve("nsjob-helper");
        } else if (directory.endsWith(Path.of("share/java/nsjob"))) {
            candidate = directory.resolve("../../../libexec/nsjob/nsjob-helper").normalize();
        } else {
            return Optional.empty();
        }
        // Whoever owns the jar runs in this JVM already.
        return trusted(candidate, owners(jar));
    }

    private Set<Long> owners(Path jar) {
        Set<Long> owners = new TreeSet<>(List.of(0L, uid));
        try {
            owners.add(((Number) Files.getAttribute(jar, "unix:uid")).longValue());
        } catch (IOException e) {
            // Then it is not among those to be trusted.
            refused.add(jar + ": " + e.getClass().getSimpleName());
        }
        return owners;
    }

    private Optional<Path> installed() {
        for (Path candidate : places.installed()) {
            Optional<Path> trusted = trusted(candidate, new TreeSet<>(List.of(0L, uid)));
            if (trusted.isPresent() && speaksOurProtocol(candidate)) {
                return trusted;
            }
        }
        return Optional.empty();
    }

    private Optional<Path> trusted(Path candidate, Set<Long> owners) {
        try {
            Path real = candidate.toRealPath();
            String problem = problem(real, owners);
            if (problem.isEmpty()) {
                return Optional.of(real);
            }
            refused.add(candidate + ": " + problem);
        } catch (NoSuchFileException e) {
            refused.add(candidate + ": no such file");
        } catch (IOException e) {
            refused.add(candidate + ": " + e.getClass().getSimpleName());
        }
        return Optional.empty();
    }

    static String problem(Path file, Set<Long> owners) throws IOException {
        Map<String, Object> stat = Files.readAttributes(file, "unix:isRegularFile,uid,mode", LinkOption.NOFOLLOW_LINKS);
        int mode = (Integer) stat.get("mode");
        if (!Boolean.TRUE.equals(stat.get("isRegularFile"))) {
            return "not a regular file";
        }
        if (!owners.contains(((Number) stat.get("uid")).longValue())) {
            return "owned by uid " + stat.get("uid");
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            return "others may write it (mode 0" + Integer.toOctalString(mode & 07777) + ")";
        }
        return Files.isExecutable(file) ? "" : "not executable, or on a file system mounted noexec";
    }

    private boolean speaksOurProtocol(Path helper) {
        String version = version(helper);
        boolean ours = version.contains("(protocol " + PlanCompiler.PROTOCOL + ")");
        if (!ours) {
            refused.add(helper + ": it says \"" + version + "\", this library speaks protocol " + PlanCompiler.PROTOCOL);
        }
        return ours;
    }

    /** What {@code --version} says, or why it says nothing. */
    static String version(Path helper) {
        try {
            Process process = PatientStart.start(new ProcessBuilder(helper.toString(), "--version").redirectErrorStream(true));
            process.getOutputStream().close();
            if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "nothing within " + VERSION_SECONDS + " s";
            }
            String said = new String(process.getInputStream().readNBytes(200), StandardCharsets.UTF_8);
            return said.strip();
        } catch (IOException e) {
            return Objects.toString(e.getMessage(), e.getClass().getSimpleName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "nothing: interrupted";
        }
    }

    private Optional<Path> extracted() {
        return places.extractor().extract(refused);
    }
}
