package io.nsjob.internal.doctor;

import io.nsjob.Bind;
import io.nsjob.Capabilities;
import io.nsjob.Diagnosis.Failure;
import io.nsjob.IdMaps;
import io.nsjob.IdMapping;
import io.nsjob.IdRange;
import io.nsjob.Job;
import io.nsjob.JobHardening;
import io.nsjob.JobReport;
import io.nsjob.JobSpec;
import io.nsjob.LandlockMode;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Overlay;
import io.nsjob.RootKind;
import io.nsjob.SandboxException;
import io.nsjob.Seccomp;
import io.nsjob.StartOptions;
import io.nsjob.internal.doctor.Probe.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Every feature and the smallest job that uses it. Most jobs are held and never run: all is set up by then, the kernel has been
 * asked, and no program is needed.
 */
final class Probes {
    private static final List<NamespaceKind> OF_A_ROOT = List.of(NamespaceKind.MNT, NamespaceKind.PID);

    private final Machine machine;
    private final List<Probe> probes = new ArrayList<>();

    private Probes(Machine machine) {
        this.machine = machine;
    }

    /** In the order in which they are shown; profiles last, as all the others lead to them. */
    static List<Probe> all(Machine machine) {
        Probes all = new Probes(machine);
        for (NamespaceKind kind : NamespaceKind.values()) {
            all.add("namespaces." + kind.kernelName(), launcher -> all.namespace(launcher, kind));
        }
        all.ids();
        all.files();
        all.hardening();
        all.probes.addAll(LimitProbes.all(machine));
        all.probes.addAll(ToolProbes.all(machine));
        all.probes.addAll(ProfileProbes.all());
        return List.copyOf(all.probes);
    }

    private void add(String feature, Probe.Trial trial) {
        probes.add(new Probe(feature, trial));
    }

    /** Sets all up and asks for the report. */
    static Seen held(Launcher launcher, JobSpec.Builder spec, Function<JobReport, Seen> look) throws SandboxException,
        InterruptedException {
        try (Job job = launcher.start(spec.command("true").build(), StartOptions.held())) {
            return look.apply(job.report());
        }
    }

    /** A job of which nothing is new: whether the helper runs. */
    static Seen nothing(Launcher launcher) throws SandboxException, InterruptedException {
        return held(launcher, JobSpec.bare(), report -> Seen.ok(""));
    }

    /** New namespaces in a user namespace of the job's own, in which it is root. */
    static JobSpec.Builder inside(List<NamespaceKind> kinds) {
        List<NamespaceKind> all = new ArrayList<>(List.of(NamespaceKind.USER));
        all.addAll(kinds);
        return JobSpec.bare(all.toArray(new NamespaceKind[0])).idMaps(IdMaps.of(IdMaps.Preset.ROOT));
    }

    static JobSpec.Builder insideARoot() {
        return inside(OF_A_ROOT).root(RootKind.MINIMAL);
    }

    /** Root's way first, which needs no user namespace; then everybody's. A name is set to see that one may. */
    private Seen namespace(Launcher launcher, NamespaceKind kind) throws SandboxException, InterruptedException {
        Consumer<JobSpec.Builder> use = spec -> {
            if (kind == NamespaceKind.UTS) {
                spec.hostname("nsjob-doctor");
            }
        };
        if (kind != NamespaceKind.USER && machine.isRoot()) {
            try {
                JobSpec.Builder spec = JobSpec.bare(kind);
                use.accept(spec);
                return held(launcher, spec, report -> Seen.ok(""));
            } catch (SandboxException e) {
                if (e.errno() != Causes.EPERM) {
                    throw e;
                }
            }
        }
        JobSpec.Builder spec = kind == NamespaceKind.USER ? JobSpec.bare(kind) : inside(List.of(kind));
        use.accept(spec);
        return held(launcher, spec, report -> Seen.ok(""));
    }

