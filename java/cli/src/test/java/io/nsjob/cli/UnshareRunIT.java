package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Housekeeping;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.PinFiles;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nsjob unshare}, pins, and what the article on namespaces shows of mnt and uts. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
class UnshareRunIT {
    private static final boolean ROOT = HostFacts.real().identity().uid() == 0;
    /** A user needs a user namespace for all the others. */
    private static final String AS_USER = ROOT ? "" : "-Ur ";
    private static final String LINKS = "for kind in user mnt net ipc uts cgroup pid; do readlink /proc/self/ns/$kind; done";

    @TempDir
    Path directory;

    @Test
    void theShellsPidIsTheCommands() throws Exception {
        var result = CliProcess.shell(Map.of(), "echo $$; exec \"$0\" unshare " + AS_USER + "-m -- sh -c 'echo $$; ls /proc/$$/fd; exit 9'");
        String[] lines = result.expect(9).outText().split("\n");
        assertEquals(lines[0], lines[1], result::outText);
        assertEquals("0 1 2", String.join(" ", List.of(lines).subList(2, lines.length)));
        assertEquals("", result.errText());
    }

    @Test
    void theExitStatusIsTheCommandsOrTellsWhy() throws Exception {
        String script = "for command in nosuch /etc/passwd; do \"$0\" unshare -- $command; echo $?; done; \"$0\" unshare -f -- sh -c 'kill -9 $$';"
            + " echo $?; \"$0\" unshare --timeout 5s -- true; echo $?; \"$0\" unshare -f nosuch; echo $?; \"$0\" unshare --report - true; echo $?";
        var result = CliProcess.shell(Map.of("LC_ALL", "C"), script);
        assertEquals("127\n126\n137\n125\n127\n125\n", result.outText(), result::errText);
        List<String> said = result.errText().lines().filter(line -> line.startsWith("nsjob: ")).toList();
        assertEquals(List.of("exec", "exec", "spec", "exec", "unshare"), said.stream().map(line -> line.split(": ")[1]).toList(), said::toString);
    }

    /** Which links differ from the host's, as unshare(1) has it. */
    @Test
    void unshareOfUtilLinuxAgrees() throws Exception {
        for (String letters : List.of("-m -i -C", "-u -n -p -f", "-U -r -m -u")) {
            String options = (letters.contains("-U") ? "" : AS_USER) + letters;
            String here = CliProcess.shell(Map.of(), LINKS).outText();
            String theirs = CliProcess.shell(Map.of(), "unshare " + options + " sh -c '" + LINKS + "'").expect(0).outText();
            String ours = CliProcess.shell(Map.of(), "\"$0\" unshare " + options + " sh -c '" + LINKS + "'").expect(0).outText();
            assertEquals(changed(here, theirs), changed(here, ours), options);
            assertTrue(changed(here, ours).contains(letters.contains("-m") ? "mnt" : "uts"), ours);
        }
    }

    private static List<String> changed(String before, String after) {
        List<String> old = before.lines().toList();
        return after.lines().filter(link -> !old.contains(link)).map(link -> link.replaceAll(":.*", "")).toList();
    }

    /** The article's two sessions, typed into the shells that it starts. */
    @Test
    void theArticlesCommandsShowWhatItShows() throws Exception {
        Path place = Files.createDirectory(directory.resolve("mount_ns"));
        String own = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        String hostname = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        String mount = "readlink /proc/$$/ns/mnt; mount -n -t tmpfs tmpfs " + place + "; df -h | grep mount_ns; cat /proc/mounts | grep mount_ns\n";
        for (String word : List.of("unshare", "run")) {
            String mnt = CliProcess.shell(Map.of(), "echo '" + mount + "' | \"$0\" " + word + " " + AS_USER + "-m /bin/bash").expect(0).outText();
            String[] lines = mnt.split("\n");
            assertTrue(lines[0].matches("mnt:\\[\\d+\\]"), mnt);
            assertNotEquals(own, lines[0]);
            assertTrue(lines[1].startsWith("tmpfs ") && lines[1].endsWith(place.toString()), mnt);
            assertTrue(lines[2].startsWith("tmpfs " + place + " tmpfs"), mnt);
            assertFalse(Files.readString(Path.of("/proc/mounts")).contains("mount_ns"));
            String uts = CliProcess.shell(Map.of(), "echo 'hostname uts-namespace; hostname; cat /proc/sys/kernel/hostname' | \"$0\" " + word + " "
                + AS_USER + "-u /bin/bash").expect(0).outText();
            assertEquals("uts-namespace\nuts-namespace\n", uts);
            assertEquals(hostname, Files.readString(Path.of("/proc/sys/kernel/hostname")));
        }
    }

