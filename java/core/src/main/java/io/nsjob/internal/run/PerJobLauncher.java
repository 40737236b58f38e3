package io.nsjob.internal.run;

import io.nsjob.Driver;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;

/** Skeleton. */
public final class PerJobLauncher {
    private PerJobLauncher() {
    }

    public static Launcher open(Driver driver) {
        throw new UnsupportedOperationException();
    }

    public static String plan(JobSpec spec) {
        throw new UnsupportedOperationException();
    }
}
