package io.nsjob.bench;

import io.nsjob.Job;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many jobs alive at once from this JVM: what a launch takes beside them, what memory they take, how many threads. */
final class LiveJobs {
    /** Supervisor, init, job. */
    private static final int PROCESSES = 3;
    private static final int SPARE_PROCESSES = 2000;
    private static final int SPARE_DESCRIPTORS = 500;
    private static final int DESCRIPTORS = 3;
    private static final long KILOBYTES = 1024;
    private static final int LAUNCHES = 200;
    private static final int STARTERS = 2;
    private static final int LOOKED_AT = 50;
    private static final long START_NANOS = 60_000_000_000L;
    /** Parts of the kernel's memory; what else it takes is shared by all. */
    private static final String[] KERNEL = {"Slab", "KernelStack", "PageTables", "SecPageTables", "Percpu", "Shmem"};

    private record Memory(double user, double kernel, double available) {
    }

    private final Settings settings;
    private final Field field;
    private final Progress progress;
    private final List<Row> rows = new ArrayList<>();
    private final List<Job> alive = new ArrayList<>();
    private int threadsBefore;

    LiveJobs(Settings settings, Field field, Progress progress) {
        this.settings = settings;
        this.field = field;
        this.progress = progress;
    }

    List<Row> five() throws Exception {
        five(most());
        return rows;
    }

    /**
     * The last of all that is measured: every memory cgroup holds a map of all filesystems of the machine, ten for each of these
     * jobs, and until the next boot the kernel makes that map no smaller again.
     */
    List<Row> isolated() throws Exception {
        isolated(most());
        return rows;
    }

    private int most() throws IOException {
        int wanted = settings.live()[settings.live().length - 1];
        int most = Math.min(wanted, room());
        if (most < wanted) {
            progress.warn("only " + most + " instead of " + wanted
                + " jobs are alive at once: pid_max, the descriptor limit or memory"
                + " allow no more here");
        }
        return most;
    }

