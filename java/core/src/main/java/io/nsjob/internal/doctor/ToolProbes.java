package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Failure;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.SandboxException;
import io.nsjob.internal.doctor.Probe.Seen;
import io.nsjob.internal.os.ErrnoException;
import io.nsjob.internal.os.Libc;
import java.util.ArrayList;
import java.util.List;

/** What is used beside the helper: newer system calls, JNA, iproute2. */
final class ToolProbes {
    /** Numbers since Linux 5.1 are the same on all machines. */
    private static final long PIDFD_OPEN = 434, CLONE3 = 435, CLOSE_RANGE = 436;

    private ToolProbes() {
    }

    static List<Probe> all(Machine machine) {
        List<Probe> probes = new ArrayList<>();
        probes.add(new Probe("calls.jna", launcher -> jna()));
        // Arguments that the kernel refuses: a filter, or a kernel without the call, answers before it looks at them.
        probes.add(call("clone3", CLONE3, 0, 0));
        probes.add(call("close_range", CLOSE_RANGE, 1, 0));
        probes.add(call("pidfd_open", PIDFD_OPEN, 0, 0));
        probes.add(new Probe("tools.ip", launcher -> ip(launcher, machine, Probes.inside(List.of(NamespaceKind.NET)), "-o",
            "link")));
        probes.add(new Probe("tools.netns", launcher -> ip(launcher, machine,
            Probes.inside(List.of(NamespaceKind.MNT, NamespaceKind.NET)).tmpfs("/run", 1 << 20), "netns", "add",
            "nsjob-doctor")));
        return probes;
    }

    private static Seen jna() {
        try {
            return Seen.ok(Libc.text(0).isEmpty() ? "says nothing" : "");
        } catch (LinkageError e) {
            Throwable first = e.getCause() == null ? e : e.getCause();
            String said = String.valueOf(first.getMessage()).lines().findFirst().orElse("");
            String directory = System.getProperty("jna.tmpdir", System.getProperty("java.io.tmpdir", "/tmp"));
            return Seen.missing(new Failure("jna", "", 0, directory, said));
        }
    }

    private static Probe call(String name, long number, long first, long second) {
        return new Probe("calls." + name, launcher -> {
            try {
                Libc.call(number, name, first, second);
                return Seen.ok("");
            } catch (ErrnoException e) {
                return e.errno() == Causes.EINVAL ? Seen.ok("")
                    : Seen.degraded("an older one is used", new Failure("call", name, e.errno(), "",
                    String.valueOf(e.getMessage())));
            } catch (LinkageError e) {
                return Seen.ok("not looked at, without JNA");
            }
        });
    }

    private static Seen ip(Launcher launcher, Machine machine, JobSpec.Builder spec, String... arguments)
            throws SandboxException, InterruptedException {
        if (machine.program("ip").isEmpty()) {
            return Seen.missing(new Failure("program", "", Causes.ENOENT, "ip", "there is no ip(8)"));
        }
        List<String> command = new ArrayList<>(List.of(machine.program("ip").get()));
        command.addAll(List.of(arguments));
        JobResult result = launcher.run(spec.command(command).build());
        return result.outcome().success() ? Seen.ok("")
            : Seen.missing(new Failure("command", "", 0, String.join(" ", command), result.stderrText().strip()));
    }
}
