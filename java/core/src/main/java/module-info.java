/** Isolated jobs for the JVM. Nothing but {@code io.nsjob} is exported, and no type of a library is part of it. */
@SuppressWarnings("requires-automatic") // commons-exec has a name in its manifest and no descriptor
module io.nsjob {
    requires com.google.gson;
    requires org.apache.commons.exec;

    exports io.nsjob;
}
