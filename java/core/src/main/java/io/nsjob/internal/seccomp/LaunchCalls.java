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

    private static boolean allows(BpfProgram program, Architecture architecture, String name, long... arguments) {
        int number = architecture.numbers().get(name);
        return program.run(architecture.audit(), number, arguments).letsThrough();
    }
}
