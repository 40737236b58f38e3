package io.nsjob;

import io.nsjob.internal.os.Sweeper;
import java.util.List;

/** Removes what killed JVMs left behind. Opening a launcher does the same for run directories. */
public final class Housekeeping {
    private Housekeeping() {
    }

    /**
     * Removes run directories, id locks, cgroups, and records of jobs whose owners are gone. What is in use is left alone.
     *
     * @return the paths that were removed
     */
    public static List<String> gc() {
        return Sweeper.ofThisUser().gc();
    }
}
