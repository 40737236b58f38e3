package io.nsjob;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.testing.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The projects of test-fixtures are built without a network, from what this repository's own build has left. */
class ProjectsTest {
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>([a-z-]+)</artifactId>\\s*<version>([^<]+)</version>");

    @Test
    void theMavenProjectTakesWhatOurBuildTakes() {
        Path ours = Fixtures.directory("../pom.xml").normalize();
        if (!Files.exists(ours)) {
            return; // a copy of the tests without the sources
        }
        String known = Fixtures.text(ours).replace("${junit.version}", value(Fixtures.text(ours), "junit.version"));
        Matcher used = ARTIFACT.matcher(Fixtures.text(Fixtures.directory("projects/maven/pom.xml")));
        int count = 0;
        while (used.find()) {
            if (used.group(1).equals("hello")) {
                continue;
            }
            String version = used.group(1).startsWith("junit") ? value(known, "junit.version") : used.group(2);
            Pattern same = Pattern.compile("<artifactId>" + used.group(1) + "</artifactId>\\s*<version>" + Pattern.quote(version) + "</version>");
            assertTrue(used.group(2).equals(version) && (used.group(1).startsWith("junit") || same.matcher(known).find()), used.group());
            count++;
        }
        assertTrue(count == 5, "only " + count);
    }

    private static String value(String pom, String property) {
        Matcher value = Pattern.compile("<" + Pattern.quote(property) + ">([^<]+)<").matcher(pom);
        assertTrue(value.find(), property);
        return value.group(1);
    }
}
