package io.nsjob;

/** How a launcher reaches the helper. */
public enum Driver {
    /** One helper process per job, with a Unix socket of the JDK. Nothing native is loaded into the JVM. */
    PER_JOB
}
