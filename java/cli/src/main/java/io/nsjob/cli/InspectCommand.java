package io.nsjob.cli;

import io.nsjob.JobRecord;
import io.nsjob.Jobs;
import io.nsjob.NamespaceReport;
import io.nsjob.cli.picture.InspectSvg;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** {@code nsjob inspect JOB}: one running job. */
final class InspectCommand {
    private static final LookLine.Grammar GRAMMAR =
        new LookLine.Grammar("inspect", List.of("-h,--help", "--json"), List.of("--svg"));

    private final Console console;

    InspectCommand(Console console) {
        this.console = console;
    }

    int run(String... args) throws UsageException, IOException {
        LookLine line = LookLine.parse(GRAMMAR, Arrays.asList(args));
        if (line.has("-h,--help")) {
            console.out().print(LookHelp.inspect(console.outStyle()));
            return ExitStatus.OK;
        }
        if (line.words().size() != 1) {
            throw new UsageException("inspect: exactly one job is needed, by its name or a pid; 'nsjob ps' lists them");
        }
        JobRecord job = Jobs.find(line.words().get(0));
        if (line.has("--svg")) {
            NsGraph.write(console, line.value("--svg").orElseThrow(), InspectSvg.of(job));
            return ExitStatus.OK;
        }
        console.out().print(line.has("--json") ? job.json() + "\n" : text(job, console.outStyle()));
        return ExitStatus.OK;
    }

    private static String text(JobRecord job, Style style) {
        StringBuilder text = new StringBuilder();
        entry(text, style, "job", job.name() + " (" + job.profile().jsonName() + ")");
        entry(text, style, "command", PsCommand.command(job));
        entry(text, style, "since", job.created() + " (" + PsCommand.since(Duration.between(job.created(), Instant.now())) + ")");
        entry(text, style, "pids", "main " + job.main().pid() + job.init().map(init -> ", init " + init.pid()).orElse("")
            + ", supervisor " + job.supervisor().pid());
        job.uidMap().forEach(range -> entry(text, style, "uid map", range.inside() + " " + range.outside() + " " + range.count()));
        job.gidMap().forEach(range -> entry(text, style, "gid map", range.inside() + " " + range.outside() + " " + range.count()));
        job.limits().forEach(limit -> entry(text, style, "limit", limit));
        job.cgroups().forEach(cgroup -> entry(text, style, "cgroup", cgroup));
        job.weakened().forEach(weakness -> entry(text, style, "weakened", weakness));
        NamespaceReport namespaces = job.namespaces();
        return text.append('\n').append(NamespaceTable.render(namespaces, style)).append('\n')
            .append(RunTrace.stages(job.stages(), style)).toString();
    }

    private static void entry(StringBuilder text, Style style, String name, String value) {
        text.append(style.bold(String.format("%-10s", name))).append(Console.oneLine(value)).append('\n');
    }
}