    @Test
    void whatIsPinnedStaysUntilItIsRemoved() throws Exception {
        Path pin = directory.resolve("blue");
        var made = CliProcess.run("unshare", ROOT ? "-n" : "-Urn", "--persist", "net=" + pin, "sh", "-c", "readlink /proc/self/ns/net");
        if (!ROOT) {
            // In the caller's mounts only root may.
            made.expect(125).expectOneLine("nsjob: pin: ");
            assertFalse(Files.exists(pin, LinkOption.NOFOLLOW_LINKS));
            return;
        }
        String net = made.expect(0).outText();
        // By its last process nothing is held any more: by the file it is.
        assertEquals(net, CliProcess.run("run", "--join", "net=" + pin, "--", "readlink", "/proc/self/ns/net").expect(0).outText());
        assertEquals(net, CliProcess.shell(Map.of(), "nsenter --net=" + pin + " readlink /proc/self/ns/net").expect(0).outText());
        Housekeeping.gc();
        assertTrue(Files.exists(pin), "gc took a complete pin");
        CliProcess.run("unshare", "--persist", "net=" + pin, "true").expect(125).expectOneLine("nsjob: pin: ");
        var early = CliProcess.run("unshare", "--persist", "pid=" + directory.resolve("red"), "true");
        assertTrue(early.expect(125).errText().contains("--fork"), early.errText());
        CliProcess.run("unshare", "--persist", "uts=" + directory.resolve("green"), "nosuch").expect(127);
        assertFalse(Files.exists(directory.resolve("green")));
        Path other = Files.writeString(directory.resolve("other"), "text");
        var removed = CliProcess.run("ns", "rm", other.toString(), "/proc/self/ns/net", pin.toString());
        assertEquals(2, removed.expect(125).errText().lines().filter(line -> line.startsWith("nsjob: ns rm: no namespace is pinned")).count());
        assertFalse(Files.exists(pin));
        assertEquals("text", Files.readString(other));
    }

    /** Killed when the pin is there, but before the command runs: only gc knows of it. */
    @Test
    void gcTakesBackWhatAKilledLaunchLeft() throws Exception {
        if (!ROOT) {
            return;
        }
        Path pin = directory.resolve("left");
        Path helper = Files.writeString(directory.resolve("helper"), "#!/bin/sh\nNSJOB_FAULT=verify=stall exec '"
            + System.getProperty("nsjob.faultHelper") + "'\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (CliProcess cli = CliProcess.start(Map.of("NSJOB_HELPER", helper.toString()), CliProcess.cli().toString(), "unshare", "--persist",
                "net=" + pin, "--", "true")) {
            CliProcess.awaitTrue(() -> Files.exists(pin) && PinFiles.isPinned(pin.toString()), "no pin");
            assertEquals(List.of(), Housekeeping.gc().stream().filter(pin.toString()::equals).toList(), "taken from a launch that is alive");
            stalled(cli).forEach(ProcessHandle::destroyForcibly);
            cli.process().waitFor();
        }
        // The control: it is there still, and no process is in it.
        assertTrue(PinFiles.isPinned(pin.toString()));
        assertEquals(List.of(pin.toString()), Housekeeping.gc().stream().filter(pin.toString()::equals).toList());
        assertFalse(Files.exists(pin, LinkOption.NOFOLLOW_LINKS));
    }

    /** The process itself and the supervisor of its set-up, an orphan of the same group. */
    private static List<ProcessHandle> stalled(CliProcess cli) throws IOException {
        List<ProcessHandle> found = new ArrayList<>();
        String group = group(cli.process().pid());
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            boolean isHelper = process.info().command().orElse("").equals(System.getProperty("nsjob.faultHelper"));
            if (isHelper && group(process.pid()).equals(group) && environment(process.pid()).contains("NSJOB_PLAN=")) {
                found.add(process);
            }
        }
        return found;
    }

    private static String group(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[2];
        } catch (IOException e) {
            return "gone";
        }
    }

    private static String environment(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
