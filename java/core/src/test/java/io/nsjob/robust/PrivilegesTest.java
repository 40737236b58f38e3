package io.nsjob.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Capabilities;
import io.nsjob.IdMaps;
import io.nsjob.JobHardening;
import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.NamespaceKind;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.StartOptions;
import io.nsjob.internal.run.EditedLauncher;
import io.nsjob.testing.Feature;
import io.nsjob.testing.RequiresFeature;
import io.nsjob.testing.TestJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Capabilities, keyrings, Landlock and nested user namespaces on real jobs, each with what happens without. */
@Tag("integration")
@Timeout(300)
@RequiresFeature({Feature.HELPER, Feature.TEST_JOBS, Feature.USER_NAMESPACES})
class PrivilegesTest {
    private static final Path HELPER = Path.of(System.getProperty("nsjob.helper"));

    private static JobSpec.Builder isolated(String script) {
        return JobSpec.isolated().command("/bin/sh", "-c", script);
    }

    private static JobResult run(JobSpec.Builder spec) throws Exception {
        try (World world = World.plain()) {
            return world.launcher().run(spec.build());
        }
    }

    private static JobResult edited(JobSpec.Builder spec, Consumer<Map<String, Object>> edit) throws Exception {
        try (EditedLauncher launcher = new EditedLauncher()) {
            return launcher.run(spec.build(), StartOptions.defaults(), HELPER, edit);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> process(Map<String, Object> plan) {
        return (Map<String, Object>) plan.get("process");
    }

    private static String ok(JobResult result) {
        assertTrue(result.outcome().success(), () -> result + ": " + result.stdoutText() + result.stderrText());
        return result.stdoutText();
    }

    private static Set<String> sets(JobReport report) {
        return new HashSet<>(report.credentials().capabilities().values());
    }

    @Test
    void namedCapabilitiesSurviveExecForAnyUid() throws Exception {
        String script = "sed -n 's/^Cap...:\\t//p' /proc/self/status; ip link set lo down && echo down";
        JobResult kept = run(isolated(script).capabilities(Capabilities.of("cap_net_admin")));
        assertEquals("0000000000001000\n".repeat(5) + "down\n", ok(kept));
        assertEquals(Set.of("0000000000001000"), sets(kept.report()));
        assertEquals(List.of("NET_ADMIN"), Capabilities.namesOf(kept.report().credentials().capabilities().get("effective")));
        assertTrue(kept.report().weakened().contains("capabilities: NET_ADMIN, in the job's own user namespace"),
            kept.report().weakened()::toString);
        // The control.
        JobResult none = run(isolated(script));
        assertFalse(none.stdoutText().contains("down"), none.stdoutText());
        assertEquals(Set.of("0000000000000000"), sets(none.report()));
    }

    @Test
    void whatIsDroppedByNameIsGoneAndTheRestIsNot() throws Exception {
        JobSpec.Builder bare = JobSpec.bare(NamespaceKind.USER, NamespaceKind.UTS, NamespaceKind.NET)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT))
            .command("/bin/sh", "-c", "hostname elsewhere 2>/dev/null; hostname; ip link set lo down && echo down");
        String kept = ok(run(bare));
        assertEquals("elsewhere\ndown\n", kept);
        String dropped = ok(run(bare.capabilities(Capabilities.allBut("SYS_ADMIN"))));
        assertFalse(dropped.contains("elsewhere"), dropped);
        assertTrue(dropped.endsWith("down\n"), dropped);
    }

    /** What the kernel says it did is not taken on trust: a call that does nothing is found out. */
    @Test
    void aKernelThatKeepsCapabilitiesRunsNoJob() throws Exception {
        try (World world = denying("capset=nothing")) {
            SandboxException failure = assertThrows(SandboxException.class,
                () -> world.launcher().run(isolated("true").build()));
            assertEquals("verify", failure.stage(), failure::toJson);
            assertTrue(failure.toJson().contains("capabilities"), failure::toJson);
        }
    }

    private static World denying(String rules) throws IOException {
        return World.wrapped("exec '" + TestJobs.program("syscall-deny") + "' " + rules + " -- \"$HELPER\"");
    }

    private static JobSpec.Builder findKey(String name) {
        return JobSpec.isolated().command(TestJobs.program("session-key"), "find", name)
            .bindReadOnly(TestJobs.path("session-key").getParent().toString()).seccomp(Seccomp.NONE);
    }

