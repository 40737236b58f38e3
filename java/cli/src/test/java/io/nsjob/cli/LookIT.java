package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nsjob ps}, {@code inspect} and {@code ns}, mostly in this JVM, as a start of the command takes half a second. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.USER_NAMESPACES})
class LookIT {
    private static final String NAME = "look-" + UUID.randomUUID();

    @TempDir
    Path dir;
    private String err = "";

    private String run(int expected, String... line) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status = new Cli(new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(errors, true, StandardCharsets.UTF_8), Style.PLAIN, Style.PLAIN)).run(line);
        err = errors.toString(StandardCharsets.UTF_8);
        assertEquals(expected, status, err);
        return out.toString(StandardCharsets.UTF_8);
    }

    private JsonObject json(String... line) {
        return new Gson().fromJson(run(0, line), JsonObject.class);
    }

    private static JobSpec spec() {
        return JobSpec.bare(NamespaceKind.USER, NamespaceKind.UTS).name(NAME).env("SECRET", "s3cr3t").command("sleep", "1000").build();
    }

    @Test
    void aJobIsListedInspectedDrawnAndFound() throws Exception {
        try (Launcher launcher = Launcher.open(); Job job = launcher.start(spec())) {
            String pid = Long.toString(job.report().hostPid());
            String row = run(0, "ps").lines().filter(line -> line.startsWith(NAME)).findFirst().orElseThrow();
            assertTrue(row.matches(NAME + " +" + pid + " +bare +user,uts +\\d+s +sleep 1000"), row);
            JsonObject listed = json("ps", "--json").getAsJsonArray("jobs").asList().stream().map(JsonElement::getAsJsonObject)
                .filter(one -> one.get("name").getAsString().equals(NAME)).findFirst().orElseThrow();
            assertEquals(pid, listed.get("pid").getAsString());
            String text = run(0, "inspect", NAME);
            assertTrue(text.contains("main " + pid) && text.contains("exec ") && !text.contains("s3cr3t"), text);
            assertEquals(NAME, json("inspect", pid, "--json").get("job").getAsString());
            Path svg = dir.resolve("job.svg");
            run(0, "inspect", NAME, "--svg", svg.toString());
            assertTrue(Files.readString(svg).contains("From plan to command"));

            String user = Long.toString(job.report().namespaces().get(NamespaceKind.USER).inode());
            String uts = Long.toString(job.report().namespaces().get(NamespaceKind.UTS).inode());
            assertEquals(List.of(user, uts), inodes(json("ns", "list", "--json", "--job", NAME, "-t", "user,uts")));
            assertEquals(List.of(user), inodes(json("ns", "--json", "--pid", pid, "--kind=user")));
            assertTrue(inodes(json("ns", "--json", "--mine")).containsAll(List.of(user, uts)));
            assertTrue(run(0, "ns", "--job", NAME, "-t", "uts").contains(NAME));
            String tree = run(0, "ns", "tree", "--job", NAME);
            assertTrue(tree.contains("─ user   " + user + "  " + NAME) && tree.contains("└─ uts    " + uts), tree);
            assertFalse(run(0, "ns", "tree", "--by", "pid").contains("uts "));
            assertTrue(json("ns", "tree", "--json").getAsJsonArray("roots").toString().contains(user));
            assertTrue(run(0, "ns", "graph", "--dot", "-", "--job", NAME).contains("n" + user + " -> n" + uts));
        }
        run(125, "inspect", NAME);
        assertTrue(err.startsWith("nsjob: no job " + NAME + ": ") && err.lines().count() == 1, err);
        assertFalse(run(0, "ps").contains(NAME));
    }

    private static List<String> inodes(JsonObject map) {
        return map.getAsJsonArray("namespaces").asList().stream().map(one -> one.getAsJsonObject().get("inode").getAsString()).sorted()
            .toList();
    }

    @Test
    void mistakesAreOneLine() {
        for (String line : List.of("ps x", "ps --jsno", "inspect", "inspect a b", "ns lst", "ns list x", "ns list -t mmt", "ns list -p x",
                "ns list -p 4000001", "ns list -t", "ns list --json --json", "ns list --json=x", "ns tree --by net", "ns graph",
                "ns graph --from /nonexistent --svg -", "ns graph --svg /nonexistent/x.svg", "ns list --job no-such-job")) {
            assertEquals("", run(125, line.split(" ")), line);
            assertTrue(err.startsWith("nsjob: ") && err.lines().count() == 1 && !err.contains("internal"), err);
        }
    }

    /** Kind, processes and lowest pid of each namespace with processes. */
    private static Map<String, String> seen(JsonArray namespaces, String inode, String kind, String processes) {
        return namespaces.asList().stream().map(JsonElement::getAsJsonObject).filter(one -> one.get(processes).getAsInt() > 0)
            .collect(Collectors.toMap(one -> one.get(inode).getAsString(), one -> one.get(kind).getAsString() + " "
                + one.get(processes).getAsString() + " " + one.get("pid").getAsString()));
    }

    /** Where nobody else comes and goes the two must agree in everything. */
    @Test
    void inAPidNamespaceOfItsOwnItAgreesWithLsns() throws Exception {
        String script = "sleep 100 & unshare -u sleep 100 & unshare -Ur unshare -n sleep 100 & "
            + "for i in $(seq 150); do [ $(lsns -n | wc -l) -ge 11 ] && break; sleep 0.2; done; "
            + "\"$1\" ns list --json >\"$2/ours\"; lsns --json -o NS,TYPE,NPROCS,PID >\"$2/theirs\"";
        Files.setPosixFilePermissions(dir, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        CliProcess.start(Map.of(), "unshare", "-Urpf", "--mount-proc", "sh", "-c", script, "sh",
            CliProcess.cli().toAbsolutePath().toString(), dir.toString()).await().expect(0);
        Map<String, String> ours = seen(read("ours"), "inode", "kind", "processes");
        Map<String, String> theirs = seen(read("theirs"), "ns", "type", "nprocs");
        assertEquals(theirs, ours);
        assertTrue(ours.size() >= 8 + 3, ours.toString());
    }

    private JsonArray read(String file) throws Exception {
        return new Gson().fromJson(Files.readString(dir.resolve(file)), JsonObject.class).getAsJsonArray("namespaces");
    }

    @Test
    void whatAKilledRunLeavesIsNotListedAndSwept() throws Exception {
        String name = NAME + "-killed";
        try (CliProcess cli = CliProcess.nsjob("run", "-Ur", "--name", name, "--", "sleep", "1000")) {
            CliProcess.awaitTrue(() -> run(0, "ps").contains(name), "it is never listed");
            ProcessHandle.of(cli.process().pid()).orElseThrow().destroyForcibly();
            CliProcess.awaitTrue(() -> !run(0, "ps").contains(name), "it is still listed");
            List<String> left = new ArrayList<>(files(name));
            String removed = run(0, "gc");
            // Nobody but who begins a job on this machine sweeps besides.
            assertTrue(left.stream().allMatch(file -> removed.contains(file) || !Files.exists(Path.of(file))), removed);
            assertEquals(List.of(), files(name));
        }
    }

    private static List<String> files(String name) throws Exception {
        List<String> found = new ArrayList<>();
        String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/nonexistent");
        Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        for (Path jobs : List.of(Path.of("/run/nsjob/jobs"), Path.of(runtime, "nsjob/jobs"), Path.of("/tmp/nsjob-" + uid + "/jobs"))) {
            if (Files.isReadable(jobs)) {
                try (Stream<Path> files = Files.list(jobs)) {
                    files.map(Path::toString).filter(file -> file.contains(name)).forEach(found::add);
                }
            }
        }
        return found;
    }
}
