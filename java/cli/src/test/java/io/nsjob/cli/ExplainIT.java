package io.nsjob.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nsjob.cli.explain.Stages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That explanations are true: the system calls are made, and the lines of other tools run and isolate the same. */
@Tag("integration")
class ExplainIT {
    /** Calls that the C library, or a kernel without the newest ones, makes by another name. */
    private static final Map<String, Set<String>> ALIASES = Map.of("fstat", Set.of("newfstatat", "statx", "fstatfs"), "open",
        Set.of("openat", "openat2"),
        "prlimit", Set.of("prlimit64"), "poll", Set.of("ppoll"), "mkdir", Set.of("mkdirat"), "recvmsg", Set.of("recvmsg", "read"),
        "chroot", Set.of("chroot"), "getcwd", Set.of("getcwd"), "openat", Set.of("openat", "openat2"));
    private static final Pattern CALL = Pattern.compile("([a-z_0-9]+)\\(");
    private static final Pattern LINK = Pattern.compile("([a-z_]+):\\[(\\d+)]");
    private static final String[] LINKS = {"sh", "-c", "readlink /proc/self/ns/user /proc/self/ns/mnt /proc/self/ns/pid"
        + " /proc/self/ns/net"
        + " /proc/self/ns/ipc /proc/self/ns/uts /proc/self/ns/cgroup"};

    @TempDir
    Path dir;

