package io.nsjob.cli;

import io.nsjob.JobRecord;
import io.nsjob.Jobs;
import io.nsjob.NamespaceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code nsjob ps}: the running jobs that have a name. */
final class PsCommand {
    private static final LookLine.Grammar GRAMMAR = new LookLine.Grammar("ps", List.of("-h,--help", "--json"), List.of());

    private final Console console;

    PsCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException {
        LookLine line = LookLine.parse(GRAMMAR, Arrays.asList(args));
        if (line.has("-h,--help")) {
            console.out().print(LookHelp.ps(console.outStyle()));
            return ExitStatus.OK;
        }
        if (!line.words().isEmpty()) {
            throw new UsageException("ps: takes no argument, not " + line.words().get(0) + "; 'nsjob inspect' shows one job");
        }
        List<JobRecord> jobs = Jobs.list();
        console.out().print(line.has("--json") ? json(jobs) + "\n" : table(jobs, Instant.now()).render(console.outStyle()));
        return ExitStatus.OK;
    }

    /** The kinds of namespaces that were made for a job. */
    static String kinds(JobRecord job) {
        return job.namespaces().all().stream().filter(entry -> entry.mode() != NamespaceReport.Mode.INHERIT)
            .map(entry -> entry.kind().kernelName()).collect(Collectors.joining(","));
    }

    private static Columns table(List<JobRecord> jobs, Instant now) {
        Columns table = new Columns(List.of("NAME", "PID", "PROFILE", "KINDS", "SINCE", "COMMAND"), Set.of("PID", "SINCE"));
        for (JobRecord job : jobs) {
            table.row(job.name(), job.main().pid(), job.profile().jsonName(), kinds(job), since(Duration.between(job.created(), now)),
                command(job));
        }
        return table;
    }

    /** For people: a sandbox has no command of its own. */
    static String command(JobRecord job) {
        return job.command().isEmpty() ? "(sandbox)" : String.join(" ", job.command());
    }

    /** In the two largest units. */
    static String since(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + seconds % 60 + "s";
        }
        return seconds < 86_400 ? seconds / 3600 + "h" + seconds / 60 % 60 + "m" : seconds / 86_400 + "d" + seconds / 3600 % 24 + "h";
    }

    private static String json(List<JobRecord> jobs) {
        List<Object> list = new ArrayList<>();
        for (JobRecord job : jobs) {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("name", job.name());
            tree.put("pid", job.main().pid());
            tree.put("supervisor", job.supervisor().pid());
            tree.put("profile", job.profile().jsonName());
            tree.put("kinds", Arrays.asList(kinds(job).split(",")));
            tree.put("created", job.created().toString());
            tree.put("command", job.command());
            list.add(tree);
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("nsjob", 1);
        document.put("jobs", list);
        return JsonTree.pretty(document);
    }
}
