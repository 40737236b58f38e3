package io.nsjob.cli.demo;

import io.nsjob.JobReport;
import io.nsjob.JobResult;
import io.nsjob.JobSpec;
import io.nsjob.Launcher;
import io.nsjob.NamespaceKind;
import io.nsjob.Outcome;
import io.nsjob.SandboxException;
import io.nsjob.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a demo is played: its sessions, what its steps have left, and a directory to work in. */
final class Stage implements AutoCloseable {
    private static final Pattern INODE = Pattern.compile(".*\\[([0-9]+)]");

    private final Demo demo;
    private final Launcher launcher;
    private final Caller caller;
    private final Set<String> without;
    private final ScratchDirectory directory;
    private final Map<String, Shell> shells = new HashMap<>();
    private final Map<String, PlaceSpec> specs = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();
    private final NetworkJobs network;
    private final Ending ending;
    private Optional<Boolean> cgroups = Optional.empty();

    Stage(Demo demo, Launcher launcher, Caller caller, Set<String> without) throws IOException {
        this.demo = demo;
        this.launcher = launcher;
        this.caller = caller;
        this.without = without;
        directory = ScratchDirectory.create();
        network = new NetworkJobs(this, launcher);
        ending = Ending.of(this::end);
        values.put("dir", directory.path().toString());
        values.put("uid", Long.toString(caller.uid()));
        values.put("gid", Long.toString(caller.gid()));
        values.put("U", caller.privileged() ? "" : "-Ur ");
    }

    NetworkJobs network() {
        return network;
    }

    /** The session's shell, opened if it is not yet. */
    Shell shell(String session) throws SandboxException, InterruptedException {
        Shell shell = shells.get(session);
        if (shell == null) {
            PlaceSpec spec = spec(session);
            shell = Shell.open(launcher, JobSpec.fromJson(json(spec, List.of("sh"))));
            shells.put(session, shell);
        }
        return shell;
    }

    JobReport report(String session) {
        return shells.get(session).report();
    }

    String openLine(String session) {
        return spec(session).line("sh");
    }

    PlaceSpec spec(String session) {
        PlaceSpec known = specs.get(session);
        if (known == null) {
            known = spec(session.equals(Demo.HOST) ? Demo.Place.NOTHING_NEW : demo.sessions().get(session));
            specs.put(session, known);
        }
        return known;
    }

    private PlaceSpec spec(Demo.Place place) {
        Map<String, Object> job = new LinkedHashMap<>();
        place.job().forEach((name, value) -> job.put(name, filled(value)));
        return PlaceSpec.of(new Demo.Place(job, place.joins(), place.without()), caller.privileged(), without, this::ownNamespace);
    }

    /** The same with values for its variables. */
    private Object filled(Object value) {
        if (value instanceof String text) {
            return fill(text);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(this::filled).toList();
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> filled = new LinkedHashMap<>();
            map.forEach((name, field) -> filled.put((String) name, filled(field)));
            return filled;
        }
        return value;
    }

    /** Whether a user namespace is added to a place that joins no other. Its variables have no values yet. */
    boolean ownerAdded(Demo.Place place) {
        return PlaceSpec.of(place, caller.privileged(), without, (session, kind) -> "").ownerAdded();
    }

    /** Whether a limit of memory comes with a control group here. Tried once. */
    boolean cgroups() throws SandboxException, InterruptedException {
        if (cgroups.isEmpty()) {
            JobResult result = launcher.run(JobSpec.bare().command("true").memory(64L << 20).build());
            String enforcement = result.report().limits().enforcement().getOrDefault("memory", "");
            cgroups = Optional.of(enforcement.startsWith("cgroup"));
        }
        return cgroups.get();
    }

