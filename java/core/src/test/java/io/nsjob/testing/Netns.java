package io.nsjob.testing;

import io.nsjob.NetNamespace;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.Libc;
import io.nsjob.internal.os.NetnsNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Names of this JVM's own, and the machine as it was before: /run/netns is nobody's mount where it was none. */
public final class Netns {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Path DIRECTORY = Path.of(NetnsNames.DIRECTORY);

    private final boolean existed = Files.exists(DIRECTORY);
    private final boolean mounted = isMounted();
    private final List<String> names = new ArrayList<>();

    public static boolean mayMount() {
        return (HostFacts.real().permittedCapabilities() >>> 21 & 1) != 0;
    }

    /** One that close() deletes. */
    public String name() {
        String name = "nsjt-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
        names.add(name);
        return name;
    }

    /** One with lo up. */
    public NetNamespace create() throws Exception {
        return NetNamespace.create(name(), true);
    }

    private static boolean isMounted() {
        try {
            return Files.readString(Path.of("/proc/self/mountinfo")).contains(" " + DIRECTORY + " ");
        } catch (IOException e) {
            return false;
        }
    }

    /** Deletes them. */
    public void close() throws Exception {
        for (String name : names) {
            if (NetNamespace.list().stream().anyMatch(one -> one.name().orElseThrow().equals(name))) {
                NetNamespace.delete(name);
            }
        }
        if (!mounted && isMounted() && mayMount() && NetNamespace.list().isEmpty()) {
            Libc.unmount(DIRECTORY.toString(), Libc.MNT_DETACH);
        }
        if (!existed && Files.exists(DIRECTORY) && mayMount() && NetNamespace.list().isEmpty()) {
            Files.deleteIfExists(DIRECTORY);
        }
    }
}
