package io.nsjob.testing;

import java.nio.file.Path;

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
}
