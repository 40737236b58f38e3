package io.nsjob.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nsjob.internal.os.HostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What tests ask about cgroups of jobs of this JVM. */
final class Cgroups {
    private static final long SETTLE_MILLIS = 3000;

    private Cgroups() {
    }

    static List<Path> ofThisJvm() {
        String prefix = "nsjob-" + ProcessHandle.current().pid() + "-";
        return HostFacts.real().cgroups().parents().stream().flatMap(parent -> {
            String[] names = parent.toFile().list((directory, name) -> name.startsWith(prefix));
            return List.of(names == null ? new String[0] : names).stream().map(parent::resolve);
        }).filter(Files::isDirectory).toList();
    }

    /** Fails when, with no job running, one is left. */
    static void assertNoneLeft() throws InterruptedException {
        for (long waited = 0; !ofThisJvm().isEmpty() && waited < SETTLE_MILLIS; waited += 20) {
            Thread.sleep(20);
        }
        assertEquals(List.of(), ofThisJvm());
    }
}
