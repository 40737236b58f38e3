package io.nsjob.internal.doctor;

import io.nsjob.Diagnosis.Failure;
import io.nsjob.IoLimit;
import io.nsjob.JobResources;
import io.nsjob.JobSpec;
import io.nsjob.NamespaceKind;
import io.nsjob.ResourceLimit;
import io.nsjob.Rlimit;
import io.nsjob.internal.doctor.Probe.Seen;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Limits of a whole job, each alone, as some machines have a few of them; and those of one process. */
final class LimitProbes {
    private static final long MEMORY = 64L << 20;
    private static final int PROCESSES = 32;
    private static final int FILES = 64;

    private final List<Probe> probes = new ArrayList<>();

    private LimitProbes() {
    }

    static List<Probe> all(Machine machine) {
        LimitProbes all = new LimitProbes();
        all.add("memory", "memory", JobResources.UNSAID.withMemory(MEMORY));
        all.add("pids", "pids", JobResources.UNSAID.withPids(PROCESSES));
        all.add("cpus", "cpu", JobResources.UNSAID.withCpus(1));
        all.add("cpuWeight", "cpu", JobResources.UNSAID.withCpuWeight(50));
        all.add("cpuset", "cpuset", JobResources.UNSAID.withCpusetCpus(List.of(firstProcessor(machine))));
        disk().ifPresent(number -> all.add("io", "io", JobResources.UNSAID.withIo(List.of(
            IoLimit.parse(number + ",read-bps=1g")))));
        all.probes.add(new Probe("limits.rlimits", launcher -> Probes.held(launcher,
            Probes.inside(List.of()).rlimit(Rlimit.NOFILE, ResourceLimit.of(FILES)), report -> Seen.ok(""))));
        return all.probes;
    }

    private void add(String limit, String controller, JobResources resources) {
        probes.add(new Probe("limits." + limit, launcher -> {
            JobSpec.Builder spec = Probes.inside(List.of(NamespaceKind.PID)).resources(resources);
            return Probes.held(launcher, spec, report -> {
                String by = report.limits().enforcement().getOrDefault(limit, "none");
                if (by.startsWith("cgroup")) {
                    return Seen.ok(by);
                }
                Failure failure = new Failure("cgroup", "", 0, controller, "no cgroup can be made with a limit for "
                    + controller);
                return by.equals("none") ? Seen.missing(failure) : Seen.degraded("by " + by + " only", failure);
            });
        }));
    }

    private static int firstProcessor(Machine machine) {
        String list = machine.text("/proc/self/status").orElse("").lines().filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.replaceFirst("[^:]*:\\s*([0-9]+).*", "$1")).findFirst().orElse("0");
        return list.matches("[0-9]{1,4}") ? Integer.parseInt(list) : 0;
    }

    /** Any whole disk, by its numbers, so that its node need not be there. */
    private static Optional<String> disk() {
        try (DirectoryStream<Path> disks = Files.newDirectoryStream(Path.of("/sys/block"))) {
            for (Path disk : disks) {
                String numbers = Files.readString(disk.resolve("dev")).trim();
                if (!disk.getFileName().toString().matches("(loop|ram|zram).*") && numbers.matches("[0-9]+:[0-9]+")) {
                    return Optional.of(numbers);
                }
            }
        } catch (IOException e) {
            // No sysfs here, as in some containers: then there is no disk to limit either.
            return Optional.empty();
        }
        return Optional.empty();
    }
}
