/** Isolated jobs for the JVM. Nothing but {@code io.nsjob} is exported, and no type of a library is part of it. */
@SuppressWarnings("requires-automatic") // commons-exec and JNA have a name in their manifests and no descriptor
module io.nsjob {
    requires com.google.gson;
    requires com.sun.jna;
    requires org.apache.commons.exec;

    exports io.nsjob;
}