    private void ids() {
        add("ids.one", launcher -> held(launcher, inside(List.of()), report -> Seen.ok(map(report.uidMap()))));
        add("ids.range", launcher -> held(launcher, JobSpec.bare(NamespaceKind.USER).idMaps(IdMaps.of(IdMaps.Preset.AUTO)),
            report -> range(report.uidMap().stream().mapToLong(IdRange::count).sum())));
    }

    private static Seen range(long ids) {
        return ids > 1 ? Seen.ok(ids + " ids")
            : Seen.degraded("1 id", new Failure("spec", "", 0, "", "there is one id in this user namespace"));
    }

    private static String map(List<IdRange> lines) {
        return lines.stream().map(line -> line.outside() + " is " + line.inside() + " inside").findFirst().orElse("");
    }

    private void files() {
        add("files.proc", launcher -> held(launcher, inside(OF_A_ROOT).freshProc(true), report -> Seen.ok("")));
        add("files.root", launcher -> held(launcher, insideARoot().freshProc(false), report -> Seen.ok("")));
        add("files.overlay", launcher -> held(launcher, insideARoot().freshProc(false)
            .overlay(Overlay.of("/overlay", "/usr/bin")),
            report -> Seen.ok("")));
        add("files.id-mapped", this::idMapped);
        add("files.terminal", launcher -> held(launcher, insideARoot().freshProc(false).terminal(true),
            report -> Seen.ok("")));
    }

    private Seen idMapped(Launcher launcher) throws SandboxException, InterruptedException {
        Path directory;
        try {
            directory = Files.createTempDirectory("nsjob-doctor");
        } catch (IOException e) {
            throw new SandboxException("state", "no temporary directory: " + e.getMessage(), e);
        }
        try {
            // What belongs to the caller belongs to a user's job without any mapping.
            JobSpec.Builder spec = insideARoot().freshProc(false)
                .bind(new Bind(directory.toString(), "/data", true, false, IdMapping.REQUIRED, false));
            return held(launcher, spec, report -> Seen.ok(machine.isRoot() ? "in " + directory.getParent()
                : "one's own files need none"));
        } finally {
            delete(directory);
        }
    }

    static void delete(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            directory.toFile().deleteOnExit();
        }
    }

    private void hardening() {
        add("hardening.seccomp", launcher -> held(launcher, inside(List.of()).noNewPrivileges(true).seccomp(Seccomp.DEFAULT),
            report -> seen(report.credentials().seccomp() == 2, "", "seccomp", "seccomp")));
        add("hardening.landlock", launcher -> held(launcher,
            insideARoot().freshProc(false).noNewPrivileges(true).landlock(LandlockMode.REQUIRED),
            report -> Seen.ok("ABI " + report.hardening().landlockAbi().orElse(0))));
        add("hardening.no-new-privileges", launcher -> held(launcher, inside(List.of()).noNewPrivileges(true),
            report -> seen(report.credentials().noNewPrivileges(), "", "no-new-privs", "prctl")));
        add("hardening.capabilities", launcher -> held(launcher, inside(List.of()).capabilities(Capabilities.NONE),
            report -> seen(report.credentials().capabilities().values().stream().allMatch("0000000000000000"::equals), "",
                "credentials", "capset")));
        add("hardening.keyring", launcher -> held(launcher, inside(List.of()).newKeyring(true),
            report -> seen(report.hardening().keyring() == JobHardening.Keyring.NEW, "", "keyring", "keyctl")));
        add("hardening.nesting", launcher -> held(launcher, inside(OF_A_ROOT).allowNestedUserNamespaces(false),
            report -> Seen.ok("")));
        add("hardening.clocks", launcher -> held(launcher, inside(List.of(NamespaceKind.TIME))
            .boottimeOffset(Duration.ofDays(30)),
            report -> Seen.ok("")));
    }

    private static Seen seen(boolean there, String detail, String stage, String syscall) {
        return there ? Seen.ok(detail)
            : Seen.degraded("", new Failure(stage, syscall, Causes.ENOSYS, "", "the kernel does not show it after " + syscall
            + "(2)"));
    }
}
