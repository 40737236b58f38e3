package io.nsjob;

import io.nsjob.internal.os.Sweeper;
import io.nsjob.internal.run.NetnsHome;
import java.util.ArrayList;
import java.util.List;

/** Removes what killed JVMs left behind. Opening a launcher does the same for run directories. */
public final class Housekeeping {
    private Housekeeping() {
    }

    /**
     * Removes run directories, id locks, cgroups, records of jobs, and half-made pins whose owners are gone, and the process of a
     * user's network namespaces when there is none. What is in use is left alone, and so is every complete {@link NamespacePin}.
     *
     * @return the paths that were removed
     */
    public static List<String> gc() {
        List<String> removed = new ArrayList<>(Sweeper.ofThisUser().gc());
        removed.addAll(NetnsHome.sweep());
        return removed;
    }
}