    /** How many jobs this machine has room for. */
    private int room() throws IOException {
        long pids;
        // Not Files.readString: it reads byte by byte where a file says that it is empty, and this one gives only its first.
        try (var file = Files.newBufferedReader(Path.of("/proc/sys/kernel/pid_max"))) {
            pids = Long.parseLong(file.readLine().strip());
        }
        long descriptors = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String[] words = line.split(" +");
                descriptors = Long.parseLong(words[words.length - 3].replace("unlimited", "1000000"));
            }
        }
        long processes;
        try (var list = Files.list(Path.of("/proc"))) {
            processes = list.filter(path -> Character.isDigit(path.getFileName().toString().charAt(0))).count();
        }
        long memory = Machine.meminfo("MemAvailable") / KILOBYTES;
        return (int) Math.max(1, Math.min(Math.min((pids - processes - SPARE_PROCESSES) / PROCESSES,
            (descriptors - SPARE_DESCRIPTORS) / DESCRIPTORS), memory));
    }

    private void five(int most) throws Exception {
        Launcher launcher = field.launcher();
        JobSpec launched = Kinds.FIVE.job(settings.program());
        Way ours = Way.of(() -> Field.status(launcher.run(launched, Field.QUIET).outcome()));
        Way floor = count -> field.worker().run("floor.five", count);
        progress.step("launches beside live jobs", 0, 1);
        double[] before = {median(ours), median(floor)};
        threadsBefore = Thread.getAllStackTraces().size();
        List<double[]> beside = new ArrayList<>();
        List<Integer> levels = new ArrayList<>();
        try {
            long[] kernel = kernel();
            for (int level : settings.live()) {
                int count = Math.min(level, most);
                start(Kinds.FIVE, count);
                beside.add(new double[] {median(ours), median(floor)});
                levels.add(alive.size());
            }
            memory(Kinds.FIVE, kernel, 350, 250);
            threads();
        } finally {
            end();
        }
        double[] after = {median(ours), median(floor)};
        double none = (before[0] + after[0]) / 2;
        double noneInC = (before[1] + after[1]) / 2;
        for (int i = 0; i < levels.size(); i++) {
            boolean last = i == levels.size() - 1;
            String detail = String.format(Locale.ROOT, "%.0f µs, none alive %.0f before and %.0f µs after; the C floor meanwhile %s × its own",
                beside.get(i)[0], before[0], after[0], Row.number(beside.get(i)[1] / noneInC));
            rows.add(new Row("many jobs alive", "launch latency, five kinds, " + count(levels.get(i)) + " alive / none alive",
                beside.get(i)[0] / none, "×", detail, last ? 1.5 : Double.NaN, last ? 1.1 : Double.NaN, false));
        }
    }

    private void isolated(int most) throws Exception {
        long[] kernel = kernel();
        try {
            start(Kinds.ISOLATED, most);
            if (alive.size() < most) {
                progress.warn("only " + alive.size() + " instead of " + most + " isolated jobs were started in a minute");
            }
            memory(Kinds.ISOLATED, kernel, 550, 400);
        } finally {
            end();
        }
    }

    private static String count(int jobs) {
        return String.format(Locale.ROOT, "%,d", jobs);
    }

    private double median(Way way) throws Exception {
        way.run(2);
        return Way.median(way.run(settings.quick() ? 4 : LAUNCHES)) / 1000;
    }

    /** Where it takes too long to start so many, those that are there must do, and the row says how many that are. */
    private void start(Kinds kinds, int upTo) throws Exception {
        JobSpec spec = kinds.staying(settings.program());
        int missing = upTo - alive.size();
        long until = System.nanoTime() + START_NANOS;
        parallel(missing, () -> {
            if (System.nanoTime() > until) {
                return null;
            }
            Job job = field.launcher().start(spec, Field.QUIET);
            synchronized (alive) {
                alive.add(job);
                progress.step("live jobs, " + kinds.what(), alive.size(), upTo);
            }
            return null;
        });
    }

    private static void parallel(int count, Callable<Void> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(STARTERS);
        try {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(work));
            }
            for (Future<Void> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void end() throws Exception {
        List<Job> ending = new ArrayList<>(alive);
        int all = ending.size();
        alive.clear();
        parallel(all, () -> {
            Job job;
            synchronized (ending) {
                job = ending.remove(ending.size() - 1);
                progress.step("ending live jobs", all - ending.size(), all);
            }
            job.close();
            return null;
        });
    }

    private void threads() {
        int all = Thread.getAllStackTraces().size();
        long named = Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("nsjob")).count();
        rows.add(new Row("many jobs alive", "Java threads in all of the library, " + count(alive.size()) + " alive", named, "",
            "all threads of the JVM: " + all + ", before the jobs " + threadsBefore, 8, Double.NaN, false));
    }

    private static long[] kernel() throws IOException {
        long[] parts = new long[KERNEL.length + 1];
        for (int i = 0; i < KERNEL.length; i++) {
            parts[i] = Machine.meminfo(KERNEL[i]);
        }
        parts[KERNEL.length] = Machine.meminfo("MemAvailable");
        return parts;
    }

    private void memory(Kinds kinds, long[] before, int target, int stretch) throws IOException {
        long[] now = kernel();
        int jobs = alive.size();
        double kernel = 0;
        StringBuilder parts = new StringBuilder();
        for (int i = 0; i < KERNEL.length; i++) {
            double each = (double) (now[i] - before[i]) / jobs;
            kernel += each;
            parts.append(String.format(Locale.ROOT, ", %s %.0f", KERNEL[i], each));
        }
        double[] users = new double[PROCESSES];
        for (int i = 0; i < LOOKED_AT; i++) {
            Job job = alive.get(i * jobs / LOOKED_AT);
            long init = job.report().initPid().orElse(0);
            long[] pids = {parent(init), init, job.report().hostPid()};
            for (int k = 0; k < PROCESSES; k++) {
                users[k] += pss(pids[k]) / (double) LOOKED_AT;
            }
        }
        double sum = users[0] + users[1] + users[2] + kernel;
        String detail = String.format(Locale.ROOT, "Pss: supervisor %.0f, init %.0f, job %.0f; kernel %.0f%s;"
            + " MemAvailable fell by %.0f KB each", users[0],
            users[1], users[2], kernel, parts, (double) (before[KERNEL.length] - now[KERNEL.length]) / jobs);
        rows.add(new Row("many jobs alive", "memory of each outside the JVM, " + kinds.what() + ", " + count(jobs) + " alive",
            sum, "KB",
            detail, target, stretch, false));
    }

    private static long parent(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[1]);
    }

    private static long pss(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
            if (line.startsWith("Pss:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }
}
