package io.nsjob.internal.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nsjob.internal.plan.SeccompPlan;
import io.nsjob.internal.wire.SeccompReader;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The list of this library, on both machines, whichever this one is. */
class DefaultProfileTest {
    private static final Action EPERM = Action.errno(1);
    private static final Action ENOSYS = Action.errno(38);
    private static final Action EAFNOSUPPORT = Action.errno(97);
    private static final long HIGH = 1L << 32;
    /** Of these the kernel's own refusal of a job cannot be told from the filter's: see SeccompIT for the others. */
    private static final List<String> REFUSED = List.of("unshare", "setns", "mount", "umount2", "pivot_root", "chroot",
        "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "keyctl", "add_key", "request_key",
        "bpf", "perf_event_open", "userfaultfd", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
        "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff", "reboot", "acct",
        "quotactl", "quotactl_fd", "syslog", "settimeofday", "clock_settime", "open_by_handle_at", "fanotify_init");

    private static FilterProfile profile(Architecture architecture) {
        return SeccompReader.read(SeccompPlan.defaultProfile(), architecture);
    }

    private static Action run(Architecture architecture, String name, long... arguments) {
        BpfProgram program = FilterCompiler.compile(profile(architecture), architecture);
        return program.run(architecture.audit(), architecture.numbers().get(name), java.util.Arrays.copyOf(arguments, 6));
    }

    /** A call that no machine has is a typo: it would be refused, and nobody would know why. */
    @Test
    void everyNameIsASystemCall() {
        Set<String> known = new TreeSet<>();
        for (Architecture architecture : Architecture.values()) {
            known.addAll(architecture.numbers().keySet());
        }
        for (Rule rule : profile(Architecture.X86_64).rules()) {
            for (String name : rule.names()) {
                assertTrue(known.contains(name), name);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAttacksKernelsIsRefused(Architecture architecture) {
        for (String name : REFUSED) {
            assertEquals(EPERM, run(architecture, name), name);
        }
        for (String name : List.of("clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "listns")) {
            assertEquals(ENOSYS, run(architecture, name), name);
        }
        BpfProgram program = FilterCompiler.compile(profile(architecture), architecture);
        assertEquals(ENOSYS, program.run(architecture.audit(), 600, new long[6]), "newer than the tables");
        for (Architecture other : Architecture.values()) {
            assertEquals(other == architecture, !program.run(other.audit(), 0, new long[6]).equals(Action.KILL_PROCESS));
        }
        assertEquals(Action.KILL_PROCESS, program.run(0x40000003, 1, new long[6]), "int 0x80");
        assertEquals(Action.KILL_PROCESS, program.run(0x40000028, 1, new long[6]), "32-bit ARM");
    }

    @ParameterizedTest
    @EnumSource
    void argumentsDecide(Architecture architecture) {
        for (long flag : new long[] {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000}) {
            assertEquals(EPERM, run(architecture, "clone", flag | 17), Long.toHexString(flag));
            assertEquals(EPERM, run(architecture, "clone", HIGH | flag), Long.toHexString(flag));
        }
        // pthread_create, vfork, fork
        for (long flags : new long[] {0x3d0f00, 0x4111, 0x1200011}) {
            assertEquals(Action.ALLOW, run(architecture, "clone", flags), Long.toHexString(flags));
        }
        for (int family = 0; family < 64; family++) {
            boolean known = Set.of(1, 2, 10, 16).contains(family);
            Action due = known ? Action.ALLOW : EAFNOSUPPORT;
            assertEquals(due, run(architecture, "socket", family, 1, 0), "family " + family);
            assertEquals(due, run(architecture, "socket", HIGH | family, 1, 0), "family " + family);
            assertEquals(family == 1 ? Action.ALLOW : EAFNOSUPPORT, run(architecture, "socketpair", family, 1, 0));
        }
        assertEquals(EAFNOSUPPORT, run(architecture, "socket", 16, 3, 12), "NETLINK_NETFILTER");
        for (long command : new long[] {0x5412, 0x541c}) {
            assertEquals(EPERM, run(architecture, "ioctl", 0, command));
            assertEquals(EPERM, run(architecture, "ioctl", 0, HIGH | command), "CVE-2019-10063");
            assertEquals(EPERM, run(architecture, "ioctl", 0, -HIGH | command));
            assertEquals(Action.ALLOW, run(architecture, "ioctl", 0, command + 1));
        }
        for (long persona : new long[] {0, 0xffffffffL, -1, 0x40000}) {
            assertEquals(Action.ALLOW, run(architecture, "personality", persona));
        }
        assertEquals(EPERM, run(architecture, "personality", 0x400000));
        assertEquals(EPERM, run(architecture, "personality", 0x100000));
        assertEquals(Action.ALLOW, run(architecture, "prlimit64", 0));
        assertEquals(Action.ALLOW, run(architecture, "prlimit64", HIGH), "the kernel reads a pid of 0");
        assertEquals(EPERM, run(architecture, "prlimit64", 1));
        assertEquals(EPERM, run(architecture, "setpriority", 0, 1));
        assertEquals(EPERM, run(architecture, "setpriority", 2, 0));
        assertEquals(EPERM, run(architecture, "sched_setaffinity", HIGH | 1));
        assertEquals(Action.ALLOW, run(architecture, "sched_setaffinity", 2));
        assertEquals(EPERM, run(architecture, "ioprio_set", 3, 0));
    }

    /** As cheap as can be: the search takes eight comparisons, and the kernel remembers the calls that need no argument. */
    @ParameterizedTest
    @EnumSource
    void itIsShortAndStartsPrograms(Architecture architecture) {
        BpfProgram program = FilterCompiler.compile(profile(architecture), architecture);
        assertTrue(program.size() < 256, "instructions: " + program.size());
        assertEquals(program.size() * 8, program.bytes().length);
        assertEquals(List.of(), LaunchCalls.forbidden(program, architecture));
        assertTrue(LaunchCalls.allowHelper(program, architecture));
        assertFalse(profile(architecture).log());
    }
}
