package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Removes cgroups that supervisors which were killed could not remove. Whoever is still in them is killed first: without a pid
 * namespace a job loses its last guard when its supervisor and its init are killed at once.
 */
public final class CgroupSweeper implements Runnable {
    private static final String PREFIX = "nsjob-";
    private static final int MAX_DIGITS = 20;
    private static final int TRIES = 100;
    private static final long PAUSE_MILLIS = 20;

    private final HostFacts facts;

    /**
     * One that looks where the caller may make cgroups, when it is run.
     *
     * @param facts about the caller
     */
    public CgroupSweeper(HostFacts facts) {
        this.facts = facts;
    }

    @Override
    public void run() {
        sweep(facts.cgroups().parents());
    }

    /**
     * Removes those whose JVM, of this pid namespace, is gone, with the processes in them.
     *
     * @param parents where to look
     * @return the paths that were removed
     */
    public static List<String> sweep(List<Path> parents) {
        List<String> removed = new ArrayList<>();
        for (Path parent : parents) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
                for (Path child : children) {
                    if (isAbandoned(child.getFileName().toString()) && remove(child)) {
                        removed.add(child.toString());
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                Log.debug(CgroupSweeper.class, "cannot look into " + parent, e);
            }
        }
        return removed;
    }

    private static boolean isAbandoned(String name) {
        // See CgroupPlaces.newName: pid and start time of the JVM, a number, and the pid namespace.
        String[] parts = name.startsWith(PREFIX) ? name.substring(PREFIX.length()).split("-", -1) : new String[0];
        if (parts.length != 4 || !parts[3].equals(CgroupPlaces.PID_NAMESPACE)) {
            return false;
        }
        for (String part : parts) {
            if (!ProcText.isNumber(part, MAX_DIGITS)) {
                return false;
            }
        }
        OptionalLong alive = ProcStat.startTime(Path.of("/proc", parts[0], "stat"));
        return alive.isEmpty() || !Long.toString(alive.getAsLong()).equals(parts[1]);
    }

    /** Removes a cgroup; one in which somebody is still dying, or that is gone already, is not removed. */
    private static boolean remove(Path directory) {
        try {
            kill(directory);
            Files.delete(directory);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void kill(Path directory) throws IOException {
        Path all = directory.resolve("cgroup.kill");
        if (Files.exists(all)) {
            Files.writeString(all, "1");
            return;
        }
        for (String pid : members(directory)) {
            // A handle knows the start time, and kills nobody else; the second look proves that it is a member's.
            ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElse(null);
            if (process != null && members(directory).contains(pid)) {
                process.destroyForcibly();
            }
        }
    }

    /** Those of another pid namespace are listed as 0: they cannot be reached from here. */
    private static List<String> members(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve("cgroup.procs")).stream().filter(pid -> !pid.equals("0")).distinct().toList();
    }

    /**
     * Removes the cgroups of one job whose supervisor did not, as soon as its last processes are gone.
     *
     * @param directories of the job
     */
    public static void removeAll(List<Path> directories) {
        for (Path directory : directories) {
            for (int i = 0; i < TRIES && Files.exists(directory) && !remove(directory); i++) {
                try {
                    Thread.sleep(PAUSE_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
