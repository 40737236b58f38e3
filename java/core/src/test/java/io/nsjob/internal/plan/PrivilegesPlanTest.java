package io.nsjob.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.Capabilities;
import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.NamespaceKind;
import io.nsjob.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Capabilities by name, Landlock and nesting, as far as they are decided here. */
class PrivilegesPlanTest extends WithCompiler {
    private static final int CHOWN = 0;
    private static final int FSETID = 4;
    private static final int SYS_ADMIN = 21;
    private static final int MKNOD = 27;
    private static final int SETFCAP = 31;

    private final List<String> violations = new ArrayList<>();

    private Optional<List<Integer>> numbers(JobSpec.Builder spec, List<Map<String, Object>> mounts) {
        return CapabilityPlan.numbers(spec.command("true").build(), host.facts(), OptionalLong.of(0), mounts, violations);
    }

    private Optional<List<Integer>> numbers(JobSpec.Builder spec) {
        return numbers(spec, List.of());
    }

    private static JobSpec.Builder bare() {
        return JobSpec.bare(NamespaceKind.USER, NamespaceKind.MNT);
    }

    @Test
    void namesBecomeNumbersOverWhatTheProfileSays() {
        assertEquals(Optional.of(List.of()), numbers(JobSpec.isolated()));
        assertEquals(Optional.empty(), numbers(bare()));
        assertEquals(Optional.of(List.of(CHOWN, SYS_ADMIN)), numbers(JobSpec.isolated().capabilities(
            Capabilities.change(List.of("cap_sys_admin", "Chown"), List.of()))));
        assertEquals(Optional.of(List.of(CHOWN)), numbers(bare().capabilities(Capabilities.of("CHOWN"))));
        List<Integer> others = numbers(bare().capabilities(Capabilities.change(List.of(), List.of("SYS_ADMIN")))).orElseThrow();
        assertEquals(Capabilities.names().size() - 1, others.size());
        assertFalse(others.contains(SYS_ADMIN));
        assertEquals(List.of(), violations);
    }

    @Test
    void allIsWhatThereIs() throws Exception {
        host.put("proc/sys/kernel/cap_last_cap", "37\n");
        List<Integer> all = numbers(bare().capabilities(Capabilities.change(List.of("ALL"), List.of()))).orElseThrow();
        assertEquals(38, all.size(), all::toString);
        // Without a user namespace of its own it is what the caller has.
        host.put("proc/self/status", "CapPrm:\t0000000000200001\nCapBnd:\t0000000000200003\n");
        assertEquals(Optional.of(List.of(CHOWN)), numbers(JobSpec.bare().capabilities(Capabilities.allBut("SYS_ADMIN"))));
    }

