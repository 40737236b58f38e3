package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Bind;
import io.nsjob.IdMapping;
import io.nsjob.JobSpec;
import io.nsjob.Overlay;
import io.nsjob.Profile;
import io.nsjob.internal.os.HostFacts;
import io.nsjob.internal.os.HostTree;
import io.nsjob.internal.seccomp.Action;
import io.nsjob.internal.seccomp.Architecture;
import io.nsjob.internal.seccomp.BpfProgram;
import io.nsjob.internal.seccomp.FilterCompiler;
import io.nsjob.internal.wire.SeccompReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SuidRulesTest {
    private static final long UID = HostFacts.real().identity().uid();
    private static final int AMD64 = 0xc000003e;
    private static final int ARM64 = 0xc00000b7;

    private static Action run(Architecture architecture, String profile, String call, long... arguments) {
        BpfProgram program = FilterCompiler.compile(SuidRules.before(SeccompReader.read(profile, architecture, Set.of())), architecture);
        long[] six = new long[6];
        System.arraycopy(arguments, 0, six, 0, arguments.length);
        return program.run(architecture == Architecture.X86_64 ? AMD64 : ARM64, architecture.numbers().get(call), six);
    }

    @ParameterizedTest
    @EnumSource(Architecture.class)
    void noCallMakesOne(Architecture architecture) {
        for (String profile : List.of("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", SeccompPlan.defaultProfile())) {
            for (long bit : new long[] {04000, 02000, 06755, 1L << 32 | 04755}) {
                Action eperm = Action.errno(1);
                assertEquals(eperm, run(architecture, profile, "fchmod", 3, bit));
                assertEquals(eperm, run(architecture, profile, "fchmodat", 3, 0, bit));
                assertEquals(eperm, run(architecture, profile, "fchmodat2", 3, 0, bit));
                assertEquals(eperm, run(architecture, profile, "openat", 3, 0, 0101, bit));
                assertEquals(eperm, run(architecture, profile, "openat", 3, 0, 020200002, bit));
                assertEquals(eperm, run(architecture, profile, "openat", 3, 0, 020040002, bit));
                assertEquals(eperm, run(architecture, profile, "mkdirat", 3, 0, bit));
                assertEquals(eperm, run(architecture, profile, "mknodat", 3, 0, bit, 0));
                if (architecture == Architecture.X86_64) {
                    assertEquals(eperm, run(architecture, profile, "chmod", 0, bit));
                    assertEquals(eperm, run(architecture, profile, "open", 0, 0101, bit));
                    assertEquals(eperm, run(architecture, profile, "creat", 0, bit));
                    assertEquals(eperm, run(architecture, profile, "mkdir", 0, bit));
                    assertEquals(eperm, run(architecture, profile, "mknod", 0, bit, 0));
                }
            }
            assertEquals(Action.errno(38), run(architecture, profile, "openat2"));
            assertEquals(Action.errno(38), run(architecture, profile, "io_uring_setup"));
            assertEquals(Action.errno(1), run(architecture, profile, "unshare", 0x10000000L));
            assertEquals(Action.ALLOW, run(architecture, profile, "fchmod", 3, 01755));
            assertEquals(Action.ALLOW, run(architecture, profile, "openat", 3, 0, 0101, 0644));
            // Without O_CREAT the mode is whatever lies in that register.
            assertEquals(Action.ALLOW, run(architecture, profile, "openat", 3, 0, 0, 06777));
            assertEquals(Action.ALLOW, run(architecture, profile, "clone", 0x1200011L));
        }
    }

    @Test
    void theyHoldWhereTheJobWritesAsTheOwner() {
        JobSpec.Builder spec = JobSpec.isolated().command("true");
        assertFalse(SuidRules.hold(spec.bind(Bind.writable("/srv", "/a")).bind(Bind.readOnly("/usr").idMapped()).build()));
        assertTrue(SuidRules.hold(spec.bind(Bind.writable("/srv", "/b").idMapped(IdMapping.TRY)).build()));
        assertFalse(SuidRules.hold(spec.allowSuidInWorkspace(true).build()));
        assertTrue(SuidRules.hold(JobSpec.isolated().command("true").workspace("/srv").build()));
        assertFalse(SuidRules.hold(JobSpec.isolated().command("true").overlay(Overlay.of("/a", "/srv")).build()));
        assertTrue(SuidRules.hold(JobSpec.isolated().command("true").overlay(Overlay.of("/a", "/srv").keptIn("/b")).build()));
        assertTrue(SuidRules.hold(JobSpec.builder(Profile.BUILD).command("true").build()));
    }

    @Test
    void onlyBehindAClosedDirectoryMayTheyBeOff(@TempDir Path host) throws Exception {
        Path shut = Files.createDirectory(host.resolve("shut"));
        Files.createDirectories(shut.resolve("work"));
        Files.setPosixFilePermissions(host, PosixFilePermissions.fromString("rwxr-xr-x"));
        JobSpec spec = JobSpec.isolated().command("true").bind(Bind.writable("/shut/work", "/a").idMapped())
            .allowSuidInWorkspace(true).build();
        for (String mode : List.of("rwx------", "rwx--x---")) {
            Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString(mode));
            List<String> violations = new ArrayList<>();
            SuidRules.check(spec, HostFacts.real(), new HostTree(host), violations);
            assertEquals(mode.equals("rwx------") ? 0 : 1, violations.size(), mode);
        }
        // Its own mode does not count: the job is the owner, and may change it.
        Files.setPosixFilePermissions(shut.resolve("work"), PosixFilePermissions.fromString("rwx------"));
        assertFalse(new HostTree(host).isClosed("/shut/work", UID));
    }

    /** What belongs to root behind a directory of somebody's is in that one's reach. */
    @Test
    void aDirectoryOfSomebodyElseIsNotClosedToHim(@TempDir Path host) throws Exception {
        Path shut = Files.createDirectory(host.resolve("shut"));
        Files.createDirectories(shut.resolve("work"));
        Files.setPosixFilePermissions(host, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwx------"));
        long owner = UID == 0 ? 12345 : UID;
        assertTrue(new HostTree(host).isClosed("/shut/work", UID));
        Files.setAttribute(shut, "unix:uid", (int) owner);
        assertTrue(new HostTree(host).isClosed("/shut/work", owner));
        assertFalse(new HostTree(host).isClosed("/shut/work", owner + 1));
    }
}
