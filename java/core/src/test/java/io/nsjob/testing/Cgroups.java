package io.nsjob.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nsjob.internal.os.HostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What tests ask about cgroups of jobs of this JVM. */
public final class Cgroups {
    private Cgroups() {
    }

    /** Those that are there. */
    public static List<Path> ofThisJvm() {
        String prefix = "nsjob-" + ProcessHandle.current().pid() + "-";
        return HostFacts.real().cgroups().parents().stream().flatMap(parent -> {
            String[] names = parent.toFile().list((directory, name) -> name.startsWith(prefix));
            return List.of(names == null ? new String[0] : names).stream().map(parent::resolve);
        }).filter(Files::isDirectory).toList();
    }

    /** Fails when, with no job running, one is left. */
    public static void assertNoneLeft() throws Exception {
        Await.within(Await.LONGEST, () -> ofThisJvm().isEmpty());
        assertEquals(List.of(), ofThisJvm());
    }
}
