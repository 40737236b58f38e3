package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nsjob.IdMaps;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.NamespaceMode;
import io.nsjob.NamespacePin;
import io.nsjob.SandboxException;
import io.nsjob.UnshareOptions;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * In place, and with pins: every stage fails, and whoever is in it dies, and nothing is left of either. With whatever driver, such a
 * process is started by itself.
 */
@Tag("integration")
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES, Feature.TIME_NAMESPACES})
class InPlaceFaultTest {
    private static final int LANES = 4;
    private static final int EIO = 5;
    private static final boolean ROOT = HostFacts.real().identity().uid() == 0;
    private static final List<String> STAGES = List.of("clone", "id-map", "cgroup-namespace", "time-namespace", "mount", "hostname",
        "loopback", "session", "credentials", "cwd", "build", "pin", "verify", "exec");

    private record Fault(String stage, String action, boolean fork) {
    }

    @Test
    void nothingIsLeftOfWhatFailsOrDies() throws Exception {
        List<Fault> faults = new ArrayList<>();
        for (String stage : STAGES) {
            faults.add(new Fault(stage, "errno:" + EIO, stage.hashCode() % 2 == 0));
            faults.add(new Fault(stage, "die", stage.hashCode() % 2 != 0));
        }
        faults.add(new Fault("fork", "errno:" + EIO, true));
        faults.add(new Fault("verify", "stall", false));
        Lanes.run(LANES, faults, InPlaceFaultTest::fails);
        State.assertNothingStale();
    }

    private static void fails(Fault fault) throws Exception {
        try (World world = World.faulty(fault.stage() + "=" + fault.action())) {
            Path pin = world.directory().resolve("pin");
            JobSpec.Builder spec = JobSpec.bare(NamespaceKind.MNT, NamespaceKind.UTS, NamespaceKind.NET, NamespaceKind.CGROUP, NamespaceKind.TIME)
                .namespace(NamespaceKind.USER, NamespaceMode.fresh()).idMaps(IdMaps.of(IdMaps.Preset.ROOT)).hostname("box")
                .setupTime(fault.action().equals("stall") ? Duration.ofMillis(800) : Duration.ofMinutes(1)).command("/bin/sleep", "600");
            // Outside only root may; inside it is somebody else's stage to undo: the mount namespace itself.
            spec.pin(new NamespacePin(NamespaceKind.NET, ROOT ? pin.toString() : world.shared().resolve("pin").toString(), !ROOT));
            UnshareOptions options = UnshareOptions.defaults().withFork(fault.fork());
            SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().unshare(spec.build(), options), fault::toString);
            if (fault.action().startsWith("errno")) {
                assertEquals(fault.stage() + " " + EIO, failure.stage() + " " + failure.errno(), fault::toString);
            }
            world.assertNothingLeft();
            assertFalse(ROOT && Files.exists(pin, LinkOption.NOFOLLOW_LINKS), fault::toString);
        }
    }
}
