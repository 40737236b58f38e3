package io.nsjob.internal.seccomp;

import java.util.Map;
import java.util.Set;

/**
 * Arguments of which the kernel reads 32 bits, as they are {@code int} or {@code unsigned int} there. A filter sees all 64: one
 * that compares them lets {@code ioctl(fd, 1L << 32 | TIOCSTI)} through (CVE-2019-10063).
 */
public final class NarrowArguments {
    private static final Map<String, Set<Integer>> INDEXES = Map.ofEntries(
        Map.entry("ioctl", Set.of(0, 1)),
        Map.entry("socket", Set.of(0, 1, 2)),
        Map.entry("socketpair", Set.of(0, 1, 2)),
        Map.entry("personality", Set.of(0)),
        // clone(2) has an unsigned long and takes its lower half, kernel/fork.c.
        Map.entry("clone", Set.of(0)),
        Map.entry("fcntl", Set.of(0, 1)),
        Map.entry("prctl", Set.of(0)),
        Map.entry("keyctl", Set.of(0)),
        Map.entry("bpf", Set.of(0)),
        Map.entry("kill", Set.of(0, 1)),
        Map.entry("prlimit64", Set.of(0, 1)),
        Map.entry("setpriority", Set.of(0, 1, 2)),
        Map.entry("getpriority", Set.of(0, 1)),
        Map.entry("ioprio_set", Set.of(0, 1, 2)),
        Map.entry("sched_setaffinity", Set.of(0, 1)),
        Map.entry("sched_setscheduler", Set.of(0, 1)),
        Map.entry("sched_setparam", Set.of(0)),
        Map.entry("sched_setattr", Set.of(0, 2)));

    private NarrowArguments() {
    }

    /**
     * Whether an argument is one of them.
     *
     * @param syscall a name
     * @param index 0 to 5
     * @return whether the kernel ignores the upper half
     */
    public static boolean contains(String syscall, int index) {
        return INDEXES.getOrDefault(syscall, Set.of()).contains(index);
    }
}
