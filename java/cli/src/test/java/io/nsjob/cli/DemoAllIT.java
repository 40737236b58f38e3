package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All demos on this machine: each claim holds, and the machine is afterwards as it was before. */
@Tag("integration")
class DemoAllIT {
    /** Others may mount or start something on the same machine at the same time; not each time. */
    private static final int TRIES = 3;
    private static final String MARK = "NSJOB_DEMO_TEST";
    private static final long FIRST_BLOCK = 524_288;
    private static final long END_OF_BLOCKS = 1_879_048_192;

    @TempDir
    private Path scratch;

    @BeforeEach
    void othersMayEnter() throws IOException {
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Where the demos' directory is made, and a mark that all their processes inherit. */
    private Map<String, String> environment(String mark) {
        return Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + scratch, MARK, mark, "STRICT", "1");
    }

    @Test
    void everyClaimHoldsAndTheHostIsAsItWas() throws Exception {
        String mark = UUID.randomUUID().toString();
        for (int tries = 1; ; tries++) {
            Set<Long> known = processes();
            Map<String, String> before = host(known);
            var result = CliProcess.shell(environment(mark), "exec \"$0\" demo all --json");
            Map<String, String> after = host(known);
            holds(JsonTree.parse(result.expect(0).outText()));
            assertEquals(List.of(), left(mark));
            if (before.equals(after) || tries == TRIES) {
                assertEquals(before, after);
                return;
            }
        }
    }

    private static void holds(Object tree) throws IOException {
        List<?> demos = (List<?>) ((Map<?, ?>) tree).get("demos");
        TreeSet<String> played = new TreeSet<>();
        int checks = 0;
        for (Object element : demos) {
            Map<?, ?> demo = (Map<?, ?>) element;
            assertTrue(!demo.containsKey("skipped"), demo.toString());
            played.add(demo.get("name") + ".json");
            for (Object step : (List<?>) demo.get("steps")) {
                for (Object check : (List<?>) ((Map<?, ?>) step).get("checks")) {
                    assertEquals(true, ((Map<?, ?>) check).get("passed"), demo.get("name") + ": " + step);
                    checks++;
                }
            }
        }
        try (Stream<Path> files = Files.list(CliProcess.fixtures().resolve("demos"))) {
            assertEquals(new TreeSet<>(files.map(file -> file.getFileName().toString()).toList()), played);
        }
        assertTrue(checks > 80, "only " + checks + " checks");
    }

    @Test
    void theHostIsAsItWasAfterAnInterruptToo() throws Exception {
        String mark = UUID.randomUUID().toString();
        Path demo = Files.writeString(scratch.resolve("mine.json"), """
            {"demo": 1, "name": "mine", "about": "All at once.",
              "sessions": {"box": {"job": {"namespaces": {"mnt": "new", "uts": "new", "ipc": "new", "net": "new", "pid": "new"}}}},
              "steps": [
                {"id": "spoil", "session": "box", "say": "a", "run": ["hostname interrupted", "ipcmk -Q", "mount -t tmpfs tmpfs /run",
                    "mount -t tmpfs tmpfs ${dir}", "ip netns add interrupted", "sleep 4711 &"]},
                {"id": "server", "session": "box", "say": "b", "do": {"serve": {"port": 4711, "text": "hello"}}},
                {"id": "rest", "say": "c", "run": "sleep 4711 & touch ${dir}/here; echo ${box.pid} >${dir}/here; sleep 4711"}]}
            """);
        for (int tries = 1; ; tries++) {
            Set<Long> known = processes();
            Map<String, String> before = host(known);
            try (CliProcess cli = CliProcess.start(environment(mark), "setsid", CliProcess.cli().toString(), "demo", demo.toString())) {
                CliProcess.awaitTrue(this::begun, "the demo does not begin");
                assertTrue(left(mark).size() > 5, "the processes of a demo can be found: " + left(mark));
                assertNotEquals(before.get("namespaces"), host(known).get("namespaces"), "and its namespaces");
                cli.signal("INT");
                assertTrue(cli.process().waitFor(100, TimeUnit.SECONDS), "still running");
                assertEquals(130, cli.await().status());
            }
            Map<String, String> after = host(known);
            assertEquals(List.of(), left(mark));
            if (before.equals(after) || tries == TRIES) {
                assertEquals(before, after);
                return;
            }
        }
    }

