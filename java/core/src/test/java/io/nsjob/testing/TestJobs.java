package io.nsjob.testing;

import io.nsjob.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The static programs of test-fixtures/jobs, built, found through the property {@code nsjob.testJobs}. */
public final class TestJobs {
    private TestJobs() {
    }

    /** The path of a program. */
    public static Path path(String name) {
        String property = System.getProperty("nsjob.testJobs");
        Path directory = property != null ? Path.of(property)
            : Fixtures.directory(".").resolveSibling("build").resolve("test-jobs").normalize();
        return directory.resolve(name);
    }

    /** The path of a program, as the first word of a command. */
    public static String program(String name) {
        return path(name).toString();
    }

    /** A job of profile isolated that finds these programs where this JVM does: they are not below /usr. */
    public static JobSpec.Builder isolated() {
        return JobSpec.isolated().bindReadOnly(path(".").normalize().toString());
    }

    /**
     * A copy of a program, with a path that no other test or test run uses, so that its processes can be found.
     *
     * @param directory such as that of a {@code @TempDir}; opened for all, as the job may be anybody
     */
    public static Path copy(String name, Path directory) throws IOException {
        Path copy = Files.copy(path(name), directory.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return copy;
    }
}
