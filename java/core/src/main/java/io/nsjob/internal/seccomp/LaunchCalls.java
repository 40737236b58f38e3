package io.nsjob.internal.seccomp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the job's process still does between the filter and its exec, native/src/job.c: a filter that forbids one of these
 * could never start anything.
 */
public final class LaunchCalls {
    private static final long POINTER = 0x7ffd_0000_1000L;
    /** SIGCHLD, and CLONE_PIDFD; for a command CLONE_VM and CLONE_VFORK besides. */
    private static final long CLONE_RUNNER = 0x1000 | 17, CLONE_COMMAND = CLONE_RUNNER | 0x100 | 0x4000;
    private static final long PR_SET_DUMPABLE = 4, PR_SET_CHILD_SUBREAPER = 36;
    private static final Map<String, long[]> CALLS = calls();

    private LaunchCalls() {
    }

    private static Map<String, long[]> calls() {
        Map<String, long[]> calls = new LinkedHashMap<>();
        calls.put("sendmsg", new long[] {10, POINTER, 0x4000, 0, 0, 0});
        calls.put("recvmsg", new long[] {10, POINTER, 0x40000000, 0, 0, 0});
        calls.put("rt_sigaction", new long[] {15, POINTER, 0, 8, 0, 0});
        calls.put("rt_sigprocmask", new long[] {2, POINTER, 0, 8, 0, 0});
        // Only where the vDSO has no clock, and where malloc needs more; every program calls them at its start.
        calls.put("clock_gettime", new long[] {1, POINTER, 0, 0, 0, 0});
        calls.put("brk", new long[] {0, 0, 0, 0, 0, 0});
        calls.put("execve", new long[] {POINTER, POINTER, POINTER, 0, 0, 0});
        calls.put("exit_group", new long[] {127, 0, 0, 0, 0, 0});
        return calls;
    }

    /**
     * Runs the filter over all of them.
     *
     * @param program a filter
     * @param architecture for which it was compiled
     * @return the names of those that it forbids
     */
    public static List<String> forbidden(BpfProgram program, Architecture architecture) {
        List<String> forbidden = new ArrayList<>();
        CALLS.forEach((name, arguments) -> {
            if (!allows(program, architecture, name, arguments)) {
                forbidden.add(name);
            }
        });
        return forbidden;
    }

    /**
     * Runs the filter over what executes the helper itself, native/src/self.c, and what that needs to do nothing.
     *
     * @param program a filter
     * @param architecture for which it was compiled
     * @return whether all of it is allowed
     */
    public static boolean allowHelper(BpfProgram program, Architecture architecture) {
        return allows(program, architecture, "execveat", new long[] {10, POINTER, POINTER, POINTER, 0x1000, 0})
            && allows(program, architecture, "ppoll", new long[] {0, 0, 0, 0, 8, 0});
    }

    /**
     * Runs the filter over what starts commands in an open sandbox, native/src/runner.c.
     *
     * @param program a filter
     * @param architecture for which it was compiled
     * @return whether all of it is allowed
     */
    public static boolean allowCommands(BpfProgram program, Architecture architecture) {
        Map<String, long[]> calls = new LinkedHashMap<>(CALLS);
        calls.put("clone", new long[] {CLONE_RUNNER, 0, POINTER, 0, 0, 0});
        calls.put("close", new long[] {10, 0, 0, 0, 0, 0});
        calls.put("close_range", new long[] {3, 0xffff_ffffL, 0, 0, 0, 0});
        calls.put("chdir", new long[] {POINTER, 0, 0, 0, 0, 0});
        calls.put("getcwd", new long[] {POINTER, 4096, 0, 0, 0, 0});
        calls.put("getpid", new long[] {0, 0, 0, 0, 0, 0});
        calls.put("getppid", new long[] {0, 0, 0, 0, 0, 0});
        calls.put("ppoll", new long[] {POINTER, 1, 0, POINTER, 8, 0});
        calls.put("prctl", new long[] {PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, 0});
        calls.put("prlimit64", new long[] {0, 7, POINTER, POINTER, 0, 0});
        calls.put("recvfrom", new long[] {10, POINTER, 1, 0, 0, 0});
        calls.put("rt_sigreturn", new long[] {0, 0, 0, 0, 0, 0});
        calls.put("setsid", new long[] {0, 0, 0, 0, 0, 0});
        calls.put("wait4", new long[] {-1, POINTER, 1, POINTER, 0, 0});
        calls.put("waitid", new long[] {1, 10, POINTER, 4, 0, 0});
        boolean command = allows(program, architecture, "clone", CLONE_COMMAND, POINTER, POINTER, 0, 0, 0);
        boolean hidden = allows(program, architecture, "prctl", PR_SET_DUMPABLE, 0, 0, 0, 0, 0);
        // The former is of x86-64, the latter of aarch64; glibc takes what there is.
        boolean streams = architecture.numbers().containsKey("dup2") ? allows(program, architecture, "dup2", 10, 0, 0, 0, 0, 0)
            : allows(program, architecture, "dup3", 10, 0, 0, 0, 0, 0);
        return command && hidden && streams
            && calls.entrySet().stream().allMatch(call -> allows(program, architecture, call.getKey(), call.getValue()));
    }

    private static boolean allows(BpfProgram program, Architecture architecture, String name, long... arguments) {
        int number = architecture.numbers().get(name);
        return program.run(architecture.audit(), number, arguments).letsThrough();
    }
}
