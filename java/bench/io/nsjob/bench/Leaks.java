package io.nsjob.bench;

import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** What is there after thousands of launches that was not there before: nothing, one hopes. Only what is ours is counted. */
final class Leaks {
    private static final int THREADS = 2;
    private static final int OF_TEN_EIGHT = 2;
    private static final int OF_TEN_ISOLATED = 3;
    private static final long SETTLE_MILLIS = 300;

    private final Settings settings;
    private final Field field;
    private final long self = ProcessHandle.current().pid();

    Leaks(Settings settings, Field field) {
        this.settings = settings;
        this.field = field;
    }

    List<Row> run(Progress progress) throws Exception {
        Launcher launcher = field.launcher();
        launch(launcher, THREADS * 2, progress);
        Thread.sleep(SETTLE_MILLIS);
        Map<String, Long> before = count();
        launch(launcher, settings.launches(), progress);
        Thread.sleep(SETTLE_MILLIS);
        Map<String, Long> after = count();
        List<Row> rows = new ArrayList<>();
        after.forEach((what, now) -> rows.add(new Row("leaks", what + " more after " + settings.launches() + " launches",
            now - before.get(what),
            "", before.get(what) + " before, " + now + " after", 0, Double.NaN, false)));
        return rows;
    }

    private void launch(Launcher launcher, int count, Progress progress) throws Exception {
        List<JobSpec> specs = new ArrayList<>();
        for (Kinds kinds : Kinds.values()) {
            specs.add(kinds.job(settings.program()));
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int turn = i % 10;
                JobSpec spec = specs.get(turn < OF_TEN_EIGHT ? 1 : turn < OF_TEN_EIGHT + OF_TEN_ISOLATED ? 2 : 0);
                all.add(threads.submit(() -> Field.status(launcher.run(spec, Field.QUIET).outcome())));
            }
            for (int i = 0; i < count; i++) {
                progress.step("launches, for leaks", i, count);
                if (all.get(i).get() != 0) {
                    throw new IllegalStateException("a job did not end with 0");
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private Map<String, Long> count() throws IOException {
        Map<String, Long> counts = new LinkedHashMap<>();
        List<Path> ours = new ArrayList<>(List.of(Path.of("/proc/self")));
        ProcessHandle.current().descendants().map(process -> Path.of("/proc/" + process.pid())).filter(process -> !isAhead(process))
            .forEach(ours::add);
        long descriptors = 0;
        Set<String> namespaces = new HashSet<>();
        for (Path process : ours) {
            descriptors += entries(process.resolve("fd")).size();
            for (Path kind : entries(process.resolve("ns"))) {
                namespaces.add(link(kind));
            }
        }
        counts.put("descriptors of the JVM and its descendants", descriptors);
        counts.put("processes", (long) ours.size());
        counts.put("mounts", (long) Files.readAllLines(Path.of("/proc/self/mountinfo")).size());
        counts.put("namespaces", (long) namespaces.size());
        counts.put("cgroups", cgroups(Path.of("/sys/fs/cgroup"), "nsjob-" + self + "-"));
        counts.put("files", files());
        return counts;
    }

    /** What is ready for the next job has the namespaces of the newest kind, if any. */
    private static boolean isAhead(Path process) {
        try {
            String name = Files.readString(process.resolve("comm")).strip();
            return name.equals("nsjob-spare") || name.equals("nsjob-ahead");
        } catch (IOException e) {
            return false;
        }
    }

    /** Of this JVM's own directory; and locks of blocks of ids that nobody holds, whosever they were. */
    private long files() throws IOException {
        long count = 0;
        for (Path base : new Path[] {Path.of("/run/nsjob"), Path.of(String.valueOf(System.getenv("XDG_RUNTIME_DIR")), "nsjob")}) {
            for (Path own : entries(base.resolve("run"))) {
                count += own.getFileName().toString().contains(Long.toString(self)) ? entries(own).size() : 0;
            }
            for (Path block : entries(base.resolve("ids"))) {
                count += isStale(block) ? 1 : 0;
            }
        }
        return count;
    }

    private static boolean isStale(Path block) {
        try (FileChannel file = FileChannel.open(block, StandardOpenOption.WRITE); FileLock lock = file.tryLock()) {
            return lock != null && Files.exists(block);
        } catch (IOException e) {
            // Gone meanwhile.
            return false;
        }
    }

    private static List<Path> entries(Path directory) {
        try (Stream<Path> list = Files.list(directory)) {
            return list.toList();
        } catch (IOException e) {
            // A process that has ended meanwhile has nothing.
            return List.of();
        }
    }

    private static String link(Path path) {
        try {
            return Files.readSymbolicLink(path).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long cgroups(Path root, String prefix) {
        long count = 0;
        for (Path entry : entries(root)) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                count += (entry.getFileName().toString().startsWith(prefix) ? 1 : 0) + cgroups(entry, prefix);
            }
        }
        return count;
    }
}