    @Test
    void namesThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> Capabilities.of("CAP_EVERYTHING"));
        assertThrows(IllegalArgumentException.class, () -> Capabilities.change(List.of("CHOWN"), List.of("cap_chown")));
        assertEquals(Capabilities.of("cap_Net_Raw"), Capabilities.of("NET_RAW"));
        assertEquals(List.of("CHOWN", "SYS_ADMIN", "63"), Capabilities.namesOf("8000000000200001"));
    }

    /** The rule of kernels: on such a mount the job is another on the disk, perhaps the host's root. */
    @Test
    void whereIdsOnTheDiskAreOthersNothingPrivilegedIsLeftThere() {
        List<Map<String, Object>> mapped = List.of(Map.of("op", "bind", "target", "/w", "readOnly", false, "idMap", Map.of()));
        List<Map<String, Object>> readOnly = List.of(Map.of("op", "bind", "target", "/w", "readOnly", true, "idMap", Map.of()));
        List<Integer> all = numbers(bare(), mapped).orElseThrow();
        assertTrue(all.contains(SYS_ADMIN) && !all.contains(SETFCAP) && !all.contains(MKNOD) && !all.contains(FSETID), all::toString);
        assertEquals(Optional.empty(), numbers(bare(), readOnly));
        assertEquals(List.of(), violations);
        numbers(JobSpec.isolated().capabilities(Capabilities.of("SETFCAP")), mapped);
        assertTrue(violations.get(0).startsWith("$.capabilities.add: SETFCAP cannot go with"), violations::toString);
        JobSpec nesting = bare().allowNestedUserNamespaces(true).command("true").build();
        NestingPlan.maximum(nesting, mapped, violations);
        assertTrue(violations.get(1).startsWith("$.allowNestedUserNamespaces: "), violations::toString);
        assertEquals(OptionalInt.of(0), NestingPlan.maximum(bare().command("true").build(), mapped, violations));
        assertEquals(OptionalInt.empty(), NestingPlan.maximum(bare().command("true").build(), readOnly, violations));
    }

    @Test
    @SuppressWarnings("unchecked")
    void theRulesetFollowsTheMounts() {
        JobSpec spec = JobSpec.isolated().command("true").build();
        List<Map<String, Object>> mounts = List.of(Map.of("op", "root"), step("bind", "/usr", true), step("tmpfs", "/tmp", null),
            step("bind", "/tmp/x", true), step("bind", "/w", false), step("dev", "/dev", null), step("proc", "/proc", null),
            Map.of("op", "pivot", "readOnly", true));
        Map<String, Object> ruleset = LandlockPlan.of(spec, mounts).orElseThrow();
        Map<String, Object> access = new java.util.TreeMap<>();
        ((List<Map<String, Object>>) ruleset.get("rules")).forEach(rule -> access.put((String) rule.get("path"), rule.get("access")));
        assertEquals("{/=13, /dev=49167, /dev/mqueue=65535, /dev/shm=65535, /proc=16399, /tmp=65535, /w=65535}", access.toString());
        assertEquals(65535L, ruleset.get("handled"));
        // On the host's own tree its owners and modes decide.
        Map<String, Object> host = LandlockPlan.of(spec, List.of(step("proc", "/proc", null))).orElseThrow();
        assertEquals("0", host.get("handled").toString());
        assertEquals(List.of(), host.get("rules"));
    }

    private static Map<String, Object> step(String op, String target, Boolean readOnly) {
        return readOnly == null ? Map.of("op", op, "target", target) : Map.of("op", op, "target", target, "readOnly", readOnly);
    }

    /** Nobody mounts under Landlock. */
    @Test
    void whoMayMountIsUnderLandlockOnlyIfThatIsRequired() {
        List<Map<String, Object>> mounts = List.of(Map.of("op", "pivot", "readOnly", true));
        JobSpec.Builder powerful = JobSpec.isolated().command("true").capabilities(Capabilities.of("SYS_ADMIN"));
        assertTrue(LandlockPlan.of(powerful.build(), mounts).isEmpty());
        assertTrue(LandlockPlan.of(powerful.landlock(LandlockMode.REQUIRED).build(), mounts).isPresent());
        assertTrue(LandlockPlan.of(JobSpec.isolated().command("true").allowNestedUserNamespaces(true).build(), mounts).isEmpty());
        assertTrue(LandlockPlan.of(JobSpec.isolated().command("true").capabilities(Capabilities.of("CHOWN")).build(), mounts).isPresent());
        assertTrue(LandlockPlan.of(bare().command("true").build(), mounts).isEmpty());
        assertFalse(NestingPlan.lockMounts(JobSpec.isolated().command("true").build()));
        assertTrue(NestingPlan.lockMounts(powerful.build()));
        assertTrue(NestingPlan.lockMounts(JobSpec.isolated().command("true").allowNestedUserNamespaces(true).build()));
        assertFalse(NestingPlan.lockMounts(bare().command("true").build()));
    }

    /** The filter lets calls through that make sense only with a capability, where the job has it. */
    @Test
    void theFilterKnowsTheCapabilities() {
        Map<String, Object> plain = SeccompPlan.of(JobSpec.isolated().command("true").build(), false, violations).orElseThrow();
        for (JobSpec.Builder spec : List.of(JobSpec.isolated().capabilities(Capabilities.of("SYS_ADMIN")),
                JobSpec.isolated().capabilities(Capabilities.of("SYS_CHROOT")), JobSpec.isolated().allowNestedUserNamespaces(true))) {
            Map<String, Object> more = SeccompPlan.of(spec.command("true").build(), false, violations).orElseThrow();
            assertFalse(more.equals(plain), spec.build()::toString);
        }
        Map<String, Object> other = SeccompPlan.of(JobSpec.isolated().capabilities(Capabilities.of("NET_RAW")).command("true").build(), false,
            violations).orElseThrow();
        assertEquals(plain, other);
        assertEquals(List.of(), violations);
        assertTrue(SeccompPlan.closesKeyrings(JobSpec.isolated().command("true").build()));
        assertFalse(SeccompPlan.closesKeyrings(JobSpec.isolated().seccomp(Seccomp.NONE).command("true").build()));
    }
}
