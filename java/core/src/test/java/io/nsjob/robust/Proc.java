package io.nsjob.robust;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A process as the host's /proc shows it.
 *
 * @param pid its pid
 * @param parent its parent's pid
 * @param state one letter
 * @param startTime in clock ticks since boot: tells it from a later process of the same pid
 * @param commandLine what it was started as, arguments separated by blanks
 */
record Proc(long pid, long parent, char state, long startTime, String commandLine) {
    /** All living processes with this limit of file locks, see {@link World}. */
    static List<Proc> marked(long mark) {
        List<Proc> found = new ArrayList<>();
        for (long pid : pids()) {
            Optional<Proc> process = of(pid).filter(Proc::isAlive);
            if (process.isPresent() && hasMark(pid, mark) && process.get().isStillThere()) {
                found.add(process.get());
            }
        }
        return found;
    }

    static boolean hasMark(long pid, long mark) {
        try {
            return read(pid, "limits").contains(" " + mark + " ");
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether that is its name now. */
    boolean isCalled(String name) {
        try {
            return read(pid, "comm").strip().equals(name);
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isAlive() {
        return state != 'Z' && state != 'X';
    }

    /** The numbers of all processes. */
    static Set<Long> pids() {
        Set<Long> pids = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            stream.forEach(path -> pids.add(Long.parseLong(path.getFileName().toString())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pids;
    }

    /** One process; empty when it is gone. */
    static Optional<Proc> of(long pid) {
        try {
            String commandLine = read(pid, "cmdline").replace('\0', ' ').strip();
            String stat = read(pid, "stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Proc(pid, Long.parseLong(fields[1]), fields[0].charAt(0),
                Long.parseLong(fields[19]), commandLine));
        } catch (IOException | StringIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private static String read(long pid, String file) throws IOException {
        return new String(Files.readAllBytes(Path.of("/proc", Long.toString(pid), file)), StandardCharsets.UTF_8);
    }

    /** All processes in one pid namespace, as far as this user may look. */
    static List<Proc> inPidNamespace(long inode) {
        List<Proc> found = new ArrayList<>();
        for (long pid : pids()) {
            try {
                if (((Number) Files.getAttribute(Path.of("/proc/" + pid + "/ns/pid"), "unix:ino")).longValue() == inode) {
                    of(pid).ifPresent(found::add);
                }
            } catch (IOException e) {
                // Gone, or another user's and so none of ours.
                continue;
            }
        }
        return found;
    }

    /** Until it is reaped: then a signal that was sent to it has had its effect. */
    boolean isStillThere() {
        return of(pid).filter(now -> now.startTime == startTime).isPresent();
    }

    /** SIGKILL for this process: pids go round quickly here, and the machine may have more than these tests on it. */
    boolean kill() {
        // The handle remembers the start time of whom it was made for, and the JDK compares it before it kills.
        Optional<ProcessHandle> handle = ProcessHandle.of(pid);
        return handle.isPresent() && isStillThere() && handle.get().destroyForcibly();
    }

    /** The user that these tests run as. */
    static long uid() {
        try {
            return ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether that user is root. */
    static boolean isRoot() {
        return uid() == 0;
    }
}
