package io.nsjob.internal.run;

import io.nsjob.Launcher;

/** Skeleton. */
public final class SharedLauncher {
    private SharedLauncher() {
    }

    public static Launcher get() {
        throw new UnsupportedOperationException();
    }
}
