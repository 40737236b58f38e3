package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the processes below one of them use, added up from /proc: for jobs without a cgroup. */
public final class ProcessTree {
    /** Fields of /proc/PID/stat after the command's closing parenthesis, which begin with number 3; proc_pid_stat(5). */
    private static final int PARENT = 4 - 3;
    private static final int USER_TIME = 14 - 3;
    private static final int SYSTEM_TIME = 15 - 3;
    private static final int THREADS = 20 - 3;
    /** USER_HZ, which the kernel has fixed at 100 on all machines that this library runs on; sysconf(3). */
    private static final long NANOS_OF_TICK = 10_000_000;

    private ProcessTree() {
    }

    /**
     * The sums.
     *
     * @param userNanos processor time in user mode, of the processes and the children that they waited for
     * @param systemNanos the same in the kernel
     * @param residentBytes memory, where what several share counts for each
     * @param threads of the processes below
     */
    public record Sum(long userNanos, long systemNanos, long residentBytes, long threads) {
    }

    private record Entry(long parent, long userTicks, long systemTicks, long threads) {
    }

    /**
     * Looks at all processes.
     *
     * @param root its descendants count, and with its own time what it inherited of those that are gone
     * @return the sums at about this moment
     */
    public static Sum below(long root) {
        Map<Long, Entry> all = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                read(process, all);
            }
        } catch (IOException | DirectoryIteratorException e) {
            Log.debug(ProcessTree.class, "cannot list /proc", e);
        }
        long user = 0;
        long system = 0;
        long resident = 0;
        long threads = 0;
        for (Map.Entry<Long, Entry> process : all.entrySet()) {
            boolean below = isBelow(process.getKey(), root, all);
            if (below || process.getKey() == root) {
                user += process.getValue().userTicks();
                system += process.getValue().systemTicks();
                resident += below ? resident(process.getKey()) : 0;
                threads += below ? process.getValue().threads() : 0;
            }
        }
        return new Sum(user * NANOS_OF_TICK, system * NANOS_OF_TICK, resident, threads);
    }

    private static boolean isBelow(long pid, long root, Map<Long, Entry> all) {
        Entry entry = all.get(pid);
        // As deep as there are processes: what changed while it was read could make a circle.
        for (int i = 0; entry != null && i <= all.size(); i++) {
            if (entry.parent() == root) {
                return true;
            }
            entry = all.get(entry.parent());
        }
        return false;
    }

    private static void read(Path process, Map<Long, Entry> all) {
        try {
            String[] fields = ProcStat.fields(process.resolve("stat"));
            List<Long> numbers = new ArrayList<>();
            for (int field : new int[] {PARENT, USER_TIME, USER_TIME + 2, SYSTEM_TIME, SYSTEM_TIME + 2, THREADS}) {
                numbers.add(Long.parseLong(fields[field]));
            }
            all.put(Long.parseLong(process.getFileName().toString()), new Entry(numbers.get(0), numbers.get(1) + numbers.get(2),
                numbers.get(3) + numbers.get(4), numbers.get(5)));
        } catch (IOException | RuntimeException e) {
            // It ended meanwhile.
            return;
        }
    }

    private static long resident(long pid) {
        for (String line : ProcText.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return 0;
    }
}
