package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Identity;
import io.nsjob.testing.Await;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What several classes of tests share. */
final class Jobs {
    private Jobs() {
    }

    static boolean isHostRoot() {
        return HostFacts.real().identity().caller() == Identity.Caller.HOST_ROOT;
    }

    /** Five kinds, as a job that is cheap and yet has an init. */
    static JobSpec.Builder small(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(TestJobs.program(program)));
        command.addAll(List.of(arguments));
        return JobSpec.bare(NamespaceKind.USER, NamespaceKind.PID, NamespaceKind.MNT)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT)).command(command);
    }

    static JobSpec.Builder isolated(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(TestJobs.program(program)));
        command.addAll(List.of(arguments));
        return TestJobs.isolated().command(command);
    }

    static JsonObject json(JobResult result) {
        assertTrue(result.outcome().success(), () -> result + ": " + result.stderrText());
        return new Gson().fromJson(result.stdoutText(), JsonObject.class);
    }

    /**
     * Whether a process ends by itself: nothing that is asked about here would within a minute, unless it was killed. A zombie has:
     * when an orphan is reaped is the machine's init's business.
     */
    static boolean isGone(long pid) throws Exception {
        return Await.within(Await.LONGEST, () -> !runs(pid));
    }

    private static boolean runs(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException | StringIndexOutOfBoundsException e) {
            return false;
        }
    }

    /** Whether no process is left whose command line names a program; see {@link TestJobs#copy}. */
    static boolean noneLeft(Path program) throws Exception {
        return Await.within(Await.LONGEST, () -> count(program) == 0);
    }

    /** How many processes run a program. */
    static int count(Path program) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    count += Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                        .startsWith(program + "\0") ? 1 : 0;
                } catch (IOException e) {
                    // It ended meanwhile.
                    continue;
                }
            }
        }
        return count;
    }

    /** The supervisors of this JVM's jobs: its own children, or those of the helper that stays, but for the one without a job. */
    static List<ProcessHandle> supervisors() {
        return ProcessHandle.current().children()
            .flatMap(child -> command(child).equals("nsjob-launcher") ? child.children() : Stream.of(child))
            .filter(child -> command(child).startsWith("nsjob") && !command(child).equals("nsjob-spare")).toList();
    }

    /** That of a job: init is its child. */
    static ProcessHandle supervisor(Job job) {
        return ProcessHandle.of(job.report().initPid().orElseThrow()).orElseThrow().parent().orElseThrow();
    }

    /** Its name, or nothing. */
    static String command(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** What another virtual machine needs to run classes of these tests. */
    static String classPath() {
        List<String> places = new ArrayList<>();
        for (Class<?> of : List.of(KilledJvm.class, JobSpec.class, com.google.gson.Gson.class,
                org.apache.commons.exec.CommandLine.class, com.sun.jna.Native.class)) {
            places.add(Path.of(java.net.URI.create(of.getProtectionDomain().getCodeSource().getLocation().toString())).toString());
        }
        return String.join(":", places);
    }
}
