package io.nsjob;

/** How a launcher reaches the helper. */
public enum Driver {
    /** One helper process per job, with a Unix socket of the JDK. Nothing native is loaded into the JVM. */
    PER_JOB,
    /**
     * One helper process for the whole JVM, which forks a supervisor for each job, and one thread for all jobs. It is started with the
     * first job, ends with the last launcher or with the JVM, and is started again when it dies; running jobs outlive it. Loads JNA:
     * JDK 24 and later want {@code --enable-native-access} for that.
     */
    RESIDENT
}
