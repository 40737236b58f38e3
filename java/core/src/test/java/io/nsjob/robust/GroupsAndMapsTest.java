package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.nsjob.IdMaps;
import io.nsjob.IdRange;
import io.nsjob.Job;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.JobUser;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.StartOptions;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Id maps of every kind, and what becomes of supplementary groups. What the kernel shows inside is what counts. */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class GroupsAndMapsTest {
    private static final String PRINT_NS = TestJobs.program("print-ns");
    /** The kernel keeps up to five lines in place and more of them sorted elsewhere. */
    private static final int LINES = 7;
    /** An unprivileged user, for tests of root: without an entry in /etc/passwd, and nobody's. */
    private static final int SOMEBODY = 23456;

    /** The ids that the caller may hand out: as the files say, or, for root, some that nobody has. */
    private static long firstSubId(String file) throws Exception {
        return Proc.isRoot() ? 2_000_000_000 : subIds(file)[0];
    }

    /** The first range of this user: its beginning and its length. */
    private static long[] subIds(String file) throws Exception {
        Process process = new ProcessBuilder("id", "-un").start();
        String name = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        for (String line : Files.readAllLines(Path.of("/etc", file))) {
            String[] fields = line.split(":");
            if (fields[0].equals(name) || fields[0].equals(Long.toString(Proc.uid()))) {
                return new long[] {Long.parseLong(fields[1]), Long.parseLong(fields[2])};
            }
        }
        throw new AssertionError("no range of " + name + " in " + file);
    }

    private static long gid() throws Exception {
        return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:gid")).longValue();
    }

    /** Inside 0 is the caller or, for root, an id of nobody; then ranges of 100 with gaps, in no order. */
    private static List<IdRange> ranges(long own, long first) {
        List<IdRange> ranges = new ArrayList<>();
        ranges.add(Proc.isRoot() ? new IdRange(0, first, 1) : new IdRange(0, own, 1));
        for (int i = 1; i < LINES; i++) {
            int mixed = i * 5 % LINES;
            ranges.add(new IdRange(mixed * 1000L, first + mixed * 200L, 100));
        }
        return ranges;
    }

    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void manyRanges() throws Exception {
        List<IdRange> users = ranges(Proc.uid(), firstSubId("subuid"));
        List<IdRange> groups = ranges(gid(), firstSubId("subgid") + 10_000);
        try (World world = World.plain()) {
            for (int lines : new int[] {2, 5, LINES}) {
                List<IdRange> someUsers = users.subList(0, lines);
                List<IdRange> someGroups = groups.subList(0, lines);
                // The last id of the last range proves that no line was dropped on the way.
                IdRange last = someUsers.get(lines - 1);
                JobSpec spec = JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(someUsers, someGroups))
                    .user(last.inside() + 99, someGroups.get(lines - 1).inside() + 99)
                    .command("/bin/cat", "/proc/self/uid_map", "/proc/self/gid_map").build();
                JobResult result = world.launcher().run(spec);
                assertEquals(new Outcome.Exited(0), result.outcome());
                assertEquals(sorted(someUsers), sorted(result.report().uidMap()));
                assertEquals(sorted(someGroups), sorted(result.report().gidMap()));
                assertEquals(last.outside() + 99, result.report().credentials().uid().outside());
                assertEquals(sorted(someUsers) + sorted(someGroups), shown(result.stdoutText(), lines));
            }
            world.assertNothingLeft();
        }
    }

    private static String sorted(List<IdRange> ranges) {
        return ranges.stream().sorted(Comparator.comparingLong(IdRange::inside)).toList().toString();
    }

    private static String shown(String text, int lines) {
        List<IdRange> ranges = text.lines().map(line -> line.strip().split(" +"))
            .map(f -> new IdRange(Long.parseLong(f[0]), Long.parseLong(f[1]), Long.parseLong(f[2]))).toList();
        assertEquals(2 * lines, ranges.size(), text);
        return sorted(ranges.subList(0, lines)) + sorted(ranges.subList(lines, 2 * lines));
    }

    @Test
    @RequiresFeature(Feature.SUBORDINATE_IDS)
    void automaticRanges() throws Exception {
        try (World world = World.plain()) {
            JobSpec spec = JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.AUTO))
                .user(new JobUser(1000, 1001, List.of(7L, 9L))).command(PRINT_NS).build();
            JobResult result = world.launcher().run(spec);
            JsonObject seen = json(result);
            assertEquals(1000, seen.get("uid").getAsLong());
            assertEquals(1001, seen.get("gid").getAsLong());
            assertEquals("[7,9]", seen.get("groups").toString());
            if (Proc.isRoot()) {
                assertEquals(1, result.report().uidMap().size());
                assertEquals(65536, result.report().uidMap().get(0).count());
                assertEquals(0, result.report().uidMap().get(0).outside() % 65536);
            } else {
                long[] uids = subIds("subuid");
                long[] gids = subIds("subgid");
                assertEquals(List.of(new IdRange(0, Proc.uid(), 1), new IdRange(1, uids[0], uids[1])), result.report().uidMap());
                assertEquals(List.of(new IdRange(0, gid(), 1), new IdRange(1, gids[0], gids[1])), result.report().gidMap());
                assertEquals(List.of(gids[0] + 6, gids[0] + 8), result.report().credentials().groups());
            }
        }
    }

    /** Root's jobs get a block each, locked as long as the job lives; a user's have the user's own id. */
    @Test
    void blocksOfRoot() throws Exception {
        try (World world = World.plain()) {
            List<Job> jobs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                jobs.add(world.launcher().start(TestJobs.isolated().command(TestJobs.program("sleep-term")).build()));
            }
            Set<Long> bases = new HashSet<>();
            for (Job job : jobs) {
                List<IdRange> map = job.report().uidMap();
                assertEquals(map, job.report().gidMap());
                assertEquals(1, map.size());
                if (!Proc.isRoot()) {
                    assertEquals(new IdRange(1000, Proc.uid(), 1), map.get(0));
                    continue;
                }
                long base = map.get(0).outside();
                assertEquals(new IdRange(0, base, 65536), map.get(0));
                assertTrue(bases.add(base), "two jobs have block " + base);
                assertEquals(base + 1000, owner(job.report().hostPid()));
                assertTrue(State.isHeld(lock(base)));
            }
            world.launcher().close();
            for (long base : bases) {
                assertFalse(Files.exists(lock(base)), () -> "block " + base + " is not free");
            }
            world.assertNothingLeft();
        }
        State.assertNoStaleIdLocks();
    }

    private static Path lock(long base) {
        return Path.of("/run/nsjob/ids", Long.toString(base));
    }

    private static long owner(long pid) throws Exception {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream().filter(line -> line.startsWith("Uid:"))
            .mapToLong(line -> Long.parseLong(line.split("\\s+")[2])).findFirst().orElseThrow();
    }

    /** A job must not have what its caller's groups can open: root drops them, even those that it got by accident. */
    @Test
    void groupsOfRootAreDropped() throws Exception {
        String with = Proc.isRoot() ? "exec setpriv --groups 4,27 \"$HELPER\"" : "exec \"$HELPER\"";
        try (World world = World.wrapped(with)) {
            for (JobSpec.Builder spec : List.of(TestJobs.isolated(), TestJobs.isolated().asPid1(true),
                    JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.ROOT)))) {
                JobResult result = world.launcher().run(spec.command(PRINT_NS).build());
                assertEquals("[]", json(result).get("groups").toString());
                assertEquals(List.of(), result.report().credentials().groups());
                assertTrue(result.report().weakened().stream().noneMatch(line -> line.contains("groups")));
            }
            if (Proc.isRoot()) {
                // The control: they were there to be dropped.
                JobResult result = world.launcher().run(JobSpec.bare().command(PRINT_NS).build());
                assertEquals("[4,27]", json(result).get("groups").toString());
            }
        }
    }

    /** A user cannot drop them, so the report has to name them. Only root can make such a user here. */
    @Test
    void groupsOfAUserAreNamed() throws Exception {
        try (World world = World.plain()) {
            if (!Proc.isRoot()) {
                JobResult result = world.launcher().run(TestJobs.isolated().command(PRINT_NS).build());
                assertTrue(result.report().weakened().stream().noneMatch(line -> line.contains("supplementary-groups")));
                return;
            }
            JsonObject report = reportOfSomebody(world, "4,27,54321");
            List<String> weakened = new ArrayList<>();
            report.getAsJsonArray("weakened").forEach(line -> weakened.add(line.getAsString()));
            String line = weakened.stream().filter(text -> text.startsWith("supplementary-groups: ")).findFirst().orElse("none");
            assertEquals("supplementary-groups: " + groupName(4) + ", " + groupName(27) + ", 54321", line);
            List<Long> groups = new ArrayList<>();
            for (JsonElement group : report.getAsJsonObject("credentials").getAsJsonArray("groups")) {
                groups.add(group.getAsLong());
            }
            assertEquals(List.of(4L, 27L, 54321L), groups);
        }
    }

    private static String groupName(long gid) throws Exception {
        TreeMap<Long, String> names = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("/etc/group"))) {
            String[] fields = line.split(":");
            names.putIfAbsent(Long.parseLong(fields[2]), fields[0]);
        }
        return names.getOrDefault(gid, Long.toString(gid));
    }

    /** A virtual machine of another user: the classes are copied, because a checkout may be closed to others. */
    private static JsonObject reportOfSomebody(World world, String groups) throws Exception {
        Path copy = Files.createDirectory(world.directory().resolve("copy"));
        Path runtime = World.mode(Files.createDirectory(world.directory().resolve("xdg")), "rwx------");
        Files.setAttribute(runtime, "unix:uid", SOMEBODY);
        Files.setAttribute(runtime, "unix:gid", SOMEBODY);
        Path helper = copy.resolve("nsjob-helper");
        run("cp", System.getProperty("nsjob.helper"), helper.toString());
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", Integer.toString(SOMEBODY), "--regid",
            Integer.toString(SOMEBODY), "--groups", groups, "--", "env", "-i", "XDG_RUNTIME_DIR=" + runtime));
        command.addAll(Java.commandFrom(copy, ReportMain.class, helper, "/bin/true"));
        run("chmod", "-R", "a+rX", copy.toString());
        return new Gson().fromJson(run(command.toArray(new String[0])), JsonObject.class);
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command));
        return text;
    }

    private static JsonObject json(JobResult result) {
        assertEquals(new Outcome.Exited(0), result.outcome(), result::stderrText);
        return new Gson().fromJson(result.stdoutText(), JsonObject.class);
    }

    @Test
    void heldJobsKeepTheirBlocks() throws Exception {
        try (World world = World.plain();
                Job held = world.launcher().start(TestJobs.isolated().command(PRINT_NS).build(), StartOptions.held())) {
            IdRange map = held.report().uidMap().get(0);
            for (int i = 0; i < 10; i++) {
                IdRange other = world.launcher().run(TestJobs.isolated().command(PRINT_NS).build()).report().uidMap().get(0);
                assertTrue(!Proc.isRoot() || other.outside() != map.outside());
            }
            State.assertNoStaleIdLocks();
            held.release();
            assertEquals(map.outside() + (Proc.isRoot() ? 1000 : 0), held.report().credentials().uid().outside());
            assertEquals(1000, json(held.await()).get("uid").getAsLong());
        }
    }
}
