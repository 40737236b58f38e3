package io.nsjob.internal.os;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Removes cgroups that supervisors which were killed could not remove. Nobody is in them: the kernel keeps any other. */
public final class CgroupSweeper {
    private static final Pattern NAME = Pattern.compile("nsjob-(\\d+)-(\\d+)-\\d+");
    private static final int TRIES = 100;
    private static final long PAUSE_MILLIS = 20;

    private CgroupSweeper() {
    }

    /**
     * Removes those whose JVM is gone, and in which no process is left.
     *
     * @param parents where to look
     * @return the paths that were removed
     */
    public static List<String> sweep(List<Path> parents) {
        List<String> removed = new ArrayList<>();
        for (Path parent : parents) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(parent, "nsjob-*")) {
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
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return false;
        }
        OptionalLong alive = ProcStat.startTime(Path.of("/proc", matcher.group(1), "stat"));
        return alive.isEmpty() || !Long.toString(alive.getAsLong()).equals(matcher.group(2));
    }

    /** Removes a cgroup; one that is in use, or gone already, is not removed. */
    private static boolean remove(Path directory) {
        try {
            Files.delete(directory);
            return true;
        } catch (IOException e) {
            return false;
        }
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