    /** The file of a namespace that the session has of its own; empty if it is the host's. */
    private String ownNamespace(String session, String kind) {
        if (!spec(session).kinds().contains(kind)) {
            return "";
        }
        try {
            return "/proc/" + shell(session).report().hostPid() + "/ns/" + kind;
        } catch (SandboxException e) {
            throw new DemoException(session + ": " + Failure.describe(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted");
        }
    }

    private String json(PlaceSpec spec, List<String> command) {
        return spec.json(command, caller.environment(), directory.path().toString());
    }

    /** The spec of a step with a job of its own. */
    PlaceSpec single(Demo.Single act) {
        Map<String, String> joins = new LinkedHashMap<>();
        act.of().ifPresent(session -> {
            for (NamespaceKind kind : NamespaceKind.values()) {
                joins.put(kind.kernelName(), session);
            }
        });
        joins.putAll(act.place().joins());
        return spec(new Demo.Place(act.place().job(), joins, act.place().without()));
    }

    JobResult run(PlaceSpec spec, List<String> command, Duration timeout) throws SandboxException, InterruptedException {
        JobSpec job = JobSpec.fromJson(json(spec, command));
        return launcher.run(job.wallTime().isPresent() ? job : job.toBuilder().wallTime(timeout).build());
    }

    /** Whether the caller is root in a session or job. */
    static boolean root(JobReport report) {
        return report.credentials().uid().inside().orElse(-1) == 0;
    }

    String fill(String text) {
        return Template.fill(text, this::value);
    }

    void keep(String step, Demo.Step as, Output output) {
        values.put(step + ".out", output.value());
        values.put(step + ".err", Output.strip(output.err()));
        values.put(step + ".status", Integer.toString(output.status()));
        as.captures().forEach((name, regex) -> {
            Matcher matcher = Check.pattern(regex).matcher(output.out());
            if (matcher.find()) {
                values.put(step + "." + name, matcher.group(1));
            }
        });
    }

    /** How the job of a step ended, as the result has it. */
    void keep(String step, Outcome outcome) {
        values.put(step + ".outcome", outcome.kind().jsonName());
    }

    boolean has(String variable) {
        return values.containsKey(variable);
    }

    private Optional<String> value(String variable) {
        String kept = values.get(variable);
        int dot = variable.indexOf('.');
        if (kept != null || dot < 0) {
            return Optional.ofNullable(kept);
        }
        String session = variable.substring(0, dot);
        if (!session.equals(Demo.HOST) && !demo.sessions().containsKey(session)) {
            return Optional.empty();
        }
        try {
            return of(shell(session), variable.substring(dot + 1));
        } catch (SandboxException e) {
            throw new DemoException(session + ": " + Failure.describe(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Optional<String> of(Shell shell, String what) {
        JobReport report = shell.report();
        return switch (what) {
            case "pid" -> Optional.of(Long.toString(report.hostPid()));
            case "inside" -> Optional.of(Long.toString(report.insidePid()));
            case "init" -> report.initPid().isPresent() ? Optional.of(Long.toString(report.initPid().getAsLong())) : Optional.empty();
            default -> inode(report, what.substring("ns.".length()));
        };
    }

    /** As it is now; for a session that has ended, as it was. */
    private static Optional<String> inode(JobReport report, String kind) {
        try {
            String link = Files.readSymbolicLink(Path.of("/proc/" + report.hostPid() + "/ns/" + kind)).toString();
            Matcher matcher = INODE.matcher(link);
            if (matcher.matches()) {
                return Optional.of(matcher.group(1));
            }
        } catch (IOException e) {
            // It has ended, or the kernel shows its namespaces to nobody else: what was read before its start is left.
            return reported(report, kind);
        }
        return reported(report, kind);
    }

    private static Optional<String> reported(JobReport report, String kind) {
        return NamespaceKind.ofKernelName(kind).map(known -> Long.toString(report.namespaces().get(known).inode()));
    }

    @Override
    public void close() {
        end();
        ending.close();
    }

    private void end() {
        network.close();
        new ArrayList<>(shells.values()).forEach(Shell::close);
        directory.close();
    }
}