    private boolean begun() throws IOException {
        try (Stream<Path> all = Files.walk(scratch)) {
            return all.anyMatch(path -> path.endsWith("here") && path.toFile().length() > 0);
        } catch (NoSuchFileException | UncheckedIOException e) {
            return false; // something has just been removed there
        }
    }

    /**
     * What a demo must not change.
     *
     * @param known the processes that were there before it
     */
    private static Map<String, String> host(Set<Long> known) throws IOException {
        Map<String, String> host = new TreeMap<>();
        String uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
        boolean root = uid.equals("0");
        for (String file : List.of("/proc/self/mountinfo", "/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname")) {
            host.put(file, Files.readString(Path.of(file)));
        }
        for (String kind : List.of("msg", "sem", "shm")) {
            // The key and the id of each object of ours: the rest are times and counters.
            host.put(kind, String.join("\n", Files.readString(Path.of("/proc/sysvipc/" + kind)).lines().map(String::strip)
                .filter(line -> List.of(line.split("\\s+")).contains(uid)).map(line -> line.replaceAll("^(\\S+\\s+\\S+).*", "$1")).toList()));
        }
        if (root) { // the tests of root, which run beside those of the user, make some, and the user can make none
            host.put("names", entries(Path.of("/run/netns")).toString());
            host.put("devices", entries(Path.of("/sys/class/net")).toString());
        }
        TreeSet<String> namespaces = new TreeSet<>();
        ProcessHandle.allProcesses().filter(process -> !others(process, known) && (!root || isRoots(process))).forEach(process ->
            namespaces.addAll(namespaces(Path.of("/proc", Long.toString(process.pid()), "ns"))));
        host.put("namespaces", namespaces.toString());
        return host;
    }

    private static Set<Long> processes() {
        return ProcessHandle.allProcesses().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /**
     * Whether a process descends from one that was there before, and is neither this one nor above it: other tests run beside these.
     * What a demo left behind would have a new process for its parent, or one of those above.
     */
    private static boolean others(ProcessHandle process, Set<Long> known) {
        Set<Long> us = new HashSet<>();
        for (Optional<ProcessHandle> up = Optional.of(ProcessHandle.current()); up.isPresent(); up = up.get().parent()) {
            us.add(up.get().pid());
        }
        ProcessHandle top = process;
        while (top.parent().isPresent() && !us.contains(top.pid()) && !us.contains(top.parent().get().pid())) {
            top = top.parent().get();
        }
        return !us.contains(top.pid()) && known.contains(top.pid());
    }

    /** Root's own, or one with the ids of root's jobs: what the tests of the user leave for a moment is none of a demo of root's. */
    private static boolean isRoots(ProcessHandle process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            long uid = lines.filter(line -> line.startsWith("Uid:")).map(line -> Long.parseLong(line.split("\\s+")[1])).findFirst().orElse(0L);
            return uid == 0 || uid >= FIRST_BLOCK && uid < END_OF_BLOCKS;
        } catch (IOException | UncheckedIOException e) {
            return false; // it has ended
        }
    }

    private static TreeSet<String> entries(Path directory) throws IOException {
        TreeSet<String> entries = new TreeSet<>();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> all = Files.list(directory)) {
                all.forEach(entry -> entries.add(entry.getFileName().toString()));
            }
        }
        return entries;
    }

    /** Of a process that has ended meanwhile, or is another user's: none. */
    private static List<String> namespaces(Path directory) {
        List<String> namespaces = new ArrayList<>();
        for (String kind : List.of("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time")) {
            try {
                namespaces.add(Files.readSymbolicLink(directory.resolve(kind)).toString());
            } catch (IOException e) {
                return List.of();
            }
        }
        return namespaces;
    }

    /** The processes that inherited the mark, and what lies where the demos have their directory. */
    private List<String> left(String mark) throws IOException {
        List<String> left = new ArrayList<>();
        for (String pid : entries(Path.of("/proc"))) {
            if (!pid.matches("[0-9]+")) {
                continue;
            }
            try {
                Path process = Path.of("/proc", pid);
                if (Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1).contains(MARK + "=" + mark)) {
                    left.add(pid + " " + Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1).replace('\0', ' '));
                }
            } catch (IOException e) {
                continue; // it has ended, or is another user's
            }
        }
        entries(scratch).stream().filter(name -> !name.equals("mine.json")).forEach(left::add);
        return left;
    }
}
