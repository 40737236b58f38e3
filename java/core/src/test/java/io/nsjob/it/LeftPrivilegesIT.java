package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.Capabilities;
import io.nsjob.IdMaps;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.Seccomp;
import io.nsjob.testing.TestJobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A job that writes as root to a workspace leaves a program for a user of the host, who then runs it. With its controls: the
 * defence off, and the user is root. For a job of a user the files are that user's, and so would the program be.
 */
@JobTest
class LeftPrivilegesIT extends WithLauncher {
    private static final String USER = "12345";
    @TempDir
    Path closed;
    Path work;

    @BeforeEach
    void workspace() throws Exception {
        work = Files.createDirectory(closed.resolve("work"));
        Trees.mode(closed, "rwx------");
        Trees.mode(work, "rwxr-xr-x");
        for (String program : List.of("id", "cat")) {
            Files.copy(Path.of("/usr/bin", program), work.resolve(program), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.writeString(closed.resolve("secret"), "secret");
        Trees.mode(closed.resolve("secret"), "rw-------");
    }

    private JobSpec.Builder isolated(String how, String file) {
        return TestJobs.isolated().command(TestJobs.program("leave-privileges"), how, "/src/" + file)
            .bind(Bind.writable(work.toString(), "/src").idMapped());
    }

    /** Root inside, with all capabilities in its user namespace. */
    private JobSpec.Builder insideRoot(String how, String file) {
        return JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT).idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .command(TestJobs.program("leave-privileges"), how, "/mnt/" + file)
            .bind(Bind.writable(work.toString(), "/mnt").idMapped());
    }

    private static JobResult run(JobSpec.Builder spec) throws Exception {
        JobResult result = launcher.run(spec.build());
        assertTrue(result.outcome() instanceof Outcome.Exited, () -> result + ": " + result.stderrText());
        return result;
    }

    private static String byTheUser(Path program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups",
            program.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }

    @ParameterizedTest
    @ValueSource(strings = {"chmod", "fchmod", "fchmodat", "fchmodat2", "open", "creat", "tmpfile", "openat2", "mknod", "file-capability",
        "nested"})
    void nothingIsLeft(String how) throws Exception {
        JobResult result = run(isolated(how, "id"));
        assertEquals(new Outcome.Exited(1), result.outcome(), result.stderrText());
        if (Files.exists(work.resolve("id"))) {
            assertEquals(0, (Integer) Files.getAttribute(work.resolve("id"), "unix:mode") & 06000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chmod", "openat2", "file-capability", "nested"})
    void norByRootInside(String how) throws Exception {
        JobResult result = run(insideRoot(how, "cat"));
        assertEquals(new Outcome.Exited(1), result.outcome(), result.stderrText());
        assertEquals("", result.stdoutText());
    }

    /** The control: each of the ways is one where nothing refuses it. */
    @ParameterizedTest
    @ValueSource(strings = {"chmod", "fchmod", "fchmodat", "fchmodat2", "open", "creat", "tmpfile", "openat2", "mknod"})
    void withoutTheRulesItIs(String how) throws Exception {
        JobResult result = run(isolated(how, "id").allowSuidInWorkspace(true).seccomp(Seccomp.NONE));
        assertEquals(new Outcome.Exited(0), result.outcome(), result.stderrText());
        // What O_TMPFILE makes has no name.
        assertEquals(how.equals("tmpfile"), Files.notExists(work.resolve("id")));
        if (!how.equals("tmpfile")) {
            assertEquals(04000, (Integer) Files.getAttribute(work.resolve("id"), "unix:mode") & 06000);
        }
    }

    @Test
    void aSetUserIdProgramWouldWork() throws Exception {
        if (!Jobs.isHostRoot()) {
            return; // the files are root's only where root starts the job
        }
        JobResult result = run(isolated("chmod", "id").allowSuidInWorkspace(true));
        assertTrue(result.outcome().success(), result::stderrText);
        assertTrue(result.report().weakened().stream().anyMatch(line -> line.startsWith("set-user-id:")));
        Trees.mode(closed, "rwxr-xr-x");
        assertEquals("0", byTheUser(work.resolve("id"), "-u"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file-capability", "nested"})
    void fileCapabilitiesWouldWork(String how) throws Exception {
        if (!Jobs.isHostRoot()) {
            return; // the files are root's only where root starts the job
        }
        Trees.mode(closed, "rwxr-xr-x");
        assertFalse(byTheUser(work.resolve("cat"), closed.resolve("secret").toString()).equals("secret"));
        Trees.mode(closed, "rwx------");
        JobResult result = run(insideRoot(how, "cat").allowSuidInWorkspace(true).capabilities(Capabilities.KEEP).seccomp(Seccomp.NONE));
        assertTrue(result.outcome().success(), result::stderrText);
        Trees.mode(closed, "rwxr-xr-x");
        assertEquals("secret", byTheUser(work.resolve("cat"), closed.resolve("secret").toString()));
    }
}