    @BeforeEach
    void letEveryJobIn() throws Exception {
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static List<String> names(Object list, String field) {
        return ((List<?>) list).stream().map(entry -> (String) Redaction.cast(entry).get(field)).toList();
    }

    @Test
    void stagesAreThoseOfTheHelper() throws Exception {
        Path helper = CliProcess.cli().getParent().resolveSibling("libexec").resolve("nsjob-helper");
        try (CliProcess describe = CliProcess.start(Map.of(), helper.toString(), "--describe")) {
            Object stages = Redaction.cast(JsonTree.parse(describe.await().expect(0).outText())).get("stages");
            assertEquals(names(stages, "name"), Stages.names());
        }
    }

    /** What is said to be called is called, and the stages that are told are those that the report has. */
    @Test
    void systemCallsAreMade() throws Exception {
        List<String> job = List.of("--profile", "isolated", "--output-limit", "1m", "--rlimit", "nofile=99", "--hostname", "box",
            "--", "true");
        List<String> explain = new ArrayList<>(List.of("explain", "--json", "run"));
        explain.addAll(job);
        Object stages = Redaction.cast(JsonTree.parse(CliProcess.run(explain.toArray(new String[0])).expect(0).outText()))
            .get("stages");
        Set<String> told = new TreeSet<>();
        for (Object stage : (List<?>) stages) {
            for (Object call : (List<?>) Redaction.cast(stage).get("calls")) {
                Matcher matcher = CALL.matcher(((String) call).replaceAll("\"[^\"]*\"", ""));
                while (matcher.find()) {
                    told.add(matcher.group(1));
                }
            }
        }
        assertTrue(told.containsAll(Set.of("clone3", "pivot_root", "seccomp", "capset", "sethostname", "execve")),
            told::toString);
        Path report = dir.resolve("report.json");
        String trace = dir.resolve("trace").toString();
        CliProcess.Result result = CliProcess.shell(Map.of(),
            "t=$1 r=$2; shift 2; strace -f -qq -o \"$t\" -- \"$0\" run --report \"$r\" \"$@\"",
            concat(List.of(trace, report.toString()), job)).expect(0);
        assertEquals("", result.outText());
        Set<String> made = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of(trace), java.nio.charset.StandardCharsets.ISO_8859_1)) {
            Matcher matcher = Pattern.compile("^\\d+ +(?:<\\.\\.\\. )?([a-z_0-9]+)[( ]").matcher(line);
            if (matcher.find()) {
                made.add(matcher.group(1));
            }
        }
        told.removeIf(call -> made.contains(call) || ALIASES.getOrDefault(call, Set.of()).stream().anyMatch(made::contains));
        assertEquals(Set.of(), told);
        List<String> passed = new ArrayList<>(names(Redaction.cast(JsonTree.parse(Files.readString(report))).get("stages"),
            "name"));
        List<String> explained = names(stages, "name");
        assertTrue(explained.containsAll(passed), () -> passed + " but " + explained);
    }

    private static String[] concat(List<String> before, List<String> after) {
        List<String> all = new ArrayList<>(before);
        all.addAll(after);
        return all.toArray(new String[0]);
    }

    /** The kinds that are not this process's own. */
    private static Set<String> isolated(String links) throws Exception {
        Set<String> kinds = new TreeSet<>();
        Matcher matcher = LINK.matcher(links);
        int count = 0;
        while (matcher.find()) {
            count++;
            if (!Files.readSymbolicLink(Path.of("/proc/self/ns", matcher.group(1))).toString().equals(matcher.group())) {
                kinds.add(matcher.group(1));
            }
        }
        assertEquals(7, count, links);
        return kinds;
    }

    /** The other tool's line runs as it is printed, and what is new is the same. */
    @ParameterizedTest
    @CsvSource({"unshare,-UrmpniuC", "bwrap,--profile isolated", "bwrap,-Urmpu --hostname box"})
    void linesOfOthersRun(String tool, String options) throws Exception {
        assumeTrue(tool.equals("unshare") || Files.isExecutable(Path.of("/usr/bin", tool)), () -> "no " + tool + "; install bubblewrap");
        List<String> job = new ArrayList<>(List.of(options.split(" ")));
        job.add("--");
        job.addAll(List.of(LINKS));
        CliProcess.Result line = CliProcess.run(concat(List.of("explain", "--as", tool, "run"), job)).expect(0);
        assertTrue(line.errText().lines().allMatch(note -> note.startsWith("# without: ")) && !line.errText().isEmpty(),
            line.errText());
        String theirs = CliProcess.shell(Map.of("LANG", "C.UTF-8", "HOME", "/"), line.outText().strip()).expect(0).outText();
        String ours = CliProcess.run(concat(List.of("run"), job)).expect(0).outText();
        assertEquals(isolated(ours), isolated(theirs), theirs);
        assertFalse(isolated(ours).isEmpty());
        // And back: the line is a job again, with the same kinds.
        if (tool.equals("unshare")) {
            String again = CliProcess.shell(Map.of(), "nsjob() { \"$n\" \"$@\"; }; n=$0; eval \"$(nsjob explain " + line.outText()
                .strip()
                + " | sed -n 's/^\\$ //p')\"").expect(0).outText();
            assertEquals(isolated(ours), isolated(again), again);
        }
    }

    /** In a mount namespace of its own, so that nobody's /run/netns is touched. */
    @Test
    void networkNamespacesAreEntered() throws Exception {
        String script = "mount -t tmpfs none /run && ip netns add ns1 && ls -i /run/netns/ns1 && j='--join net=/run/netns/ns1"
            + " -- readlink /proc/self/ns/net'"
            + " && eval \"$(\"$0\" explain --as ip-netns run $j 2>/dev/null)\" && eval \"$(\"$0\" explain --as nsenter run $j"
            + " 2>/dev/null)\""
            + " && \"$0\" run $j && nsjob() { \"$n\" \"$@\"; } && n=$0"
            + " && eval \"$(nsjob explain ip netns exec ns1 readlink /proc/self/ns/net | sed -n 's/^\\$ //p')\"";
        String user = System.getProperty("user.name").equals("root") ? "" : "-Urn ";
        String out = CliProcess.shell(Map.of(), "exec unshare " + user + "-m --propagation private sh -c \"$1\" \"$0\"", script)
            .expect(0).outText();
        List<String> lines = out.lines().toList();
        String inode = lines.get(0).trim().split(" ")[0];
        assertEquals(List.of("net:[" + inode + "]", "net:[" + inode + "]", "net:[" + inode + "]", "net:[" + inode + "]"),
            lines.subList(1, lines.size()));
    }
}