    @Test
    void theCallersKeysAreOutOfReach() throws Exception {
        String name = "nsjob-test-" + System.nanoTime();
        try (World world = World.wrapped("exec '" + TestJobs.program("session-key") + "' add " + name + " \"$HELPER\"")) {
            JobResult own = world.launcher().run(findKey(name).build());
            assertEquals("126\n", ok(own), "ENOKEY");
            assertEquals(JobHardening.Keyring.NEW, own.report().hardening().keyring());
            // The control: with the caller's keyring it is there.
            JobResult inherited = world.launcher().run(findKey(name).newKeyring(false).build());
            assertEquals("found\n", ok(inherited));
            assertEquals(JobHardening.Keyring.INHERITED, inherited.report().hardening().keyring());
            assertTrue(inherited.report().weakened().contains("keyring: the caller's session keyring"));
        }
    }

    @Test
    void withoutKeyringsItSaysSo() throws Exception {
        try (World world = denying("keyctl=ENOSYS")) {
            JobResult result = world.launcher().run(isolated("true").build());
            ok(result);
            assertEquals(JobHardening.Keyring.UNAVAILABLE, result.report().hardening().keyring());
        }
        try (World world = denying("keyctl=nothing")) {
            SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(isolated("true").build()));
            assertEquals("keyring", failure.stage(), failure::toJson);
        }
    }

    @Test
    void aUsedUpQuotaIsAnErrorUnlessTheFilterKeepsTheJobFromKeys() throws Exception {
        try (World world = denying("keyctl=EDQUOT")) {
            JobResult result = world.launcher().run(isolated("true").build());
            ok(result);
            assertEquals(JobHardening.Keyring.OVER_QUOTA, result.report().hardening().keyring());
            SandboxException failure = assertThrows(SandboxException.class,
                () -> world.launcher().run(isolated("true").seccomp(Seccomp.NONE).build()));
            assertEquals("keyring", failure.stage(), failure::toJson);
            assertTrue(failure.hint().orElse("").contains("kernel.keys.maxkeys"), failure::toJson);
        }
    }

    /** A mount that is writable by mistake: the plan's bind is, its ruleset is not. */
    @Test
    @RequiresFeature(Feature.LANDLOCK)
    void landlockHoldsWhereAMountDoesNot(@TempDir Path directory) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        JobSpec.Builder spec = isolated("echo x >/data/new").bindReadOnly("/usr").bind(directory.toString(), "/data");
        JobResult held = edited(spec, plan -> rules(plan).removeIf(rule -> rule.get("path").equals("/data")));
        assertFalse(held.outcome().success(), held::toString);
        assertTrue(held.stderrText().contains("Permission denied"), held.stderrText());
        assertFalse(Files.exists(directory.resolve("new")));
        // The control: without the ruleset the mount lets it through.
        ok(edited(spec, plan -> process(plan).remove("landlock")));
        assertTrue(Files.exists(directory.resolve("new")));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> rules(Map<String, Object> plan) {
        Map<String, Object> landlock = (Map<String, Object>) process(plan).get("landlock");
        List<Map<String, Object>> rules = new ArrayList<>((List<Map<String, Object>>) landlock.get("rules"));
        landlock.put("rules", rules);
        return rules;
    }

    /** Between writable directories everything goes on as without it. */
    @Test
    @RequiresFeature(Feature.LANDLOCK)
    void whatIsWritableStaysWritableUnderLandlock(@TempDir Path directory) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path file = Files.writeString(directory.resolve("stdout"), "");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        String script = "set -e; echo abc >/data/a; mkdir /data/d /work/d; mv /data/a /data/d/b; ln /data/d/b /data/c; mv /data/c /work/d/;"
            + " mkfifo /tmp/f; ln -s x /run/l; : >/work/d/c; [ ! -s /work/d/c ]; truncate -s 7 /data/d/b; rm -r /work/d;"
            + " echo x >/dev/null; echo 1 >/dev/shm/x; echo name >/proc/self/comm; head -c1 /dev/zero >/var/tmp/z; ls -l /proc/self/fd/ >/dev/null";
        JobResult result = run(isolated(script).bind(directory.toString(), "/data").landlock(LandlockMode.REQUIRED));
        ok(result);
        assertTrue(result.report().hardening().landlockAbi().orElse(0) >= 2, result.report()::toJson);
        // A stream is opened again as it is, although its file is nowhere in the job's tree.
        try (EditedLauncher launcher = new EditedLauncher()) {
            StartOptions options = StartOptions.defaults().withOut(io.nsjob.Stdio.file(file));
            JobResult again = launcher.run(isolated("echo again >/dev/stdout").build(), options, HELPER, plan -> { });
            ok(again);
            assertTrue(Files.readString(file).contains("again"));
        }
    }

    @Test
    void landlockThatIsNotThereIsReportedOrRefused() throws Exception {
        try (World world = denying("landlock_create_ruleset=EOPNOTSUPP")) {
            JobResult result = world.launcher().run(isolated("true").build());
            ok(result);
            assertEquals(OptionalInt.of(0), result.report().hardening().landlockAbi());
            assertTrue(result.report().toJson().contains("\"unavailable\""), result.report()::toJson);
            SandboxException failure = assertThrows(SandboxException.class,
                () -> world.launcher().run(isolated("true").landlock(LandlockMode.REQUIRED).build()));
            assertEquals("landlock", failure.stage(), failure::toJson);
            assertTrue(failure.hint().orElse("").contains("--landlock auto"), failure::toJson);
        }
        try (World world = denying("landlock_restrict_self=EPERM")) {
            SandboxException failure = assertThrows(SandboxException.class, () -> world.launcher().run(isolated("true").build()));
            assertEquals("landlock", failure.stage(), failure::toJson);
        }
    }

    /** Without the filter in front of it, the limit of the job's own user namespace is what refuses. */
    @Test
    void userNamespacesAreNotNested() throws Exception {
        String script = "unshare -Ur id -u 2>&1; true";
        JobResult refused = run(isolated(script).seccomp(Seccomp.NONE).landlock(LandlockMode.OFF));
        assertTrue(ok(refused).contains("No space left on device"), refused.stdoutText());
        assertEquals(OptionalLong.of(0), refused.report().hardening().maxUserNamespaces());
        JobResult allowed = run(isolated(script + "; unshare -Urm mount -t tmpfs none /tmp && echo mounted")
            .allowNestedUserNamespaces(true));
        assertEquals("0\nmounted\n", ok(allowed));
        assertEquals(OptionalLong.empty(), allowed.report().hardening().maxUserNamespaces());
        assertTrue(allowed.report().weakened().stream().anyMatch(line -> line.startsWith("user namespaces: may be nested")));
        // One of its own is taken up already by the one that locks the mounts, and none is left.
        JobResult powerful = run(isolated(script).seccomp(Seccomp.NONE).capabilities(Capabilities.of("SYS_ADMIN")));
        assertTrue(ok(powerful).contains("No space left on device"), powerful.stdoutText());
        assertEquals(OptionalLong.of(1), powerful.report().hardening().maxUserNamespaces());
    }

    @Test
    void whoMayMountCannotUndoTheMounts() throws Exception {
        String peel = "umount /proc/interrupts 2>/dev/null && echo unmasked; umount -l /proc/sys 2>/dev/null && echo unmounted;"
            + " mount -o remount,bind,rw /proc/sys 2>/dev/null && echo sys; mount -o remount,bind,rw /usr 2>/dev/null && echo usr;"
            + " mount -o remount,bind,rw / 2>/dev/null && echo root; mount -t tmpfs none /tmp && echo mounted; cat /proc/self/uid_map";
        JobSpec.Builder spec = isolated(peel).capabilities(Capabilities.of("SYS_ADMIN")).seccomp(Seccomp.NONE)
            .idMaps(IdMaps.of(IdMaps.Preset.ROOT));
        JobResult locked = run(spec);
        String said = ok(locked);
        assertTrue(said.startsWith("mounted\n"), said);
        assertTrue(locked.report().hardening().lockedMounts());
        // The maps in the report are those of the second one, with the ids as they are outside.
        assertEquals(0, locked.report().uidMap().get(0).inside());
        assertTrue(locked.report().uidMap().get(0).outside() > 0, locked.report().uidMap()::toString);
        assertEquals(List.of("0", "0", Long.toString(locked.report().uidMap().get(0).count())),
            List.of(said.lines().toList().get(1).trim().split(" +")));
        // The control: in the user namespace that made the mounts.
        JobResult open = edited(spec, plan -> {
            process(plan).remove("lockMounts");
            plan.remove("maxUserNamespaces");
        });
        assertFalse(open.report().hardening().lockedMounts());
        for (String undone : List.of("unmasked", "unmounted", "usr", "root")) {
            assertTrue(ok(open).contains(undone + "\n"), open.stdoutText());
        }
    }

    /** As pid 1 of a namespace of its own, where the job's process mounts for itself before it is locked in. */
    @Test
    void thisHoldsForPid1Too() throws Exception {
        JobResult locked = run(isolated("umount /proc/interrupts 2>/dev/null && echo unmasked; mount -t tmpfs none /tmp && echo $$").asPid1(true)
            .capabilities(Capabilities.of("SYS_ADMIN")).idMaps(IdMaps.of(IdMaps.Preset.ROOT)));
        assertEquals("1\n", ok(locked));
        assertTrue(locked.report().hardening().lockedMounts());
    }
}
